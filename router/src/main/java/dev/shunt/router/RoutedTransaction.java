package dev.shunt.router;

import dev.shunt.tabletclient.CallEffect;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import io.vitess.proto.Query;
import io.vitess.proto.Vtrpc;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A transaction on the one shard that its first statement went to. Not for several threads. */
public final class RoutedTransaction {
  private static final Logger log = LoggerFactory.getLogger(RoutedTransaction.class);

  private final TrafficRouter router;
  private final RoutingSnapshot snapshot;
  private final String keyspace;
  private @Nullable TabletClient client;
  private long id;
  private boolean mayHaveCommitted;

  RoutedTransaction(TrafficRouter router, RoutingSnapshot snapshot, String keyspace) {
    this.router = router;
    this.snapshot = snapshot;
    this.keyspace = keyspace;
  }

  /**
   * Carries out a statement in the transaction.
   *
   * @throws RoutingException REFUSED when it belongs to another shard than those before
   */
  public Query.QueryResult execute(String sql, Map<String, ? extends @Nullable Object> binds) {
    Query.BoundQuery query = TrafficRouter.bound(sql, binds);
    Route.To route = TrafficRouter.to(router.route(snapshot, keyspace, query));
    if (route.primaries().size() != 1) {
      throw new RoutingException(
          RoutingException.Kind.REFUSED, "a statement of a transaction must go to one shard");
    }
    TabletClient target = router.client(route.primaries().getFirst());
    TabletClient begun = client;
    if (begun == null) {
      return begin(target, query);
    }
    if (!target.tablet().getAlias().equals(begun.tablet().getAlias())) {
      throw new RoutingException(
          RoutingException.Kind.REFUSED, "a transaction must stay on one shard");
    }
    try {
      Query.QueryResult result =
          begun.execute(
              Query.ExecuteRequest.newBuilder()
                  .setTarget(begun.target())
                  .setQuery(query)
                  .setTransactionId(id)
                  .build());
      mayHaveCommitted |= router.mayCommit(sql);
      return result;
    } catch (TabletException e) {
      throw router.beforeCommit(query.getSql(), e);
    }
  }

  private Query.QueryResult begin(TabletClient target, Query.BoundQuery query) {
    Query.BeginExecuteResponse response;
    try {
      response =
          target.beginExecute(
              Query.BeginExecuteRequest.newBuilder()
                  .setTarget(target.target())
                  .setQuery(query)
                  .build());
    } catch (TabletException e) {
      throw router.beforeCommit(query.getSql(), e);
    }
    if (response.getTransactionId() != 0) {
      client = target;
      id = response.getTransactionId();
    }
    if (response.hasError()) {
      String message = response.getError().getMessage();
      if (message.contains("disallowed due to rule")) {
        throw HeldException.denied(message);
      }
      if (router.mayCommit(query.getSql())) {
        throw new RoutingException(RoutingException.Kind.UNCERTAIN, message);
      }
      throw response.getError().getCode() == Vtrpc.Code.UNAVAILABLE
          ? HeldException.away(message)
          : new RoutingException(RoutingException.Kind.FAILED, message);
    }
    mayHaveCommitted = router.mayCommit(query.getSql());
    return response.getResult();
  }

  /** Whether a statement of it was carried out that may have committed. */
  boolean mayHaveCommitted() {
    return mayHaveCommitted;
  }

  void commit() {
    TabletClient begun = client;
    if (begun == null) {
      return;
    }
    try {
      begun.commit(id);
      client = null;
    } catch (TabletException e) {
      RuntimeException failure = TrafficRouter.atCommit(e);
      if (e.effect() == CallEffect.UNKNOWN || failure instanceof HeldException) {
        client = null; // there is nothing left to roll back, as far as anybody knows
      }
      throw failure;
    }
  }

  /** Rolls back what was not committed. */
  void end() {
    TabletClient begun = client;
    if (begun == null) {
      return;
    }
    client = null;
    try {
      begun.rollback(id);
    } catch (TabletException e) {
      log.atWarn().setCause(e).log("rolling back; the tablet does so by itself after a while");
    }
  }
}
