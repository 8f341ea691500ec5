package dev.shunt.mysql;

import dev.shunt.mysql.ConnectOptions.Session;

/**
 * The statement that makes a new session one that can be relied on. An administrator may have set
 * any of these for all sessions, as a global variable or in init_connect, with applications in
 * mind: sql_select_limit cuts what a SELECT answers, autocommit=0 keeps statements from being
 * committed, max_execution_time and max_statement_time end what takes long.
 */
final class SessionSettings {
  private static final String COMMITS = "SET SESSION autocommit = 1, completion_type = 0";

  private static final String OWN =
      COMMITS
          + ", sql_select_limit = 18446744073709551615, sql_safe_updates = 0, sql_auto_is_null = 0,"
          + " sql_big_selects = 1, unique_checks = 1, foreign_key_checks = 1,"
          + " sql_quote_show_create = 1, wait_timeout = 28800";

  private SessionSettings() {}

  static String statement(Session session, Flavor flavor) {
    return switch (session) {
      case APPLICATION -> COMMITS;
      case OWN -> OWN + flavor.sessions().settings();
    };
  }
}
