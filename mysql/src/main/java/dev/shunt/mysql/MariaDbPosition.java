package dev.shunt.mysql;

import java.util.Collections;
import java.util.Map;
import java.util.Map.Entry;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A position of MariaDB: the last transaction of each replication domain. Within a domain the
 * sequence numbers only grow, so the last one stands for all before it.
 */
public final class MariaDbPosition implements Position {
  private static final Pattern GTID = Pattern.compile("(\\d{1,10})-(\\d{1,10})-(\\d{1,19})");
  private static final MariaDbPosition EMPTY = new MariaDbPosition(new TreeMap<>());

  /** One transaction: its domain, the server that made it, its number within the domain. */
  public record Gtid(long domain, long server, long sequence) {
    @Override
    public String toString() {
      return domain + "-" + server + "-" + sequence;
    }
  }

  private final SortedMap<Long, Gtid> last;

  private MariaDbPosition(SortedMap<Long, Gtid> last) {
    this.last = Collections.unmodifiableSortedMap(last);
  }

  /** Reads {@code 0-1-5,2-1-7}; of two entries of a domain the later transaction counts. */
  public static MariaDbPosition parse(String text) {
    if (text.isBlank()) {
      return EMPTY;
    }
    TreeMap<Long, Gtid> read = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      add(read, gtid(part.strip(), text));
    }
    return new MariaDbPosition(read);
  }

  private static Gtid gtid(String part, String whole) {
    Matcher matcher = GTID.matcher(part);
    if (matcher.matches()) {
      try {
        return new Gtid(
            Long.parseLong(matcher.group(1)),
            Long.parseLong(matcher.group(2)),
            Long.parseLong(matcher.group(3)));
      } catch (NumberFormatException tooLarge) {
        // Told below.
      }
    }
    throw new IllegalArgumentException("malformed MariaDB GTID list '" + whole + "'");
  }

  private static void add(Map<Long, Gtid> into, Gtid gtid) {
    into.merge(gtid.domain(), gtid, (a, b) -> b.sequence() >= a.sequence() ? b : a);
  }

  /** The last transaction of each domain, by domain. */
  public SortedMap<Long, Gtid> last() {
    return last;
  }

  @Override
  public Flavor flavor() {
    return Flavor.MARIADB;
  }

  @Override
  public boolean isEmpty() {
    return last.isEmpty();
  }

  @Override
  public boolean atLeast(Position other) {
    if (!(other instanceof MariaDbPosition position)) {
      return false;
    }
    for (Entry<Long, Gtid> entry : position.last.entrySet()) {
      Gtid mine = last.get(entry.getKey());
      if (mine == null || mine.sequence() < entry.getValue().sequence()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public MariaDbPosition with(String gtid) {
    return union(parse(gtid));
  }

  @Override
  public MariaDbPosition union(Position other) {
    if (!(other instanceof MariaDbPosition position)) {
      throw new IllegalArgumentException(
          "positions of MariaDB and MySQL can't be joined: " + this + ", " + other);
    }
    TreeMap<Long, Gtid> joined = new TreeMap<>(last);
    position.last.values().forEach(gtid -> add(joined, gtid));
    return new MariaDbPosition(joined);
  }

  @Override
  public String text() {
    return last.values().stream().map(Gtid::toString).collect(Collectors.joining(","));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MariaDbPosition position && last.equals(position.last);
  }

  @Override
  public int hashCode() {
    return last.hashCode();
  }

  /** The encoded form. */
  @Override
  public String toString() {
    return encoded();
  }
}
