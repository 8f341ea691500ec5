package dev.shunt.mysql;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A position of MariaDB: the last transaction of each replication domain, in the order of the log.
 *
 * <p>Sequence numbers grow within what one server writes to one domain. Between servers of a domain
 * they do so only where {@code gtid_strict_mode} is on, which a position does not say: after {@code
 * 1-1-100} the log may go on with {@code 1-2-50}. So {@link #atLeast} compares numbers of one
 * server only, and {@link #with} takes over what comes next in the log whatever its number. A
 * position that grew by {@link #with} also remembers the highest number of each server that it
 * passed; this is not in its text, and makes no difference to whether two are equal.
 */
final class MariaDbPosition implements Position {
  private static final Pattern GTID = Pattern.compile("(\\d{1,10})-(\\d{1,10})-(\\d{1,19})");
  private static final MariaDbPosition EMPTY =
      new MariaDbPosition(new TreeMap<>(), Map.of(), false);

  /** One transaction: its domain, the server that made it, its number within the domain. */
  public record Gtid(long domain, long server, long sequence) {
    @Override
    public String toString() {
      return domain + "-" + server + "-" + sequence;
    }
  }

  /** Who numbers transactions. */
  private record Writer(long domain, long server) {
    static Writer of(Gtid gtid) {
      return new Writer(gtid.domain(), gtid.server());
    }
  }

  private final SortedMap<Long, Gtid> last;

  /** Highest number of writers that the last transaction of their domain is not of. */
  private final Map<Writer, Long> passed;

  /** Whether the numbers of a domain grow whoever writes. */
  private final boolean ordered;

  private MariaDbPosition(SortedMap<Long, Gtid> last, Map<Writer, Long> passed, boolean ordered) {
    this.last = Collections.unmodifiableSortedMap(last);
    this.passed = passed;
    this.ordered = ordered;
  }

  /**
   * Reads {@code 0-1-5,2-1-7}; of two entries of a domain the one with the higher number is taken
   * for the later.
   */
  public static MariaDbPosition parse(String text) {
    if (text.isBlank()) {
      return EMPTY;
    }
    TreeMap<Long, Gtid> read = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      add(read, gtid(part.strip(), text));
    }
    return new MariaDbPosition(read, Map.of(), false);
  }

  /**
   * A server's position with what the server knows beside it.
   *
   * @param position its gtid_binlog_pos or gtid_current_pos
   * @param state its gtid_binlog_state: of each domain the last transaction of each server
   * @param strict whether it runs with gtid_strict_mode, so that numbers of a domain only grow
   */
  static MariaDbPosition ofServer(String position, String state, boolean strict) {
    Map<Writer, Long> passed = new HashMap<>();
    if (!state.isBlank()) {
      for (String part : state.split(",", -1)) {
        Gtid gtid = gtid(part.strip(), state);
        passed.merge(Writer.of(gtid), gtid.sequence(), Math::max);
      }
    }
    return new MariaDbPosition(parse(position).last, Map.copyOf(passed), strict);
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
        // Reported below.
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

  /** One that is known to be of this form. */
  static MariaDbPosition of(Position position) {
    if (position instanceof MariaDbPosition ours) {
      return ours;
    }
    throw new IllegalArgumentException(
        "a position of another kind of server than MariaDB: " + position.encoded());
  }

  @Override
  public String prefix() {
    return MariaDbPositions.PREFIX;
  }

  /** Where several servers wrote to one domain, what was passed on the way is not in it. */
  @Override
  public boolean isTextComplete() {
    return false;
  }

  @Override
  public boolean isEmpty() {
    return last.isEmpty();
  }

  /**
   * Whether it is certain that every transaction of {@code other} is in this position. It is not
   * when a domain ends with transactions of two servers and this position did not pass the other's.
   */
  @Override
  public boolean atLeast(Position other) {
    return other instanceof MariaDbPosition position
        && position.last.values().stream().allMatch(this::has);
  }

  /** Whether a server's state has a number of this transaction's writer that is no lower. */
  boolean hasPassed(Gtid gtid) {
    Long known = passed.get(Writer.of(gtid));
    return known != null && known >= gtid.sequence();
  }

  private boolean has(Gtid gtid) {
    Gtid own = last.get(gtid.domain());
    if (own == null) {
      return false;
    }
    if (own.server() == gtid.server() && own.sequence() >= gtid.sequence()) {
      return true;
    }
    Long known = passed.get(Writer.of(gtid));
    if (known != null) {
      return known >= gtid.sequence();
    }
    // Numbers of two servers are compared only where nothing says how far the other one's came.
    return ordered && own.server() != gtid.server() && own.sequence() >= gtid.sequence();
  }

  @Override
  public MariaDbPosition followedBy(Position later) {
    if (!(later instanceof MariaDbPosition position)) {
      throw new IllegalArgumentException(
          "no log of MariaDB goes on to a position of MySQL: " + this + ", " + later);
    }
    List<Gtid> left =
        last.values().stream()
            .filter(gtid -> {
              Gtid next = position.last.get(gtid.domain());
              return next != null && next.server() != gtid.server();
            })
            .toList();
    if (left.isEmpty() && position.passed.isEmpty()) {
      return new MariaDbPosition(position.last, passed, position.ordered);
    }
    Map<Writer, Long> more = new HashMap<>(passed);
    position.passed.forEach((writer, sequence) -> more.merge(writer, sequence, Math::max));
    left.forEach(gtid -> more.merge(Writer.of(gtid), gtid.sequence(), Math::max));
    return new MariaDbPosition(position.last, Map.copyOf(more), position.ordered);
  }

  /** This position after a transaction that comes next in the log. */
  @Override
  public MariaDbPosition with(String gtid) {
    TreeMap<Long, Gtid> grown = new TreeMap<>(last);
    Map<Writer, Long> left = passed;
    for (Gtid next : parse(gtid).last.values()) {
      Gtid before = grown.put(next.domain(), next);
      if (before != null && before.server() != next.server()) {
        Map<Writer, Long> more = new HashMap<>(left);
        more.merge(Writer.of(before), before.sequence(), Math::max);
        left = Map.copyOf(more);
      }
    }
    return new MariaDbPosition(grown, left, false);
  }

  /**
   * All transactions of both. Of two servers' transactions in one domain the one with the higher
   * number is taken for the later, unless one position has passed the other's.
   */
  @Override
  public MariaDbPosition union(Position other) {
    if (!(other instanceof MariaDbPosition position)) {
      throw new IllegalArgumentException(
          "positions of MariaDB and MySQL can't be joined: " + this + ", " + other);
    }
    Map<Writer, Long> both = new HashMap<>(passed);
    position.passed.forEach((writer, sequence) -> both.merge(writer, sequence, Math::max));
    TreeMap<Long, Gtid> joined = new TreeMap<>(last);
    for (Gtid gtid : position.last.values()) {
      Gtid own = last.get(gtid.domain());
      if (own != null && own.server() != gtid.server()) {
        both.merge(Writer.of(own), own.sequence(), Math::max);
        both.merge(Writer.of(gtid), gtid.sequence(), Math::max);
      }
      if (!has(gtid)) {
        boolean later = own != null && position.has(own);
        joined.merge(gtid.domain(), gtid, (a, b) -> later || b.sequence() >= a.sequence() ? b : a);
      }
    }
    return new MariaDbPosition(joined, Map.copyOf(both), false);
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
