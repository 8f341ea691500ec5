package dev.shunt.topo;

import com.google.protobuf.ByteString;
import io.vitess.proto.Topodata.KeyRange;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * Shard names as Vitess takes them: without a dash the shard has no key range and the name is kept
 * as given; with one dash its sides are the bounds in hex, lower-cased, an empty side is open.
 */
public final class ShardNames {
  /** By key range: start, then end; shards without a range last, by name. */
  public static final Comparator<String> ORDER =
      Comparator.<String, Boolean>comparing(name -> range(name).isEmpty())
          .thenComparing(name -> start(name), ByteString.unsignedLexicographicalComparator())
          .thenComparing(name -> end(name), ShardNames::compareEnds)
          .thenComparing(Comparator.naturalOrder());

  private ShardNames() {}

  /** The name as it is stored; INVALID when it is malformed. */
  public static String validate(String shard) {
    String name = Paths.name("shard", shard);
    return range(name).isPresent() ? name.toLowerCase(Locale.ROOT) : name;
  }

  /** Key range that a shard's name gives; empty without a dash, INVALID when malformed. */
  public static Optional<KeyRange> range(String shard) {
    int dash = shard.indexOf('-');
    if (dash < 0) {
      return Optional.empty();
    }
    ByteString start = bound(shard, shard.substring(0, dash));
    ByteString end = bound(shard, shard.substring(dash + 1));
    if (!end.isEmpty() && ByteString.unsignedLexicographicalComparator().compare(start, end) >= 0) {
      throw invalid(shard, "its start must be below its end");
    }
    return Optional.of(KeyRange.newBuilder().setStart(start).setEnd(end).build());
  }

  /** Whether two shards have keys in common; a shard without a range has all. */
  public static boolean intersect(String one, String other) {
    return below(start(one), end(other)) && below(start(other), end(one));
  }

  private static boolean below(ByteString start, ByteString end) {
    return end.isEmpty() || ByteString.unsignedLexicographicalComparator().compare(start, end) < 0;
  }

  private static int compareEnds(ByteString one, ByteString other) {
    if (one.isEmpty() || other.isEmpty()) {
      return Boolean.compare(one.isEmpty(), other.isEmpty());
    }
    return ByteString.unsignedLexicographicalComparator().compare(one, other);
  }

  private static ByteString start(String shard) {
    return range(shard).map(KeyRange::getStart).orElse(ByteString.EMPTY);
  }

  private static ByteString end(String shard) {
    return range(shard).map(KeyRange::getEnd).orElse(ByteString.EMPTY);
  }

  private static ByteString bound(String shard, String hex) {
    try {
      return ByteString.copyFrom(HexFormat.of().parseHex(hex));
    } catch (IllegalArgumentException e) {
      throw invalid(shard, "its bounds must be hexadecimal, two digits a byte, around one dash");
    }
  }

  private static TopoException invalid(String shard, String why) {
    return new TopoException(
        TopoException.Kind.INVALID, "invalid shard name " + shard + ": " + why);
  }
}
