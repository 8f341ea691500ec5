package dev.shunt.vdiff.comparing;

import com.google.protobuf.ByteString;
import io.vitess.proto.Query;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where a side's columns stand in the order of the target, and which of them are the key. */
final class RowLayout {
  private final List<Query.Field> fields;
  private final int[] positions;
  private final int[] key;

  private RowLayout(List<Query.Field> fields, int[] positions, int[] key) {
    this.fields = fields;
    this.positions = positions;
    this.key = key;
  }

  /**
   * Lays a side's columns out as the target's; names are compared as MySQL does, without case.
   *
   * @throws IllegalArgumentException when the side lacks a column or has one more
   */
  static RowLayout of(RowSource side, List<Query.Field> fields, List<Query.Field> keyFields) {
    Map<String, Integer> index = new HashMap<>();
    for (int i = 0; i < side.fields().size(); i++) {
      index.put(lower(side.fields().get(i)), i);
    }
    if (side.fields().size() != fields.size()) {
      throw new IllegalArgumentException(
          "%s has %d columns, the target %d"
              .formatted(side.name(), side.fields().size(), fields.size()));
    }
    int[] positions = new int[fields.size()];
    Map<String, Integer> target = new HashMap<>();
    for (int i = 0; i < positions.length; i++) {
      Integer position = index.get(lower(fields.get(i)));
      if (position == null) {
        throw new IllegalArgumentException(
            "%s has no column %s".formatted(side.name(), fields.get(i).getName()));
      }
      positions[i] = position;
      target.put(lower(fields.get(i)), i);
    }
    List<Integer> key = new ArrayList<>();
    for (Query.Field field : keyFields) {
      Integer position = target.get(lower(field));
      if (position != null) {
        key.add(position);
      }
    }
    if (key.isEmpty()) {
      target.values().stream().sorted().forEach(key::add);
    }
    List<Query.Field> laidOut = new ArrayList<>();
    for (int position : positions) {
      laidOut.add(side.fields().get(position));
    }
    return new RowLayout(laidOut, positions, key.stream().mapToInt(Integer::intValue).toArray());
  }

  private static String lower(Query.Field field) {
    return field.getName().toLowerCase(java.util.Locale.ROOT);
  }

  /** Positions of the key's columns in the order of the target. */
  int[] key() {
    return key.clone();
  }

  /** The side's fields in the order of the target. */
  List<Query.Field> fields() {
    return fields;
  }

  /** A row in the order of the target, its cells in the form in which they are compared. */
  ComparedRow row(Query.Row row, CellForms forms) {
    int columns = row.getLengthsCount();
    int[] starts = new int[columns];
    int at = 0;
    for (int i = 0; i < columns; i++) {
      starts[i] = at;
      at += (int) Math.max(0, row.getLengths(i));
    }
    List<ByteString> values = new ArrayList<>(positions.length);
    boolean[] nulls = new boolean[positions.length];
    for (int i = 0; i < positions.length; i++) {
      int from = positions[i];
      long length = row.getLengths(from);
      nulls[i] = length < 0;
      values.add(
          length <= 0
              ? ByteString.EMPTY
              : forms.of(
                  i,
                  fields.get(i),
                  row.getValues().substring(starts[from], starts[from] + (int) length)));
    }
    return new ComparedRow(values, nulls);
  }

  /** The key's values, each with its length, so that different keys differ as bytes. */
  ByteString keyOf(ComparedRow row) {
    int size = 0;
    for (int position : key) {
      size += Integer.BYTES + row.values().get(position).size();
    }
    ByteBuffer bytes = ByteBuffer.allocate(size);
    for (int position : key) {
      ByteString value = row.values().get(position);
      bytes.putInt(row.isNull(position) ? -1 : value.size());
      value.copyTo(bytes);
    }
    return ByteString.copyFrom(bytes.flip());
  }
}
