package dev.shunt.mysql;

/** What is set in sessions beside what servers of all flavors have by the same name. */
public interface SessionStatements {
  /**
   * Assignments that undo what an administrator may have set for all sessions, behind others of a
   * SET statement: each with a comma before it.
   */
  String settings();

  /** Gives a session back what its login set and a reset has taken. */
  void afterReset(MysqlConnection connection);

  /** Prepares a session that only reads, for a snapshot. */
  void beforeSnapshot(MysqlConnection connection);

  /** Lets the session see sizes and numbers of rows of tables as they are, not as they were. */
  void seeFreshStatistics(MysqlConnection connection);
}
