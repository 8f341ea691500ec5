package dev.shunt.tablet.manager;

import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.Throttler;
import dev.shunt.tablet.VReplicationEngine;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.database.Fences;
import dev.shunt.tablet.query.QueryExecutor;
import dev.shunt.tablet.rpc.Rpc;
import dev.shunt.tabletclient.WatchStreams;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.time.Duration;
import java.util.List;

/**
 * Vitess's TabletManager service, as far as workflows on MySQL tables need it, put together from
 * its parts. Other calls answer UNIMPLEMENTED and say why.
 */
public final class TabletManagerService implements AutoCloseable {
  private static final Duration LOCK_LIMIT = Duration.ofMinutes(1);

  private final Workflows workflows;
  private final TableLock tableLock;
  private final StreamWatch watch;
  private final ServerServiceDefinition definition;

  /**
   * Serves one tablet.
   *
   * @param pool gives fresh sessions to administrators
   */
  public TabletManagerService(
      TabletIdentity identity,
      ConnectionPool pool,
      Fences fences,
      StreamStore store,
      VReplicationEngine engine,
      QueryExecutor executor,
      StreamWatch watch,
      Throttler throttler,
      RoleControl role) {
    this.workflows = new Workflows(identity, store);
    this.tableLock = new TableLock(identity.database(), pool, LOCK_LIMIT);
    this.watch = watch;
    Administration administration = new Administration(identity, pool, fences);
    ServerPosition position = new ServerPosition(pool);
    this.definition =
        CombinedService.of(
            List.of(
                new ServerCalls(administration, position, tableLock),
                new RoleCalls(role, pool),
                new StatusCalls(pool),
                new ReplicationCalls(identity, pool, position, role),
                new ThrottlerCalls(identity, throttler, role),
                new StatementCalls(administration, executor, position),
                new StreamCalls(workflows, store, engine, administration),
                new TableDataCalls(identity, administration, throttler)),
            MissingCalls.reasons());
  }

  /** The service for a gRPC server. */
  public ServerServiceDefinition definition() {
    return definition;
  }

  /** The method by which streams are watched. */
  public ServerMethodDefinition<?, ?> watchMethod() {
    return WatchStreams.method((request, observer) ->
        Rpc.stream("watch-streams", observer, sink -> watch.watch(workflows, request, sink)));
  }

  @Override
  public void close() {
    tableLock.close();
  }
}
