package dev.shunt.mysql;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A GTID set of MySQL: intervals of transaction numbers for each source, tags kept. */
final class MysqlPosition implements Position {
  private static final String UUID_FORM = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  private static final Pattern TAG = Pattern.compile("[a-z_][a-z0-9_]{0,31}");
  private static final MysqlPosition EMPTY = new MysqlPosition(new TreeMap<>());

  /**
   * Who numbered the transactions.
   *
   * @param uuid server UUID in lower case
   * @param tag empty for transactions without one
   */
  public record Source(String uuid, String tag) implements Comparable<Source> {
    private static final Comparator<Source> ORDER =
        Comparator.comparing(Source::uuid).thenComparing(Source::tag);

    @Override
    public int compareTo(Source other) {
      return ORDER.compare(this, other);
    }
  }

  /** Transaction numbers from {@code first} to {@code last}, both included. */
  public record Interval(long first, long last) {
    public Interval {
      if (first < 1 || last < first || last == Long.MAX_VALUE) { // no server gives the highest one
        throw new IllegalArgumentException("GTID interval " + first + "-" + last);
      }
    }
  }

  private final SortedMap<Source, List<Interval>> intervals;

  private MysqlPosition(SortedMap<Source, List<Interval>> intervals) {
    this.intervals = intervals;
  }

