package dev.shunt.tablet.preflight;

import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.rpc.Rpc;
import dev.shunt.tabletclient.CheckServer;
import dev.shunt.tabletclient.ServerFinding;
import io.grpc.ServerMethodDefinition;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tabletmanagerdata.Tabletmanagerdata.GetSchemaRequest;

/** The checklist as calls to a tablet, and as warnings in its log when it starts. */
public final class CheckCalls {
  private static final Logger log = LoggerFactory.getLogger(CheckCalls.class);

  private final TabletIdentity identity;
  private final ConnectionPool pool;

  /** Checks the server that the pool's connections go to. */
  public CheckCalls(TabletIdentity identity, ConnectionPool pool) {
    this.identity = identity;
    this.pool = pool;
  }

  /** Checks the server as a source. */
  public ServerMethodDefinition<?, ?> sourceMethod() {
    return CheckServer.method(
        CheckServer.SOURCE,
        (request, observer) ->
            Rpc.answer(observer, () -> ServerFinding.toResult(check(Role.SOURCE, request))));
  }

  /** Checks the server as a target. */
  public ServerMethodDefinition<?, ?> targetMethod() {
    return CheckServer.method(
        CheckServer.TARGET,
        (request, observer) ->
            Rpc.answer(observer, () -> ServerFinding.toResult(check(Role.TARGET, request))));
  }

  private List<ServerFinding> check(Role role, GetSchemaRequest request)
      throws InterruptedException {
    return findings(role, scope(request)).stream()
        .map(finding ->
            new ServerFinding(
                finding.line().id(),
                finding.refuses(),
                finding.subject(),
                finding.found(),
                finding.why(),
                String.join("; ", finding.remedy())))
        .toList();
  }

  private Scope scope(GetSchemaRequest request) {
    Set<String> excluded = Set.copyOf(request.getExcludeTablesList());
    if (request.getTablesCount() == 0) {
      return Scope.matching(
          identity.database(), identity.sidecar(), table -> !excluded.contains(table));
    }
    return Scope.of(
        identity.database(),
        identity.sidecar(),
        Set.copyOf(
            request.getTablesList().stream().filter(table -> !excluded.contains(table)).toList()));
  }

  private List<Finding> findings(Role role, Scope scope) throws InterruptedException {
    try (ConnectionPool.Lease lease = pool.borrow()) {
      return Preflight.findings(lease.connection(), role, scope);
    }
  }

  /** Writes into the log what streams will be refused or warned for; nothing is refused here. */
  public void warn() throws InterruptedException {
    List<Finding> findings;
    try (ConnectionPool.Lease lease = pool.borrow()) {
      findings =
          Preflight.serverFindings(
              lease.connection(), Role.SOURCE, identity.database(), identity.sidecar());
    } catch (RuntimeException e) {
      log.atWarn()
          .setCause(e)
          .addKeyValue("tablet", identity.aliasText())
          .log("server not checked");
      return;
    }
    for (Finding finding : findings) {
      log.atWarn()
          .addKeyValue("tablet", identity.aliasText())
          .addKeyValue("line", finding.line().id())
          .addKeyValue("severity", finding.severity())
          .addKeyValue("remedy", String.join("; ", finding.remedy()))
          .log(finding.text());
    }
  }
}
