package dev.shunt.router;

import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.Topo;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.sql.SqlStatement;
import io.grpc.Status;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends an application's statements to the primaries that the topology names: it follows routing
 * rules and vindexes, and where a table is denied because it is being switched it holds the
 * statement until the switch has ended instead of failing it. Safe for use by many threads.
 *
 * <p>What it holds was refused by the tablet before it was carried out, or was not sent at all; so
 * nothing is carried out twice.
 */
public final class TrafficRouter implements AutoCloseable {
  private static final int PARSED_STATEMENTS = 2000;

  private final RoutingTable routing;
  private final TabletClients clients;
  private final RouterConfig config;
  private final SqlParser parser = SqlParser.create();
  private final Map<String, SqlStatement> parsed = new ConcurrentHashMap<>();

  /** Follows the topology from now on; the clients stay the caller's to close. */
  public TrafficRouter(Topo topo, TabletClients clients, RouterConfig config) {
    this.clients = clients;
    this.config = config;
    this.routing = new RoutingTable(topo, config.cell());
  }

  /**
   * Waits until the router knows a primary for every shard of a keyspace.
   *
   * @return whether it does
   */
  public boolean awaitKeyspace(String keyspace, Duration wait) throws InterruptedException {
    return routing.awaitKeyspace(keyspace, wait);
  }

  /**
   * Carries out one statement.
   *
   * @param keyspace keyspace that unqualified tables are looked up in; empty to go by routing rules
   *     alone
   * @param sql statement with bind variables written {@code :name}
   * @param binds their values: String, byte[], Integer, Long, BigDecimal, Double, Boolean or null
   * @throws RoutingException when it was not carried out, or nobody knows
   */
  public Query.QueryResult execute(
      String keyspace, String sql, Map<String, ? extends @Nullable Object> binds)
      throws InterruptedException {
    Query.BoundQuery query = bound(sql, binds);
    return hold(
        sql,
        snapshot -> {
          Route.To route = to(route(snapshot, keyspace, query));
          Query.QueryResult.@Nullable Builder all = null;
          for (Topodata.Tablet primary : route.primaries()) {
            TabletClient client = clients.of(primary);
            Query.QueryResult part =
                client.execute(
                    Query.ExecuteRequest.newBuilder()
                        .setTarget(client.target())
                        .setQuery(query)
                        .build());
            all = all == null ? part.toBuilder() : all.addAllRows(part.getRowsList());
          }
          return all == null ? Query.QueryResult.getDefaultInstance() : all.build();
        });
  }

  /**
   * Carries out several statements in one transaction on one shard. When a table of it is denied
   * the transaction is rolled back and, once the switch has ended, the work is run again from its
   * start: it must have no other effect than its statements.
   *
   * @throws RoutingException when it was not committed, or nobody knows
   */
  public <T> T transaction(String keyspace, Function<RoutedTransaction, T> work)
      throws InterruptedException {
    return hold(
        "transaction",
        snapshot -> {
          RoutedTransaction transaction = new RoutedTransaction(this, snapshot, keyspace);
          try {
            T result = work.apply(transaction);
            transaction.commit();
            return result;
          } finally {
            transaction.end();
          }
        });
  }

  Route route(RoutingSnapshot snapshot, String keyspace, Query.BoundQuery query) {
    return StatementRouter.route(
        snapshot,
        keyspace,
        Topodata.TabletType.PRIMARY,
        parse(query.getSql()),
        query.getBindVariablesMap());
  }

  TabletClient client(Topodata.Tablet tablet) {
    return clients.of(tablet);
  }

  static Query.BoundQuery bound(String sql, Map<String, ? extends @Nullable Object> binds) {
    return Query.BoundQuery.newBuilder().setSql(sql).putAllBindVariables(Binds.of(binds)).build();
  }

  static Route.To to(Route route) {
    return switch (route) {
      case Route.To to -> to;
      case Route.Held held -> throw new HeldException(held.reason(), true);
    };
  }

  private SqlStatement parse(String sql) {
    SqlStatement known = parsed.get(sql);
    if (known != null) {
      return known;
    }
    try {
      SqlStatement statement = parser.parse(sql);
      if (parsed.size() >= PARSED_STATEMENTS) {
        parsed.clear();
      }
      parsed.put(sql, statement);
      return statement;
    } catch (SqlException e) {
      throw new RoutingException(RoutingException.Kind.REFUSED, e.getMessage(), e);
    }
  }

  private <T> T hold(String what, Function<RoutingSnapshot, T> attempt)
      throws InterruptedException {
    long deadline = System.nanoTime() + config.holdTimeout().toNanos();
    while (true) {
      RoutingSnapshot snapshot = routing.snapshot();
      String reason;
      boolean told;
      try {
        return attempt.apply(snapshot);
      } catch (HeldException e) {
        reason = e.getMessage();
        told = e.byTopology();
      } catch (TabletException e) {
        if (!denied(e)) {
          throw failure(e);
        }
        reason = e.getMessage();
        told = false;
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new RoutingException(
            RoutingException.Kind.HELD_TOO_LONG,
            "%s was held for %s: %s".formatted(what, config.holdTimeout(), reason));
      }
      // What the topology denies it will also tell the end of; a tablet's refusal it may have told
      // already.
      long wait = told ? left : Math.min(left, config.retryDelay().toNanos());
      routing.awaitNewer(snapshot.number(), Duration.ofNanos(wait));
    }
  }

  static boolean denied(TabletException e) {
    return String.valueOf(e.getMessage()).contains("disallowed due to rule");
  }

  private static RoutingException failure(TabletException e) {
    Status.Code code = e.code();
    boolean uncertain =
        code == Status.Code.UNAVAILABLE
            || code == Status.Code.DEADLINE_EXCEEDED
            || code == Status.Code.CANCELLED
            || (code == Status.Code.UNKNOWN && e.mysqlErrno() == 0);
    return new RoutingException(
        uncertain ? RoutingException.Kind.UNCERTAIN : RoutingException.Kind.FAILED,
        String.valueOf(e.getMessage()),
        e);
  }

  @Override
  public void close() {
    routing.close();
  }
}
