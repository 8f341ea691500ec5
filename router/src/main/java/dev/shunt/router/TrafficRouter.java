package dev.shunt.router;

import dev.shunt.tabletclient.CallEffect;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.Topo;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.sql.SqlStatement;
import dev.shunt.workflow.sql.StatementKind;
import dev.shunt.workflow.sql.lexer.ExecutableComments;
import io.grpc.Status;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends an application's statements to the primaries that the topology names: it follows routing
 * rules and vindexes, and where a table is denied because it is being switched it holds the
 * statement until the switch has ended instead of failing it; so it does where the tablet, or its
 * database, is away. Safe for use by many threads.
 *
 * <p>What it holds was surely not carried out, so nothing is carried out twice:
 *
 * <pre>
 *   not sent; refused as denied, not serving, of another type; its database not reached ▸ held
 *   a transaction that broke before its COMMIT went out ▸ held, its work is run again
 *   refused otherwise; an error of the database ▸ FAILED
 *   an answer that never came, or one that says nothing, to a statement or a COMMIT ▸ UNCERTAIN
 *   an error of a procedure, or of anything after one in a transaction ▸ UNCERTAIN
 * </pre>
 */
public final class TrafficRouter implements AutoCloseable {
  private static final int PARSED_STATEMENTS = 2000;

  /** The topology reports a tablet that starts, but not a database. */
  private static final Duration AWAY_RETRY = Duration.ofMillis(50);

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
            Query.QueryResult part = execute(client, query);
            all = all == null ? part.toBuilder() : all.addAllRows(part.getRowsList());
          }
          return all == null ? Query.QueryResult.getDefaultInstance() : all.build();
        });
  }

  private Query.QueryResult execute(TabletClient client, Query.BoundQuery query) {
    try {
      return client.execute(
          Query.ExecuteRequest.newBuilder().setTarget(client.target()).setQuery(query).build());
    } catch (TabletException e) {
      if (e.begunByServer() && mayCommit(query.getSql())) {
        throw uncertain(e);
      }
      throw e;
    }
  }

  /**
   * Carries out several statements in one transaction on one shard. When a table of it is denied,
   * or its tablet goes away before the COMMIT is sent, the transaction is rolled back and the work
   * is run again later from its start: it must have no other effect than its statements. Behind the
   * call of a procedure, which may commit, nothing is run again; whatever fails then is UNCERTAIN.
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
          } catch (HeldException | TabletException | RoutingException e) {
            throw transaction.mayHaveCommitted() ? uncertain(e) : e;
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
      case Route.Held held -> throw HeldException.byTopology(held.reason());
    };
  }

  private SqlStatement parse(String sql) {
    SqlStatement known = parsed.get(sql);
    if (known != null) {
      return known;
    }
    try {
      SqlStatement statement = parsed(sql);
      if (parsed.size() >= PARSED_STATEMENTS) {
        parsed.clear();
      }
      parsed.put(sql, statement);
      return statement;
    } catch (SqlException e) {
      throw new RoutingException(RoutingException.Kind.REFUSED, String.valueOf(e.getMessage()), e);
    }
  }

  /** As every server reads it: the router does not know what server it will be. */
  private SqlStatement parsed(String sql) {
    @Nullable SqlStatement statement = null;
    for (String reading : ExecutableComments.readings(sql)) {
      SqlStatement read = parser.parse(reading);
      if (statement != null && !statement.equals(read)) {
        throw new RoutingException(
            RoutingException.Kind.REFUSED,
            "which rows the statement is about depends on the server's version: send it without"
                + " executable comments");
      }
      statement = read;
    }
    return Objects.requireNonNull(statement);
  }

  private <T> T hold(String what, Function<RoutingSnapshot, T> attempt)
      throws InterruptedException {
    long deadline = System.nanoTime() + config.holdTimeout().toNanos();
    while (true) {
      RoutingSnapshot snapshot = routing.snapshot();
      HeldException held;
      try {
        return attempt.apply(snapshot);
      } catch (HeldException e) {
        held = e;
      } catch (TabletException e) {
        held = heldOrThrow(e);
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new RoutingException(
            RoutingException.Kind.HELD_TOO_LONG,
            "%s was held for %d ms: %s"
                .formatted(what, config.holdTimeout().toMillis(), held.getMessage()));
      }
      routing.awaitNewer(snapshot.number(), Duration.ofNanos(Math.min(left, wait(held))));
    }
  }

  /** How long to wait for news of the topology at most, in nanoseconds. */
  private long wait(HeldException held) {
    return switch (held.why()) {
      // What the topology denies it will also report the end of.
      case TOPOLOGY -> Long.MAX_VALUE;
      // Of a tablet's refusal it may have reported the end already.
      case DENIED -> config.retryDelay().toNanos();
      case AWAY -> Math.max(config.retryDelay().toNanos(), AWAY_RETRY.toNanos());
    };
  }

  private static HeldException heldOrThrow(TabletException e) {
    if (denied(e)) {
      return HeldException.denied(String.valueOf(e.getMessage()));
    }
    if (e.elsewhereOrLater()) {
      return HeldException.away(String.valueOf(e.getMessage()));
    }
    throw failure(e);
  }

  static boolean denied(TabletException e) {
    return String.valueOf(e.getMessage()).contains("disallowed due to rule");
  }

  /** Of a statement that commits by itself, or a COMMIT. */
  private static RoutingException failure(TabletException e) {
    return new RoutingException(
        e.effect() == CallEffect.NONE
            ? RoutingException.Kind.FAILED
            : RoutingException.Kind.UNCERTAIN,
        String.valueOf(e.getMessage()),
        e);
  }

  private static RoutingException uncertain(RuntimeException cause) {
    return new RoutingException(
        RoutingException.Kind.UNCERTAIN, String.valueOf(cause.getMessage()), cause);
  }

  /** Whether a statement may have committed when it ends: a procedure does what it likes. */
  boolean mayCommit(String sql) {
    return parse(sql).kind() == StatementKind.OTHER;
  }

  /**
   * Of a statement in a transaction whose COMMIT was not sent: nothing of it is left, whatever
   * became of the statement, unless that may commit by itself.
   */
  RuntimeException beforeCommit(String sql, TabletException e) {
    String message = String.valueOf(e.getMessage());
    if ((e.effect() == CallEffect.UNKNOWN || e.begunByServer()) && mayCommit(sql)) {
      return uncertain(e);
    }
    if (denied(e)) {
      return HeldException.denied(message);
    }
    if (e.elsewhereOrLater() || e.code() == Status.Code.UNAVAILABLE || transactionGone(e)) {
      return HeldException.away(message);
    }
    return new RoutingException(RoutingException.Kind.FAILED, message, e);
  }

  /** Of a COMMIT: a transaction that its tablet does not know any more was rolled back. */
  static RuntimeException atCommit(TabletException e) {
    return transactionGone(e) ? HeldException.away(String.valueOf(e.getMessage())) : e;
  }

  /** As tablets word it, Vitess's too; one that took too long would take too long again. */
  private static boolean transactionGone(TabletException e) {
    String message = String.valueOf(e.getMessage());
    return e.code() == Status.Code.ABORTED
        && message.contains("transaction ")
        && (message.contains(": not found") || message.contains(": ended"))
        && !message.contains("exceeded timeout")
        && !message.contains("committed");
  }

  @Override
  public void close() {
    routing.close();
  }
}
