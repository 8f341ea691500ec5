package dev.shunt.tablet.preflight;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
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

  /** To replicate back, to complete, and to tell what stays behind. */
  private static final List<String> SOURCE_TABLES_WISHED =
      List.of("INSERT", "UPDATE", "DELETE", "DROP", "ALTER", "SHOW VIEW", "TRIGGER");

  private static final List<String> SIDECAR =
      List.of("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "DROP");

  private final Rights rights;
  private final Role role;
  private final Scope scope;
  private final Flavor flavor;
  private final String account;
  private final boolean idleRoles;
  private final List<Finding> findings = new ArrayList<>();

  private RightsLines(
      Rights rights, Role role, Scope scope, Flavor flavor, String account, boolean idleRoles) {
    this.rights = rights;
    this.role = role;
    this.scope = scope;
    this.flavor = flavor;
    this.account = account;
    this.idleRoles = idleRoles;
  }

  /** Asks what the account has. */
  static List<Finding> read(MysqlConnection connection, Role role, Scope scope) {
    try {
      String account = account(connection.execute("SELECT CURRENT_USER()").only().text(0));
      List<String> lines = new ArrayList<>();
      boolean idle = false;
      if (connection.flavor() == Flavor.MYSQL) {
        String roles = connection.execute("SELECT CURRENT_ROLE()").only().text(0);
        boolean none = roles.equals("NONE");
        lines.addAll(
            texts(connection, "SHOW GRANTS FOR CURRENT_USER()" + (none ? "" : " USING " + roles)));
        idle = none && lines.stream().anyMatch(RightsLines::grantsRole);
      } else {
        lines.addAll(texts(connection, "SHOW GRANTS"));
        lines.addAll(ofPublic(connection));
        idle =
            lines.stream().anyMatch(RightsLines::grantsRole)
                && connection.execute("SELECT CURRENT_ROLE()").only().isNull(0);
      }
      return judge(Rights.parse(lines), role, scope, connection.flavor(), account, idle);
    } catch (MysqlException e) {
      if (e.connectionLost()) {
        throw e;
      }
      return List.of(
          Finding.ofServer(
              Line.NOT_TOLD, "the server does not tell the account's rights: " + e.getMessage()));
    }
  }

  private static List<String> texts(MysqlConnection connection, String statement) {
    return connection.execute(statement).rows().stream().map(row -> row.text(0)).toList();
  }

  /** What everybody may do, on servers that know such a thing (MariaDB from 10.11 on). */
  private static List<String> ofPublic(MysqlConnection connection) {
    try {
      return texts(connection, "SHOW GRANTS FOR PUBLIC");
    } catch (MysqlException e) {
      if (e.connectionLost()) {
        throw e;
      }
      return List.of();
    }
  }

  private static boolean grantsRole(String line) {
    return line.startsWith("GRANT `") && !line.contains(" ON ");
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
      Rights rights, Role role, Scope scope, Flavor flavor, String account, boolean idleRoles) {
    RightsLines lines = new RightsLines(rights, role, scope, flavor, account, idleRoles);
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
    if (flavor == Flavor.MYSQL) {
      // Snapshots look for prepared transactions: copies, and diffs on both sides.
      needed.add("XA_RECOVER_ADMIN");
    }
    server(role == Role.SOURCE ? Line.RIGHTS : Line.RIGHTS_WISHED, needed);
    List<String> wished = new ArrayList<>();
    if (flavor == Flavor.MARIADB) {
      wished.add("BINLOG MONITOR");
      wished.add("REPLICA MONITOR");
      if (role == Role.SOURCE) {
        // To see all triggers, routines and views that a logged statement may run.
        wished.addAll(List.of("SELECT", "TRIGGER", "SHOW VIEW"));
      }
    } else {
      wished.add("REPLICATION CLIENT");
    }
    if (role == Role.SOURCE) {
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
