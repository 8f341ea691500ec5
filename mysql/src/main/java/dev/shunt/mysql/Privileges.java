package dev.shunt.mysql;

import java.util.List;

/** The privileges that an account needs for what needs one, by the names that a GRANT takes. */
public interface Privileges {
  /**
   * What an account was granted.
   *
   * @param lines of SHOW GRANTS, roles that are in force included
   * @param idleRoles whether it was granted roles of which none is in force
   */
  record Grants(List<String> lines, boolean idleRoles) {
    public Grants {
      lines = List.copyOf(lines);
    }

    static boolean grantsRole(String line) {
      return line.startsWith("GRANT `") && !line.contains(" ON ");
    }

    static List<String> shown(MysqlConnection connection, String statement) {
      return connection.execute(statement).rows().stream().map(row -> row.text(0)).toList();
    }
  }

  /** What the connection's account was granted. */
  Grants granted(MysqlConnection connection);

  /** To see transactions that are prepared. */
  List<String> toSeePrepared();

  /** To see where the log ends and what a server replicates from. */
  List<String> toSeeReplication();

  /** To see all triggers, routines and views that a logged statement may run. */
  List<String> toSeeCode();

  /** To write something that is not logged. */
  String toWriteUnlogged();
}
