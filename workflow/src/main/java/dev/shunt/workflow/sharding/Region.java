package dev.shunt.workflow.sharding;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The number of a region, then the hash of an id. The region is the first column's number, or what
 * a map says to the second column's text; the id is the other column.
 *
 * @param bytes bytes of the region's number that count, 1 or 2
 * @param regions numbers of regions by name; empty when the first column is the number
 */
record Region(int bytes, Optional<Map<String, Long>> regions) implements Vindex {
  @Override
  public String type() {
    return regions.isPresent() ? "region_json" : "region_experimental";
  }

  @Override
  public int cost() {
    return 1;
  }

  @Override
  public int columns() {
    return 2;
  }

  @Override
  public byte[] map(byte @Nullable [] value) {
    throw new UnmappableValueException(type(), "it takes two columns");
  }

  @Override
  public byte[] map(List<byte @Nullable []> values) {
    if (values.size() != 2) {
      throw new UnmappableValueException(type(), "it takes two columns, not " + values.size());
    }
    long region;
    byte @Nullable [] id;
    if (regions.isPresent()) {
      String name = new String(Integers.notNull(type(), values.get(1)), UTF_8);
      Long number = regions.get().get(name);
      if (number == null) {
        throw new UnmappableValueException(type(), "value is no region of its map");
      }
      region = number;
      id = values.get(0);
    } else {
      region = Integers.unsigned(type(), values.get(0));
      id = values.get(1);
    }
    byte[] hash = NullKeyDes.encrypt(Integers.unsigned(type(), id));
    byte[] keyspaceId =
        Arrays.copyOf(
            Arrays.copyOfRange(Integers.bigEndian(region), 8 - bytes, 8), bytes + hash.length);
    System.arraycopy(hash, 0, keyspaceId, bytes, hash.length);
    return keyspaceId;
  }
}
