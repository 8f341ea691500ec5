package dev.shunt.tablet.preflight;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletException;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Runs the checklist against a server. It is asked when a workflow is created, at each snapshot,
 * whenever a log is opened, when a tablet starts, and by {@code shunt check}.
 */
public final class Preflight {
  private Preflight() {}

  /**
   * What speaks against streams out of or into the tables of a scope.
   *
   * @param connection to the server, with whatever default database; its session is not changed
   */
  public static List<Finding> findings(MysqlConnection connection, Role role, Scope scope) {
    ServerFacts facts = new FactReader(connection).read();
    List<Finding> findings = new ArrayList<>(notTold(facts));
    findings.addAll(
        switch (role) {
          case SOURCE -> log(connection, facts, scope);
          case TARGET -> target(connection, facts, scope);
        });
    findings.addAll(TableLines.judge(TableFacts.read(connection, scope), scope));
    return findings;
  }

  private static List<Finding> log(MysqlConnection connection, ServerFacts facts, Scope scope) {
    return LogLines.judge(
        facts,
        scope.database(),
        scope.sidecar(),
        scope.tables(),
        () ->
            TableFacts.read(connection, Scope.all(scope.database(), scope.sidecar())).stream()
                .map(TableFacts::name)
                .toList());
  }

  private static List<Finding> target(MysqlConnection connection, ServerFacts facts, Scope scope) {
    List<TableFacts> sidecar =
        TableFacts.read(connection, Scope.all(scope.sidecar(), scope.sidecar()));
    List<Finding> findings = new ArrayList<>(TargetLines.judge(facts, sidecar, scope.sidecar()));
    for (Finding finding : log(connection, facts, scope)) {
      if (finding.refuses()) {
        findings.add(
            new Finding(
                Line.WAY_BACK,
                Severity.WARN,
                finding.subject(),
                finding.found(),
                Line.WAY_BACK.why(),
                finding.remedy()));
      } else {
        findings.add(finding);
      }
    }
    return findings;
  }

  private static List<Finding> notTold(ServerFacts facts) {
    return facts.notTold().entrySet().stream()
        .map(entry ->
            Finding.ofServer(
                Line.NOT_TOLD, "the server refuses " + entry.getKey() + ": " + entry.getValue()))
        .toList();
  }

  /**
   * Refuses a source that streams can't be true from.
   *
   * @throws TabletException FAILED_PRECONDITION with all that must be changed
   */
  public static void demandSource(MysqlConnection connection, Scope scope) {
    demand("the source", findings(connection, Role.SOURCE, scope));
  }

  /**
   * Refuses a server whose log streams can't be followed; tables are looked at when rows come.
   *
   * @throws TabletException FAILED_PRECONDITION with all that must be changed
   */
  public static void demandLog(MysqlConnection connection, Scope scope) {
    demand("the source", log(connection, new FactReader(connection).read(), scope));
  }

  /**
   * Refuses a table that is no InnoDB table any more.
   *
   * @param side of which side it is, such as "the source"
   * @throws TabletException FAILED_PRECONDITION
   */
  public static void demandTable(
      MysqlConnection connection, String side, String database, String table) {
    Scope scope = Scope.of(database, "", Set.of(table));
    demand(side, TableLines.judge(TableFacts.read(connection, scope), scope));
  }

  private static void demand(String side, List<Finding> findings) {
    List<Finding> refused = findings.stream().filter(Finding::refuses).toList();
    if (!refused.isEmpty()) {
      throw new TabletException(
          Status.Code.FAILED_PRECONDITION,
          side
              + " can't be streamed: "
              + refused.stream().map(Finding::text).collect(Collectors.joining("; ")));
    }
  }

  /** The database's name as the server spells it; empty when it does not exist. */
  public static Optional<String> spelling(MysqlConnection connection, String database) {
    return connection
        .execute(
            "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = "
                + SqlText.literal(database))
        .rows()
        .stream()
        .map(row -> row.text(0))
        .findFirst();
  }
}
