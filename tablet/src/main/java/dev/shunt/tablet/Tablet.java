package dev.shunt.tablet;

import dev.shunt.mysql.ConnectOptions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.SqlText;
import dev.shunt.net.GrpcServer;
import dev.shunt.service.Service;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.database.Fences;
import dev.shunt.tablet.database.SidecarSchema;
import dev.shunt.tablet.manager.StreamStore;
import dev.shunt.tablet.manager.StreamWatch;
import dev.shunt.tablet.manager.TabletManagerService;
import dev.shunt.tablet.ownership.Ownership;
import dev.shunt.tablet.ownership.OwnershipSettings;
import dev.shunt.tablet.preflight.CheckCalls;
import dev.shunt.tablet.preflight.Preflight;
import dev.shunt.tablet.query.QueryExecutor;
import dev.shunt.tablet.query.QueryService;
import dev.shunt.tablet.query.ServingState;
import dev.shunt.tablet.query.StatementGate;
import dev.shunt.tablet.rpc.CallHeaders;
import dev.shunt.tabletclient.ShuntTablet;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.sql.SqlParser;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.vitess.proto.Topodata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import vttime.Vttime;

/**
 * A tablet beside one database: it makes its sidecar tables, registers in the topology, serves
 * Vitess's TabletManager and Query, and runs the streams that stand in its sidecar. Several may
 * live in one process, each on a port of its own. Closing leaves its record in the topology, as a
 * vttablet does.
 *
 * <pre>
 *   new ──start()──▶ sidecar made ▸ alias taken ▸ denied tables read ▸ server up ▸ registered ▸
 *                    serving ──another process takes the alias──▶ not serving, for good
 *       ──close()──▶ not serving ▸ calls ended ▸ streams stopped ▸ connections closed
 * </pre>
 */
public final class Tablet implements Service {
  private static final Logger log = LoggerFactory.getLogger(Tablet.class);
  private static final int MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
  private static final int ADMIN_CONNECTIONS = 32;
  private static final Duration DATABASE_WAIT = Duration.ofSeconds(30);
  private static final Duration DATABASE_RETRY = Duration.ofMillis(200);
  private static final Duration END_WAIT = Duration.ofSeconds(2);
  private static final int BAD_DATABASE = 1049;

  private final TabletConfig config;
  private volatile TabletIdentity identity;
  private final Topo topo;
  private final TabletParts parts;
  private final ServingState serving;
  private final HealthStatusManager health = new HealthStatusManager();
  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private @Nullable GrpcServer server;
  private volatile @Nullable VReplicationEngine streams;

  /** Makes a tablet; nothing happens before {@link #start()}. */
  public Tablet(TabletConfig config, Topo topo, TabletParts parts) {
    this.config = config;
    this.identity = config.identity();
    this.topo = topo;
    this.parts = parts;
    this.serving = new ServingState(new ServingState.Role(config.type(), 0));
  }

  @Override
  public String name() {
    return "tablet";
  }

  /** Which tablet this is. */
  public TabletIdentity identity() {
    return identity;
  }

