package dev.shunt.tablet.preflight;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Privileges;
import dev.shunt.mysql.SqlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Lines about what the account may do. What suffices was tried: with these rights alone a workflow
 * is created, copied, switched both ways and completed.
 */
final class RightsLines {
  private static final List<String> SOURCE_TABLES = List.of("SELECT", "LOCK TABLES");
  private static final List<String> TARGET_TABLES =
      List.of(
          "SELECT",
          "INSERT",
          "UPDATE",
          "DELETE",
          "CREATE",
          "DROP",
          "ALTER",
          "INDEX",
          "REFERENCES",
          "LOCK TABLES");

  /** To replicate back, to complete, and to find what stays behind. */
  private static final List<String> SOURCE_TABLES_WISHED =
      List.of("INSERT", "UPDATE", "DELETE", "DROP", "ALTER", "SHOW VIEW", "TRIGGER");

  private static final List<String> SIDECAR =
      List.of("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "DROP");

  private final Rights rights;
  private final Role role;
  private final Scope scope;
  private final Privileges privileges;
  private final String account;
  private final boolean idleRoles;
  private final List<Finding> findings = new ArrayList<>();

  private RightsLines(
      Rights rights,
      Role role,
      Scope scope,
      Privileges privileges,
      String account,
      boolean idleRoles) {
    this.rights = rights;
    this.role = role;
    this.scope = scope;
    this.privileges = privileges;
    this.account = account;
    this.idleRoles = idleRoles;
  }

  /** Asks what the account has. */
  static List<Finding> read(MysqlConnection connection, Role role, Scope scope) {
    try {
      String account = account(connection.execute("SELECT CURRENT_USER()").only().text(0));
      Privileges privileges = connection.flavor().privileges();
      Privileges.Grants granted = privileges.granted(connection);
      return judge(
          Rights.parse(granted.lines()), role, scope, privileges, account, granted.idleRoles());
    } catch (MysqlException e) {
      if (e.connectionLost()) {
        throw e;
      }
      return List.of(
          Finding.ofServer(
              Line.NOT_TOLD, "the server does not tell the account's rights: " + e.getMessage()));
    }
  }

  /** {@code u@%} as a statement names it. */
  private static String account(String text) {
    int at = text.lastIndexOf('@');
    return at < 0
        ? SqlText.identifier(text)
        : SqlText.identifier(text.substring(0, at))
            + "@"
            + SqlText.identifier(text.substring(at + 1));
  }

  /**
   * Judges an account.
   *
   * @param account as a statement names it
   * @param idleRoles whether the account was granted roles of which none is in force
   */
  static List<Finding> judge(
      Rights rights,
      Role role,
      Scope scope,
      Privileges privileges,
      String account,
      boolean idleRoles) {
    RightsLines lines = new RightsLines(rights, role, scope, privileges, account, idleRoles);
    lines.tables();
    lines.server();
    return lines.findings;
  }

  private void tables() {
    if (!scope.database().isEmpty()) {
      demand(Line.RIGHTS, scope.database(), role == Role.SOURCE ? SOURCE_TABLES : TARGET_TABLES);
      if (role == Role.SOURCE) {
        demand(Line.RIGHTS_WISHED, scope.database(), SOURCE_TABLES_WISHED);
      }
    }
    demand(Line.RIGHTS, scope.sidecar(), SIDECAR);
  }

  private void demand(Line line, String database, List<String> wanted) {
    Set<String> missing = new TreeSet<>();
    for (String privilege : wanted) {
      if (!has(privilege, database)) {
        missing.add(privilege);
      }
    }
    if (!missing.isEmpty()) {
      String privileges =
          database.equals(scope.sidecar()) ? "ALL PRIVILEGES" : String.join(", ", missing);
      add(
          line,
          account + " lacks " + String.join(", ", missing) + " on " + database,
          "GRANT " + privileges + " ON " + SqlText.identifier(database) + ".* TO " + account);
    }
  }

  /** LOCK TABLES and CREATE are of databases; others may have been granted table by table. */
  private boolean has(String privilege, String database) {
    if (rights.onDatabase(privilege, database)) {
      return true;
    }
    return database.equals(scope.database())
        && scope.listed().filter(listed -> !listed.isEmpty()).isPresent()
        && scope.listed().get().stream()
            .allMatch(table -> rights.onTable(privilege, database, table));
  }

  private void server() {
    List<String> needed = new ArrayList<>(List.of("REPLICATION SLAVE"));
    // Snapshots look for prepared transactions: copies, and diffs on both sides.
    needed.addAll(privileges.toSeePrepared());
    server(role == Role.SOURCE ? Line.RIGHTS : Line.RIGHTS_WISHED, needed);
    List<String> wished = new ArrayList<>(privileges.toSeeReplication());
    if (role == Role.SOURCE) {
      wished.addAll(privileges.toSeeCode());
      wished.add("RELOAD");
    }
    server(Line.RIGHTS_WISHED, wished);
  }

  private void server(Line line, List<String> wanted) {
    List<String> missing = wanted.stream().filter(one -> !rights.onServer(one)).toList();
    if (!missing.isEmpty()) {
      String privileges = String.join(", ", missing);
      add(line, account + " lacks " + privileges, "GRANT " + privileges + " ON *.* TO " + account);
    }
  }

  private void add(Line line, String found, String grant) {
    findings.add(
        idleRoles
            ? Finding.ofServer(
                line, found, grant, "-- or, where a role has it: SET DEFAULT ROLE, see the manual")
            : Finding.ofServer(line, found, grant));
  }
}
