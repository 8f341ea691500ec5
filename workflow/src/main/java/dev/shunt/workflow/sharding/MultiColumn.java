package dev.shunt.workflow.sharding;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of the ids that vindexes of their own give to each column, one behind the other.
 *
 * @param parts one for each column
 */
record MultiColumn(List<Part> parts) implements Vindex {
  /**
   * What one column adds.
   *
   * @param vindex maps the column
   * @param bytes how many of its id's bytes are taken; zeros make up for what it lacks, unless it
   *     is the last
   */
  record Part(Vindex vindex, int bytes) {}

  MultiColumn {
    parts = List.copyOf(parts);
  }

  @Override
  public String type() {
    return "multicol";
  }

  @Override
  public int cost() {
    return parts.stream().mapToInt(part -> part.vindex().cost()).sum();
  }

  @Override
  public int columns() {
    return parts.size();
  }

  @Override
  public byte[] map(byte @Nullable [] value) {
    if (parts.size() != 1) {
      throw new UnmappableValueException(type(), "it takes " + parts.size() + " columns");
    }
    return map(Collections.singletonList(value));
  }

  @Override
  public byte[] map(List<byte @Nullable []> values) {
    if (values.size() != parts.size()) {
      throw new UnmappableValueException(
          type(), "it takes " + parts.size() + " columns, not " + values.size());
    }
    Bytes id = new Bytes();
    int begin = 0;
    for (int i = 0; i < parts.size(); i++) {
      while (id.size() < begin) {
        id.write(0);
      }
      byte[] mapped = parts.get(i).vindex().map(values.get(i));
      id.write(mapped, Math.min(mapped.length, parts.get(i).bytes()));
      begin += parts.get(i).bytes();
    }
    return id.toByteArray();
  }
}
