package dev.shunt.workflow.sql;

import java.util.Locale;

/**
 * Finds the kind of a statement by its first word, past white space, comments and parentheses. The
 * content of executable comments counts, whatever version they ask for.
 */
final class StatementKinds {
  private StatementKinds() {}

  static StatementKind of(String sql) {
    return switch (firstWord(sql)) {
      case "select", "with", "table", "values" -> StatementKind.SELECT;
      case "insert" -> StatementKind.INSERT;
      case "replace" -> StatementKind.REPLACE;
      case "update" -> StatementKind.UPDATE;
      case "delete" -> StatementKind.DELETE;
      case "begin", "start" -> StatementKind.BEGIN;
      case "commit" -> StatementKind.COMMIT;
      case "rollback" -> StatementKind.ROLLBACK;
      case "savepoint", "release" -> StatementKind.SAVEPOINT;
      case "set" -> StatementKind.SET;
      case "use" -> StatementKind.USE;
      case "show", "describe", "desc", "explain" -> StatementKind.SHOW;
      case "create", "alter", "drop", "truncate", "rename" -> StatementKind.DDL;
      default -> StatementKind.OTHER;
    };
  }

  private static String firstWord(String sql) {
    int start = skip(sql, 0);
    int end = start;
    while (end < sql.length() && Character.isLetter(sql.charAt(end))) {
      end++;
    }
    return sql.substring(start, end).toLowerCase(Locale.ROOT);
  }

  private static int skip(String sql, int from) {
    int at = from;
    while (at < sql.length()) {
      if (Character.isWhitespace(sql.charAt(at)) || sql.charAt(at) == '(') {
        at++;
      } else if (sql.startsWith("/*!", at) || sql.startsWith("/*M!", at)) {
        at = version(sql, sql.indexOf('!', at) + 1);
      } else if (sql.startsWith("*/", at)) { // the end of an executable comment
        at += 2;
      } else if (sql.startsWith("/*", at)) {
        at = after(sql, "*/", at + 2);
      } else if (startsLineComment(sql, at)) {
        at = after(sql, "\n", at);
      } else {
        return at;
      }
    }
    return at;
  }

  private static int version(String sql, int from) {
    int at = from;
    while (at < sql.length() && Character.isDigit(sql.charAt(at))) {
      at++;
    }
    return at;
  }

  /** Two dashes start a comment only before white space or the end. */
  private static boolean startsLineComment(String sql, int at) {
    return sql.charAt(at) == '#'
        || (sql.startsWith("--", at) && (at + 2 == sql.length() || sql.charAt(at + 2) <= ' '));
  }

  private static int after(String sql, String mark, int from) {
    int found = sql.indexOf(mark, from);
    return found < 0 ? sql.length() : found + mark.length();
  }
}
