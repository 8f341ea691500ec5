package dev.shunt.workflow.sql.lexer;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Comments whose content some servers carry out: {@code /*! … *}{@code /}, of a version or later
 * when five or six digits follow, and MariaDB's {@code /*M! … *}{@code /} ("Comments" in MySQL's
 * manual, "Comment Syntax" in MariaDB's). What such a text does depends on the server, so before it
 * is judged it is turned into what one server reads.
 */
public final class ExecutableComments {
  private static final Pattern VERSION = Pattern.compile("(\\d{1,3})\\.(\\d{1,2})\\.(\\d{1,2})");

  /** Versions of MySQL that MariaDB does not take for its own. */
  private static final int FIRST_FOREIGN = 50_700;

  private static final int LAST_FOREIGN = 99_999;

  private final String sql;
  private final StringBuilder read;
  private final Server server;
  private final List<Integer> versions = new ArrayList<>();
  private int at;
  private boolean inside;
  private boolean any;
  private boolean open;

  private ExecutableComments(String sql, Server server) {
    this.sql = sql;
    this.read = new StringBuilder(sql);
    this.server = server;
  }

  /**
   * Who reads a statement.
   *
   * @param asMariaDb whether it reads them as MariaDB does
   * @param version as in comments: 80036 is 8.0.36, 101106 is 10.11.6
   */
  public record Server(boolean asMariaDb, int version) {
    /**
     * A server by what it says of itself.
     *
     * @param version such as {@code 9.7.4} or {@code 11.4.5-MariaDB-log}, also behind the {@code
     *     5.5.5-} of older MariaDBs
     * @throws IllegalArgumentException when that is no version
     */
    public static Server of(boolean asMariaDb, String version) {
      Matcher numbers = VERSION.matcher(version.replaceFirst("^5\\.5\\.5-(?=\\d)", ""));
      if (!numbers.lookingAt()) {
        throw new IllegalArgumentException("malformed version of a database: " + version);
      }
      return new Server(
          asMariaDb,
          Integer.parseInt(numbers.group(1)) * 10_000
              + Integer.parseInt(numbers.group(2)) * 100
              + Integer.parseInt(numbers.group(3)));
    }

    /** One that carries out what it logged: a log has no comment that its server passed over. */
    public static Server logOf(boolean asMariaDb) {
      return new Server(asMariaDb, Integer.MAX_VALUE);
    }

    private boolean carriesOut(boolean ofMariaDb, int wanted, boolean logged) {
      if (ofMariaDb && !asMariaDb) {
        return false;
      }
      boolean foreign = asMariaDb && wanted >= FIRST_FOREIGN && wanted <= LAST_FOREIGN;
      return wanted <= version && (!foreign || ofMariaDb || logged);
    }

    private boolean carriesOut(boolean ofMariaDb, int wanted) {
      return carriesOut(ofMariaDb, wanted, version == Integer.MAX_VALUE);
    }
  }

  /** Whether a text may have such comments; without, every server reads it as it is. */
  public static boolean mayBeIn(String sql) {
    return sql.contains("/*!") || sql.contains("/*M!");
  }

  /**
   * A statement as a server reads it, with white space in place of comments that it passes over and
   * of the marks of others. One with a comment that has no end, which no server takes, stays as it
   * is.
   */
  public static String resolve(String sql, Server server) {
    if (!mayBeIn(sql)) {
      return sql;
    }
    ExecutableComments comments = new ExecutableComments(sql, server);
    comments.run();
    return comments.open ? sql : comments.read.toString();
  }

  /** The different texts that servers of any kind and version read; one where all read the same. */
  public static Set<String> readings(String sql) {
    if (!mayBeIn(sql)) {
      return Set.of(sql);
    }
    ExecutableComments all = new ExecutableComments(sql, new Server(true, Integer.MAX_VALUE));
    all.run();
    if (!all.any) {
      return Set.of(sql);
    }
    Set<Integer> limits = new LinkedHashSet<>(List.of(0, Integer.MAX_VALUE - 1));
    for (int version : all.versions) {
      limits.add(version - 1);
      limits.add(version);
    }
    Set<String> readings = new LinkedHashSet<>();
    for (int version : limits) {
      readings.add(resolve(sql, new Server(false, version)));
      readings.add(resolve(sql, new Server(true, version)));
    }
    return readings;
  }

  private void run() {
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (c == '\'' || c == '"' || c == '`') {
        skipQuoted(c);
      } else if (c == '#' || startsLineComment()) {
        int end = sql.indexOf('\n', at);
        at = end < 0 ? sql.length() : end + 1;
      } else if (sql.startsWith("/*", at)) {
        comment();
      } else if (inside && sql.startsWith("*/", at)) {
        inside = false;
        blank(at, at + 2);
        at += 2;
      } else {
        at++;
      }
    }
    open |= inside;
  }

  private void skipQuoted(char quote) {
    for (at++; at < sql.length(); at++) {
      char c = sql.charAt(at);
      if (c == '\\' && quote != '`') {
        at++;
      } else if (c == quote) { // a doubled one ends and begins anew
        at++;
        return;
      }
    }
  }

  /** Two dashes start a comment only before white space or the end. */
  private boolean startsLineComment() {
    return sql.startsWith("--", at) && (at + 2 == sql.length() || sql.charAt(at + 2) <= ' ');
  }

  private void comment() {
    boolean ofMariaDb = sql.startsWith("/*M!", at);
    if (!ofMariaDb && !sql.startsWith("/*!", at)) {
      at = plainEnd(at + 2);
      return;
    }
    if (ofMariaDb && !server.asMariaDb()) {
      any = true;
      int end = plainEnd(at + 2);
      blank(at, end);
      at = end;
      return;
    }
    any = true;
    int content = at + (ofMariaDb ? 4 : 3);
    int digits = digits(content);
    int wanted = digits == 0 ? 0 : Integer.parseInt(sql.substring(content, content + digits));
    if (digits > 0) {
      versions.add(wanted);
    }
    if (server.carriesOut(ofMariaDb, wanted)) {
      blank(at, content + digits);
      at = content + digits;
      inside = true;
    } else {
      int end = nestedEnd(content);
      blank(at, end);
      at = end;
    }
  }

  /** Five digits, or six, of which MySQL wants white space behind; fewer are no version. */
  private int digits(int from) {
    int count = 0;
    while (count < 6 && from + count < sql.length() && isDigit(sql.charAt(from + count))) {
      count++;
    }
    if (count < 6) {
      return count < 5 ? 0 : count;
    }
    versions.add(Integer.parseInt(sql.substring(from, from + 5)));
    boolean apart = from + 6 < sql.length() && Character.isWhitespace(sql.charAt(from + 6));
    return server.asMariaDb() || apart ? 6 : 5;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private int plainEnd(int from) {
    int end = sql.indexOf("*/", from);
    open |= end < 0;
    return end < 0 ? sql.length() : end + 2;
  }

  /** In a comment that is passed over, others may stand; their ends don't end it. */
  private int nestedEnd(int from) {
    int position = from;
    while (position < sql.length()) {
      if (sql.startsWith("/*", position)) {
        position = plainEnd(position + 2);
      } else if (sql.startsWith("*/", position)) {
        return position + 2;
      } else {
        position++;
      }
    }
    open = true;
    return sql.length();
  }

  private void blank(int from, int to) {
    for (int i = from; i < to; i++) {
      read.setCharAt(i, ' ');
    }
  }
}
