package dev.shunt.workflow.sharding;

import com.google.protobuf.ByteString;
import dev.shunt.workflow.Refusal;
import io.vitess.proto.Topodata;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A range of keyspace ids: start inclusive, end exclusive, compared as unsigned bytes. An empty
 * start is the lowest id, an empty end means without limit. Trailing zero bytes carry no meaning
 * and are dropped, so {@code -80} equals {@code -8000}.
 *
 * @param start first id of the range
 * @param end first id behind the range
 */
public record KeyRange(ByteString start, ByteString end) implements Comparable<KeyRange> {
  /** Every keyspace id; the range of an unsharded keyspace. */
  public static final KeyRange FULL = new KeyRange(ByteString.EMPTY, ByteString.EMPTY);

  /** IllegalArgumentException when the range holds nothing. */
  public KeyRange {
    if (!end.isEmpty() && withoutTrailingZeros(end).isEmpty()) {
      throw new IllegalArgumentException("a key range cannot end at its lowest id: " + hex(end));
    }
    start = withoutTrailingZeros(start);
    end = withoutTrailingZeros(end);
    if (!end.isEmpty() && compare(start, end) >= 0) {
      throw new IllegalArgumentException("empty key range: " + hex(start) + "-" + hex(end));
    }
  }

  /**
   * Reads {@code -40}, {@code 40-80}, {@code 80-} or {@code -}; a name without a dash, such as
   * {@code 0}, is the single shard of an unsharded keyspace and has the full range.
   * IllegalArgumentException for anything else.
   */
  public static KeyRange parse(String text) {
    int dash = text.indexOf('-');
    if (dash < 0) {
      return FULL;
    }
    if (text.indexOf('-', dash + 1) >= 0) {
      throw new IllegalArgumentException("not a single key range: " + text);
    }
    return new KeyRange(bytes(text, 0, dash), bytes(text, dash + 1, text.length()));
  }

  /** The range of a shard record; an absent range is the full one. */
  public static KeyRange of(Topodata.KeyRange range) {
    return new KeyRange(range.getStart(), range.getEnd());
  }

  /** The range of a shard's name; refuses what {@link #parse} cannot read. */
  public static KeyRange ofShard(String shard) {
    try {
      return parse(shard);
    } catch (IllegalArgumentException e) {
      throw Refusal.invalidArgument(
              "shard %s is not a key range: %s", shard, String.valueOf(e.getMessage()))
          .exception();
    }
  }

  /** For a shard record. */
  public Topodata.KeyRange toProto() {
    return Topodata.KeyRange.newBuilder().setStart(start).setEnd(end).build();
  }

  /**
   * What some ranges are together; empty when that is no range, as there is a gap between them, two
   * of them overlap, or there are none.
   */
  public static Optional<KeyRange> union(Collection<KeyRange> ranges) {
    List<KeyRange> sorted = ranges.stream().sorted().toList();
    for (int i = 1; i < sorted.size(); i++) {
      ByteString reached = sorted.get(i - 1).end;
      if (reached.isEmpty() || !sorted.get(i).start.equals(reached)) {
        return Optional.empty();
      }
    }
    return sorted.isEmpty()
        ? Optional.empty()
        : Optional.of(new KeyRange(sorted.getFirst().start, sorted.getLast().end));
  }

  /** Whether it is every keyspace id. */
  public boolean isFull() {
    return start.isEmpty() && end.isEmpty();
  }

  /** Whether the keyspace id lies in the range. */
  public boolean contains(byte[] keyspaceId) {
    ByteString id = ByteString.copyFrom(keyspaceId);
    return compare(start, id) <= 0 && (end.isEmpty() || compare(id, end) < 0);
  }

  /** Whether some keyspace id lies in both. */
  public boolean intersects(KeyRange other) {
    return startsBeforeEndOf(other) && other.startsBeforeEndOf(this);
  }

  private boolean startsBeforeEndOf(KeyRange other) {
    return other.end.isEmpty() || compare(start, other.end) < 0;
  }

  /** By start, then by end. */
  @Override
  public int compareTo(KeyRange other) {
    int byStart = compare(start, other.start);
    if (byStart != 0 || end.equals(other.end)) {
      return byStart;
    }
    if (end.isEmpty() || other.end.isEmpty()) {
      return end.isEmpty() ? 1 : -1;
    }
    return compare(end, other.end);
  }

  /** As in the name of a shard: {@code -80}, {@code 40-80}, {@code -} for the full range. */
  @Override
  public String toString() {
    return hex(start) + "-" + hex(end);
  }

  private static int compare(ByteString left, ByteString right) {
    return Arrays.compareUnsigned(left.toByteArray(), right.toByteArray());
  }

  private static ByteString withoutTrailingZeros(ByteString bytes) {
    int length = bytes.size();
    while (length > 0 && bytes.byteAt(length - 1) == 0) {
      length--;
    }
    return bytes.substring(0, length);
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  private static ByteString bytes(String text, int from, int to) {
    String hex = text.substring(from, to).toLowerCase(Locale.ROOT);
    if (hex.length() % 2 != 0) {
      throw new IllegalArgumentException("odd number of hex digits in key range: " + text);
    }
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }
}
