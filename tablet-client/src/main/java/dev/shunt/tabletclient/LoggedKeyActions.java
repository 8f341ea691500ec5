package dev.shunt.tabletclient;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a server's log shows what foreign keys did to rows: MySQL from 9.6 on, unless it was set
 * to leave foreign keys to InnoDB. Who applies such a log must not let foreign keys act again: a
 * REPLACE of a parent, for instance, is logged as a deletion but leaves the children. Files that
 * the server wrote before it was upgraded do not say.
 *
 * @param today whether the server logs them now
 */
public record LoggedKeyActions(boolean today) {
  /** Only a server that can log them has the variable; its value is the row's second column. */
  public static final String QUERY = "show global variables like 'innodb_native_foreign_keys'";

  private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");
  private static final int FIRST_MAJOR = 9;
  private static final int FIRST_MINOR = 6;

  /** By what the server answers to {@link #QUERY}. */
  public static LoggedKeyActions of(List<String> values) {
    return new LoggedKeyActions(values.stream().anyMatch("OFF"::equalsIgnoreCase));
  }

  /** Asks a tablet's server. */
  public static LoggedKeyActions of(TabletClient client) {
    return of(
        ResultRow.of(client.executeFetchAsDba(QUERY, 1)).stream()
            .map(row -> row.text("Value"))
            .toList());
  }

  /** Whether a file of the log shows that a server of this version wrote. */
  public boolean by(String version) {
    Matcher numbers = VERSION.matcher(version);
    if (!today || !numbers.lookingAt()) {
      return false;
    }
    int major = Integer.parseInt(numbers.group(1));
    return major > FIRST_MAJOR
        || (major == FIRST_MAJOR && Integer.parseInt(numbers.group(2)) >= FIRST_MINOR);
  }
}