  /** Reads {@code uuid:1-5:7,uuid2:tag:1-3}; white space between the parts is allowed. */
  public static MysqlPosition parse(String text) {
    TreeMap<Source, List<Interval>> read = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      if (!part.isBlank()) {
        parseSource(part.strip().toLowerCase(Locale.ROOT), text, read);
      } else if (!text.isBlank() && text.indexOf(',') >= 0) {
        throw malformed(text);
      }
    }
    return read.isEmpty() ? EMPTY : new MysqlPosition(merged(read));
  }

  private static void parseSource(String part, String whole, Map<Source, List<Interval>> into) {
    String[] fields = part.split(":", -1);
    if (!isUuid(fields[0].strip()) || fields.length < 2) {
      throw malformed(whole);
    }
    Source source = new Source(fields[0].strip(), "");
    boolean numbered = true;
    for (int i = 1; i < fields.length; i++) {
      String field = fields[i].strip();
      if (!startsWithDigit(field) && TAG.matcher(field).matches()) {
        if (!numbered) {
          throw malformed(whole);
        }
        source = new Source(source.uuid(), field);
        numbered = false;
      } else {
        into.computeIfAbsent(source, key -> new ArrayList<>()).add(interval(field, whole));
        numbered = true;
      }
    }
    if (!numbered) {
      throw malformed(whole);
    }
  }

  /** Without a pattern, as one is read for each transaction. */
  private static boolean isUuid(String text) {
    if (text.length() != UUID_FORM.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean hexadecimal = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      if (UUID_FORM.charAt(i) == '-' ? c != '-' : !hexadecimal) {
        return false;
      }
    }
    return true;
  }

  private static boolean startsWithDigit(String text) {
    return !text.isEmpty() && text.charAt(0) >= '0' && text.charAt(0) <= '9';
  }

  private static Interval interval(String field, String whole) {
    int dash = field.indexOf('-');
    try {
      long first = number(dash < 0 ? field : field.substring(0, dash).strip());
      return new Interval(first, dash < 0 ? first : number(field.substring(dash + 1).strip()));
    } catch (IllegalArgumentException e) {
      throw malformed(whole);
    }
  }

  /** Of digits alone: the JDK takes signs and the digits of all scripts. */
  private static long number(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        throw new NumberFormatException(text);
      }
    }
    return Long.parseLong(text);
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException("malformed MySQL GTID set '" + text + "'");
  }

  /** Sorts the intervals of each source and joins those that touch. */
  private static SortedMap<Source, List<Interval>> merged(Map<Source, List<Interval>> raw) {
    TreeMap<Source, List<Interval>> result = new TreeMap<>();
    raw.forEach((source, list) -> result.put(source, merged(list)));
    return result;
  }

  private static List<Interval> merged(List<Interval> raw) {
    if (raw.size() == 1) {
      return List.copyOf(raw);
    }
    List<Interval> sorted = new ArrayList<>(raw);
    sorted.sort(Comparator.comparingLong(Interval::first));
    List<Interval> joined = new ArrayList<>(sorted.size());
    for (Interval next : sorted) {
      Interval previous = joined.isEmpty() ? null : joined.getLast();
      if (previous != null && next.first() <= previous.last() + 1) {
        joined.set(
            joined.size() - 1,
            new Interval(previous.first(), Math.max(previous.last(), next.last())));
      } else {
        joined.add(next);
      }
    }
    return List.copyOf(joined);
  }

  /** The intervals of each source, sorted. */
  public SortedMap<Source, List<Interval>> intervals() {
    return Collections.unmodifiableSortedMap(intervals);
  }

  /** One that is known to be a GTID set. */
  static MysqlPosition of(Position position) {
    if (position instanceof MysqlPosition ours) {
      return ours;
    }
    throw new IllegalArgumentException(
        "a position of another kind of server than MySQL: " + position.encoded());
  }

  @Override
  public String prefix() {
    return MysqlPositions.PREFIX;
  }

  @Override
  public boolean isTextComplete() {
    return true;
  }

  @Override
  public boolean isEmpty() {
    return intervals.isEmpty();
  }

  @Override
  public boolean atLeast(Position other) {
    if (!(other instanceof MysqlPosition position)) {
      return false;
    }
    for (Entry<Source, List<Interval>> entry : position.intervals.entrySet()) {
      List<Interval> own = intervals.getOrDefault(entry.getKey(), List.of());
      for (Interval wanted : entry.getValue()) {
        if (!covers(own, wanted)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean covers(List<Interval> own, Interval wanted) {
    for (Interval interval : own) {
      if (interval.first() <= wanted.first() && wanted.last() <= interval.last()) {
        return true;
      }
    }
    return false;
  }

  /** What a server made of it, with whatever tags. */
  MysqlPosition madeBy(String uuid) {
    TreeMap<Source, List<Interval>> own = new TreeMap<>();
    intervals.forEach((source, numbers) -> {
      if (source.uuid().equals(uuid.toLowerCase(Locale.ROOT))) {
        own.put(source, numbers);
      }
    });
    return new MysqlPosition(own);
  }

  @Override
  public MysqlPosition with(String gtid) {
    return union(parse(gtid));
  }

  @Override
  public MysqlPosition followedBy(Position later) {
    return union(later);
  }

  @Override
  public MysqlPosition union(Position other) {
    if (!(other instanceof MysqlPosition position)) {
      throw new IllegalArgumentException(
          "positions of MySQL and MariaDB can't be joined: " + this + ", " + other);
    }
    TreeMap<Source, List<Interval>> joined = new TreeMap<>(intervals);
    for (Entry<Source, List<Interval>> entry : position.intervals.entrySet()) {
      List<Interval> both = new ArrayList<>(joined.getOrDefault(entry.getKey(), List.of()));
      both.addAll(entry.getValue());
      joined.put(entry.getKey(), merged(both));
    }
    return new MysqlPosition(joined);
  }

  @Override
  public String text() {
    StringBuilder text = new StringBuilder();
    String uuid = "";
    for (Entry<Source, List<Interval>> entry : intervals.entrySet()) {
      Source source = entry.getKey();
      if (!source.uuid().equals(uuid)) {
        uuid = source.uuid();
        text.append(text.isEmpty() ? "" : ",").append(uuid);
      }
      if (!source.tag().isEmpty()) {
        text.append(':').append(source.tag());
      }
      for (Interval interval : entry.getValue()) {
        text.append(':').append(interval.first());
        if (interval.last() > interval.first()) {
          text.append('-').append(interval.last());
        }
      }
    }
    return text.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MysqlPosition position && intervals.equals(position.intervals);
  }

  @Override
  public int hashCode() {
    return intervals.hashCode();
  }

  /** The encoded form. */
  @Override
  public String toString() {
    return encoded();
  }
}