  /**
   * Starts it.
   *
   * @throws MysqlException when the database can't be reached within half a minute
   * @throws RpcException when another process that lives has the alias, or the server has no such
   *     database and none is to be made
   * @throws TopoException when the topology can't be reached
   */
  @Override
  public void start() {
    try {
      startUp();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw new IllegalStateException("interrupted while the tablet started", e);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void startUp() throws InterruptedException {
    prepareDatabase();
    prepareShard();
    String configured = identity.database();
    identity = identity.withDatabase(spelledDatabase());
    // A start that can't listen must take nothing away from a process that serves.
    FreePort.await(config.host(), config.grpcPort(), identity.aliasText());
    FreePort.await(config.host(), config.httpPort(), identity.aliasText());
    Ownership ownership =
        keep(new Ownership(identity, endpoint(), OwnershipSettings.DEFAULT, this::superseded));
    ownership.take();
    // What the topology says is read after this: a predecessor may not have learned of it.
    FirstRole first = FirstRole.of(topo, identity, config.type(), Instant.now());
    serving.become(new ServingState.Role(first.type(), 0), serving.reason());
    MysqlEndpoint endpoint =
        endpoint().withDatabase(identity.database()).withGate(ownership.gate());
    renameStreams(endpoint, configured);
    ConnectionPool app = pool("app", endpoint, false, false);
    ConnectionPool appFound = pool("app-found-rows", endpoint, true, false);
    ConnectionPool transactions = pool("transaction", endpoint, false, false);
    ConnectionPool transactionsFound = pool("transaction-found-rows", endpoint, true, false);
    ConnectionPool admin =
        keep(
            new ConnectionPool(
                "admin",
                endpoint,
                ConnectOptions.DEFAULT,
                ADMIN_CONNECTIONS,
                config.poolWait(),
                true));
    CheckCalls checks = new CheckCalls(identity, admin);
    checks.warn();
    StatementGate gate =
        new StatementGate(identity.database(), identity.sidecar(), SqlParser.create());
    ShardState state = new ShardState(topo, identity, () -> serving.role().type(), gate, admin);
    state.refresh(config.refreshWait());

    Throttler throttler = keep(new Throttler(config.throttler(), endpoint));
    TabletParts.Context context =
        new TabletParts.Context(
            identity, endpoint, topo, throttler, config.maxTimeToRetryOnError());
    VStreamer streamer = keep(parts.streamer(context));
    VReplicationEngine engine = keep(parts.engine(context));
    streams = engine;
    StreamWatch watch = new StreamWatch();
    keep(watch.follow(engine));
    Fences fences = new Fences(identity.sidecar(), topo);
    StreamStore store =
        new StreamStore(
            identity.sidecar(),
            identity.database(),
            admin,
            fences,
            engine,
            this::isPrimary,
            watch::changed);
    QueryExecutor executor =
        keep(
            new QueryExecutor(
                app, appFound, transactions, transactionsFound, gate, config.transactionTimeout()));
    TabletRole role =
        new TabletRole(
            topo,
            identity,
            serving,
            state,
            executor,
            store,
            engine,
            config.refreshWait(),
            InstantSource.system(),
            ownership::verify);
    TabletManagerService manager =
        keep(
            new TabletManagerService(
                identity, admin, fences, store, engine, executor, watch, throttler, role));
    QueryService query =
        new QueryService(identity, serving, executor, streamer, config.healthInterval());
    GrpcServer started = startServer(manager, query, checks, parts.interceptors(context));
    server = started;
    Succession succession = keep(new Succession(identity, role));
    state.follow(succession::read);
    keep(topo.watch(Topo.GLOBAL_CELL, state.path(), state::onEvent));
    StatusPage page = keep(new StatusPage(config.host(), config.httpPort(), identity.aliasText()));
    role.begin(record(started.port(), page.port(), first));
    succession.lookAgain();
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    log.atInfo()
        .addKeyValue("tablet", identity.aliasText())
        .addKeyValue("keyspace", identity.keyspace())
        .addKeyValue("shard", identity.shard())
        .addKeyValue("port", started.port())
        .log("tablet serves");
  }

  /** Another process is the tablet now; the database takes nothing more from this one. */
  private void superseded() {
    serving.end("another process has taken over tablet " + identity.aliasText());
    health.enterTerminalState();
    VReplicationEngine engine = streams;
    if (engine != null) {
      engine.close();
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    toClose.push(part);
    return part;
  }

  private ConnectionPool pool(
      String name, MysqlEndpoint endpoint, boolean foundRows, boolean resetOnReturn) {
    return keep(
        new ConnectionPool(
            name,
            endpoint,
            foundRows
                ? ConnectOptions.DEFAULT.forApplication().withFoundRows()
                : ConnectOptions.DEFAULT.forApplication(),
            config.poolSize(),
            config.poolWait(),
            resetOnReturn));
  }

  private MysqlEndpoint endpoint() {
    return new MysqlEndpoint(
            config.mysqlHost(),
            config.mysqlPort(),
            config.mysqlUser(),
            Password.of(config.mysqlPassword().reveal()),
            null)
        .withSocket(config.mysqlSocket().isEmpty() ? null : config.mysqlSocket())
        .withTls(config.mysqlTls().toTls());
  }

  /**
   * Waits for a server that is starting, and makes what is missing in it. The database itself is
   * made only where that is wanted: a name that was mistyped must not become an empty database.
   * That of a replica may still be on its way from the source.
   */
  private void prepareDatabase() throws InterruptedException {
    long deadline = System.nanoTime() + DATABASE_WAIT.toNanos();
    while (true) {
      try (MysqlConnection connection = MysqlConnection.open(endpoint())) {
        if (config.createDatabase()) {
          SidecarSchema.createDatabase(connection, identity.database());
        } else {
          boolean wait = config.type() != Topodata.TabletType.PRIMARY;
          requireDatabase(connection, wait && System.nanoTime() - deadline < 0);
        }
        SidecarSchema.create(connection, identity.sidecar());
        return;
      } catch (MysqlException e) {
        boolean mayCome = e.connectionLost() || e.errno() == BAD_DATABASE;
        if (!mayCome || System.nanoTime() - deadline > 0) {
          throw e;
        }
        TimeUnit.NANOSECONDS.sleep(DATABASE_RETRY.toNanos());
      }
    }
  }

  /** MysqlException BAD_DATABASE when it may still come, RpcException when it is missing. */
  private void requireDatabase(MysqlConnection connection, boolean mayCome) {
    try {
      connection.use(identity.database());
    } catch (MysqlException e) {
      if (mayCome || e.errno() != BAD_DATABASE) {
        throw e;
      }
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "tablet %s: server %s has no database %s; create it there, mend the name, or set createDatabase"
              .formatted(identity.aliasText(), endpoint().address(), identity.database()));
    }
  }

  /**
   * The database's name as the server spells it, which its log has, whatever the configuration
   * says: a server may take several spellings for one.
   */
  private String spelledDatabase() {
    try (MysqlConnection connection = MysqlConnection.open(endpoint())) {
      connection.use(identity.database());
      return Preflight.currentDatabase(connection);
    }
  }

  /** Streams that stand there under another spelling become those of the database. */
  private void renameStreams(MysqlEndpoint endpoint, String configured) {
    if (identity.database().equals(configured)) {
      return;
    }
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      QueryResult renamed =
          connection.execute(
              "UPDATE "
                  + SqlText.identifier(identity.sidecar())
                  + ".vreplication SET db_name = "
                  + SqlText.literal(identity.database())
                  + " WHERE db_name = "
                  + SqlText.literal(configured));
      log.atInfo()
          .addKeyValue("tablet", identity.aliasText())
          .addKeyValue("configured", configured)
          .addKeyValue("database", identity.database())
          .addKeyValue("streams", renamed.affectedRows())
          .log("the server spells the database in another way");
    }
  }

  /** Makes keyspace and shard where they are missing, as vttablet does. */
  private void prepareShard() {
    if (topo.keyspace(identity.keyspace()).isEmpty()) {
      createIfMissing(() ->
          topo.createKeyspace(
              identity.keyspace(),
              Topodata.Keyspace.newBuilder()
                  .setDurabilityPolicy("none")
                  .setSidecarDbName(identity.sidecar())
                  .build()));
    }
    if (topo.shard(identity.keyspace(), identity.shard()).isEmpty()) {
      createIfMissing(() -> topo.createShard(identity.keyspace(), identity.shard()));
    }
  }

  private static void createIfMissing(Runnable create) {
    try {
      create.run();
    } catch (TopoException e) {
      if (e.kind() != TopoException.Kind.NODE_EXISTS) {
        throw e;
      }
    }
  }

  private boolean isPrimary() {
    return serving.role().type() == Topodata.TabletType.PRIMARY;
  }

  private Topodata.Tablet record(int port, int httpPort, FirstRole first) {
    Topodata.Tablet.Builder tablet =
        Topodata.Tablet.newBuilder()
            .setAlias(identity.alias())
            .setHostname(config.host())
            .putPortMap("grpc", port)
            .putPortMap("vt", httpPort)
            .setKeyspace(identity.keyspace())
            .setShard(identity.shard())
            .setType(first.type())
            .setDbNameOverride(identity.database())
            .setMysqlHostname(config.mysqlHost())
            .setMysqlPort(config.mysqlPort());
    KeyRange range = KeyRange.ofShard(identity.shard());
    if (!range.isFull()) {
      tablet.setKeyRange(range.toProto());
    }
    if (first.type() == Topodata.TabletType.PRIMARY) {
      Instant since = first.since();
      tablet.setPrimaryTermStartTime(
          Vttime.Time.newBuilder()
              .setSeconds(since.getEpochSecond())
              .setNanoseconds(since.getNano()));
    }
    return tablet.build();
  }

  private GrpcServer startServer(
      TabletManagerService manager,
      QueryService query,
      CheckCalls checks,
      List<ServerInterceptor> before) {
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("tablet-" + config.uid() + "-call-", 0).factory());
    keep(threads::shutdownNow);
    try {
      GrpcServer.Builder builder =
          GrpcServer.on(config.host(), config.grpcPort(), threads)
              .maxMessageBytes(MAX_MESSAGE_BYTES)
              .permitKeepAlive(Duration.ofSeconds(5))
              // A peer that vanished must not keep a snapshot or a stream open.
              .keepAlive(Duration.ofSeconds(30))
              .endWait(END_WAIT)
              .intercept(new CallHeaders())
              .service(manager.definition())
              .service(
                  ShuntTablet.service(
                      manager.watchMethod(),
                      query.snapshotMethod(),
                      checks.sourceMethod(),
                      checks.targetMethod()))
              .service(query.definition())
              .health(health)
              .reflection();
      before.forEach(builder::intercept); // what is added last comes first
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "tablet " + identity.aliasText() + " can't listen on port " + config.grpcPort(), e);
    }
  }

  /** The port of its gRPC server. */
  public int grpcPort() {
    if (server == null) {
      throw new IllegalStateException("the tablet is not started");
    }
    return server.port();
  }

  @Override
  public Map<String, String> endpoints() {
    return server == null ? Map.of() : Map.of("grpc", config.host() + ":" + server.port());
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    serving.end("the tablet is shutting down");
    health.enterTerminalState();
    if (server != null) {
      server.close();
    }
    while (!toClose.isEmpty()) {
      try {
        toClose.pop().close();
      } catch (Exception e) {
        log.atWarn().setCause(e).log("a part of the tablet did not close");
      }
    }
  }
}
