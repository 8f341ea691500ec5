package dev.shunt.workflow.sharding;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The number that a map has for a number; for one that is not in it what another vindex says.
 *
 * @param numbers the map; numbers are unsigned
 * @param otherwise maps what is not in the map
 */
record NumericStaticMap(Map<Long, Long> numbers, Vindex otherwise) implements Vindex {
  NumericStaticMap {
    numbers = Map.copyOf(numbers);
  }

  @Override
  public String type() {
    return "numeric_static_map";
  }

  @Override
  public int cost() {
    return 1;
  }

  @Override
  public byte[] map(byte @Nullable [] value) {
    Long mapped = numbers.get(Integers.unsigned(type(), value));
    return mapped == null ? otherwise.map(value) : Integers.bigEndian(mapped);
  }
}
