package dev.shunt.tablet.preflight;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an account may do, read from the text of SHOW GRANTS: what it was granted itself and by the
 * roles that are in force, less what was revoked in part (MySQL's partial_revokes). Grants on
 * columns and routines count for nothing.
 */
final class Rights {
  private static final Pattern STATEMENT =
      Pattern.compile(
          "(GRANT|REVOKE) (.+?) ON (?:TABLE )?(`(?:[^`]|``)*`|\\*|'[^']*'|\"[^\"]*\")\\."
              + "(`(?:[^`]|``)*`|\\*|'[^']*'|\"[^\"]*\") (?:TO|FROM) (.*)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** MariaDB's older and newer names of the same, and what is part of what. */
  private static final Map<String, Set<String>> ALSO =
      Map.of(
          "REPLICATION CLIENT", Set.of("BINLOG MONITOR", "SUPER"),
          "BINLOG MONITOR", Set.of("REPLICATION CLIENT", "SUPER"),
          "REPLICA MONITOR", Set.of("SLAVE MONITOR", "SUPER"),
          "RELOAD", Set.of("FLUSH_TABLES"));

  private enum Level {
    SERVER,
    DATABASE,
    TABLE
  }

  private record Grant(
      boolean granted, Set<String> privileges, String database, String table, Level level) {}

  private final List<Grant> grants = new ArrayList<>();

  private Rights() {}

  /** Reads the lines of SHOW GRANTS. */
  static Rights parse(List<String> lines) {
    Rights rights = new Rights();
    for (String line : lines) {
      Matcher matcher = STATEMENT.matcher(line);
      if (matcher.lookingAt()) {
        rights.add(matcher);
      }
    }
    return rights;
  }

  private void add(Matcher statement) {
    String database = unquoted(statement.group(3));
    String table = unquoted(statement.group(4));
    Level level =
        statement.group(3).equals("*")
            ? Level.SERVER
            : statement.group(4).equals("*") ? Level.DATABASE : Level.TABLE;
    Set<String> privileges = new LinkedHashSet<>();
    for (String privilege : statement.group(2).split(",(?![^(]*\\))", -1)) {
      privileges.add(privilege.strip().toUpperCase(Locale.ROOT));
    }
    grants.add(
        new Grant(
            statement.group(1).equalsIgnoreCase("GRANT"), privileges, database, table, level));
  }

  private static String unquoted(String name) {
    if (name.length() < 2) {
      return name;
    }
    String quote = name.substring(0, 1);
    return name.substring(1, name.length() - 1).replace(quote + quote, quote);
  }

  /** Whether the account has a privilege of the server as a whole. */
  boolean onServer(String privilege) {
    return grants.stream()
        .anyMatch(
            grant -> grant.granted() && grant.level() == Level.SERVER && has(grant, privilege));
  }

  /** Whether the account has a privilege on all tables of a database. */
  boolean onDatabase(String privilege, String database) {
    boolean all = onServer(privilege);
    boolean revoked =
        grants.stream()
            .anyMatch(grant ->
                !grant.granted()
                    && grant.level() == Level.DATABASE
                    && grant.database().equalsIgnoreCase(database)
                    && has(grant, privilege));
    boolean granted =
        grants.stream()
            .anyMatch(grant ->
                grant.granted()
                    && grant.level() == Level.DATABASE
                    && matches(grant.database(), database)
                    && has(grant, privilege));
    return (all && !revoked) || granted;
  }

  /** Whether the account has a privilege on a table. */
  boolean onTable(String privilege, String database, String table) {
    return onDatabase(privilege, database)
        || grants.stream()
            .anyMatch(grant ->
                grant.granted()
                    && grant.level() == Level.TABLE
                    && grant.database().equalsIgnoreCase(database)
                    && grant.table().equalsIgnoreCase(table)
                    && has(grant, privilege));
  }

  private static boolean has(Grant grant, String privilege) {
    return grant.privileges().contains(privilege)
        || grant.privileges().contains("ALL PRIVILEGES")
        || grant.privileges().contains("ALL")
        || ALSO.getOrDefault(privilege, Set.of()).stream().anyMatch(grant.privileges()::contains);
  }

  /** The database of a grant is a pattern as of LIKE. */
  private static boolean matches(String pattern, String database) {
    return ReplicaFilters.matches(NameRule.WITHOUT_CASE, pattern, database);
  }
}
