package dev.shunt.tablet.preflight;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Runs the checklist against a server. It is asked when a workflow is created, at each snapshot,
 * whenever a log is opened, when a tablet starts, and by {@code shunt check}.
 */
public final class Preflight {
  /** MariaDB may put an older number in front of its own, for old clients. */
  private static final Pattern VERSION =
      Pattern.compile("(?:^5\\.5\\.5-|^)(\\d{1,4})\\.(\\d{1,4})");

  private Preflight() {}

  /**
   * What speaks against streams out of or into the tables of a scope, what stays behind, and what
   * the account may not do.
   *
   * @param connection to the server, with whatever default database; its session is not changed
   */
  public static List<Finding> findings(MysqlConnection connection, Role role, Scope scope) {
    ServerFacts facts = new FactReader(connection).read();
    List<Finding> findings = new ArrayList<>(server(connection, facts, role, scope));
    findings.addAll(TableLines.judge(ListedTable.read(connection, scope), scope));
    UnmovedObjects unmoved = new UnmovedObjects(connection, scope);
    if (role == Role.TARGET) {
      findings.addAll(TargetLines.names(facts, scope));
      findings.addAll(unmoved.target());
      findings.addAll(ComputedLines.judge(connection, Severity.REFUSE, scope));
    } else {
      findings.addAll(unmoved.source());
      // The target may have a plain column in its place.
      findings.addAll(ComputedLines.judge(connection, Severity.WARN, scope));
    }
    return findings;
  }

  /** As {@link #findings}, of the server and the account alone. */
  public static List<Finding> serverFindings(
      MysqlConnection connection, Role role, String database, String sidecar) {
    return server(
        connection, new FactReader(connection).read(), role, Scope.all(database, sidecar));
  }

  private static List<Finding> server(
      MysqlConnection connection, ServerFacts facts, Role role, Scope scope) {
    List<Finding> findings = new ArrayList<>(version(facts));
    findings.addAll(unanswered(facts));
    findings.addAll(
        switch (role) {
          case SOURCE -> log(connection, facts, scope);
          case TARGET -> target(connection, facts, scope);
        });
    findings.addAll(RightsLines.read(connection, role, scope));
    return findings;
  }

  private static List<Finding> version(ServerFacts facts) {
    Matcher number = VERSION.matcher(facts.version());
    if (!number.find()) {
      return List.of();
    }
    int major = Integer.parseInt(number.group(1));
    int minor = Integer.parseInt(number.group(2));
    return facts.flavor().isSupported(major, minor)
        ? List.of()
        : List.of(Finding.ofServer(Line.VERSION, "the server is of version " + facts.version()));
  }

  private static List<Finding> log(MysqlConnection connection, ServerFacts facts, Scope scope) {
    return LogLines.judge(
        facts,
        scope.database(),
        scope.sidecar(),
        scope.tables(),
        () ->
            ListedTable.read(connection, Scope.all(scope.database(), scope.sidecar())).stream()
                .filter(table -> table.isTable() || scope.listed().isPresent())
                .map(ListedTable::name)
                .toList());
  }

  private static List<Finding> target(MysqlConnection connection, ServerFacts facts, Scope scope) {
    List<ListedTable> sidecar =
        ListedTable.read(connection, Scope.all(scope.sidecar(), scope.sidecar()));
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

  private static List<Finding> unanswered(ServerFacts facts) {
    return facts.unanswered().entrySet().stream()
        .map(entry ->
            Finding.ofServer(
                Line.NOT_TOLD, "the server refuses " + entry.getKey() + ": " + entry.getValue()))
        .toList();
  }

  /**
   * Refuses a source that streams can't be true from. What the account may not do shows by itself.
   *
   * @throws RpcException FAILED_PRECONDITION with all that must be changed
   */
  public static void demandSource(MysqlConnection connection, Scope scope) {
    List<Finding> findings =
        new ArrayList<>(log(connection, new FactReader(connection).read(), scope));
    findings.addAll(TableLines.judge(ListedTable.read(connection, scope), scope));
    demand("the source", findings);
  }

  /**
   * Refuses a server whose log streams can't be followed; tables are looked at when rows come.
   *
   * @throws RpcException FAILED_PRECONDITION with all that must be changed
   */
  public static void demandLog(MysqlConnection connection, Scope scope) {
    demand("the source", log(connection, new FactReader(connection).read(), scope));
  }

  /**
   * Refuses a table of a source that is no InnoDB table any more.
   *
   * @throws RpcException FAILED_PRECONDITION
   */
  public static void demandSourceTable(MysqlConnection connection, String database, String table) {
    Scope scope = Scope.of(database, "", Set.of(table));
    demand("the source", TableLines.judge(ListedTable.read(connection, scope), scope));
  }

  /**
   * Whether a source has something of this name that is no table, such as a view or a sequence,
   * which no pattern means.
   */
  public static boolean isNoTable(MysqlConnection connection, String database, String name) {
    List<ListedTable> listed = ListedTable.read(connection, Scope.of(database, "", Set.of(name)));
    return !listed.isEmpty() && listed.stream().noneMatch(ListedTable::isTable);
  }

  /**
   * Refuses a table of a target that is no InnoDB table any more, or computes what the source has
   * computed already by what its sessions were.
   *
   * @throws RpcException FAILED_PRECONDITION
   */
  public static void demandTargetTable(MysqlConnection connection, String database, String table) {
    Scope scope = Scope.of(database, "", Set.of(table));
    List<Finding> findings =
        new ArrayList<>(TableLines.judge(ListedTable.read(connection, scope), scope));
    findings.addAll(ComputedLines.judge(connection, Severity.REFUSE, scope));
    demand("the target", findings);
  }

  private static void demand(String side, List<Finding> findings) {
    List<Finding> refused = findings.stream().filter(Finding::refuses).toList();
    if (!refused.isEmpty()) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          side
              + " can't be streamed: "
              + refused.stream().map(Finding::text).collect(Collectors.joining("; ")));
    }
  }

  /** Names of the scope's list that nothing in its database has, sorted. */
  public static List<String> missing(MysqlConnection connection, Scope scope) {
    NameRule rule = names(connection);
    List<ListedTable> present = ListedTable.read(connection, scope);
    return scope.listed().orElse(Set.of()).stream()
        .filter(name -> present.stream().noneMatch(table -> rule.same(table.name(), name)))
        .sorted()
        .toList();
  }

  /** Name of the connection's default database as the server spells it; empty when it has none. */
  public static String currentDatabase(MysqlConnection connection) {
    String name = connection.execute("SELECT DATABASE()").only().textOrNull(0);
    return name == null ? "" : name;
  }

  /** How a server compares names of databases and tables. */
  public static NameRule names(MysqlConnection connection) {
    return NameRule.of(connection.execute("SELECT @@GLOBAL.lower_case_table_names").only().text(0));
  }
}
