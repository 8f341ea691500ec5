package dev.shunt.tablet.vstreamer.binlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table as a table map event describes it.
 *
 * @param id number by which row events refer to it
 * @param database its database
 * @param name its name
 * @param types type code of each column
 * @param metadata metadata of each column, first byte lowest
 * @param names column names when the source runs with binlog_row_metadata=FULL, else empty
 */
public record TableDefinition(
    long id,
    String database,
    String name,
    List<Integer> types,
    List<Integer> metadata,
    List<String> names) {
  private static final int COLUMN_NAME = 4;

  public TableDefinition {
    types = List.copyOf(types);
    metadata = List.copyOf(metadata);
    names = List.copyOf(names);
  }

  /** Number of columns in the row images. */
  public int columns() {
    return types.size();
  }

  /** The JSON columns, in order. */
  int[] jsonColumns() {
    return IntStream.range(0, types.size()).filter(i -> types.get(i) == ColumnType.JSON).toArray();
  }

  static TableDefinition read(ByteReader in) {
    long id = in.littleEndian(6);
    in.skip(2);
    String database = zeroTerminated(in);
    String name = zeroTerminated(in);
    int columns = (int) in.packed();
    List<Integer> types = new ArrayList<>(columns);
    for (int i = 0; i < columns; i++) {
      types.add(in.uint8());
    }
    ByteReader meta = in.slice((int) in.packed());
    List<Integer> metadata = new ArrayList<>(columns);
    for (int type : types) {
      metadata.add((int) meta.littleEndian(ColumnType.metadataBytes(type)));
    }
    in.skip((columns + 7) / 8);
    return new TableDefinition(id, database, name, types, metadata, names(in));
  }

  private static String zeroTerminated(ByteReader in) {
    String text = new String(in.take(in.uint8()), UTF_8);
    in.skip(1);
    return text;
  }

  private static List<String> names(ByteReader in) {
    List<String> names = new ArrayList<>();
    while (in.remaining() > 0) {
      int field = in.uint8();
      ByteReader value = in.slice((int) in.packed());
      if (field == COLUMN_NAME) {
        while (value.remaining() > 0) {
          names.add(new String(value.take((int) value.packed()), UTF_8));
        }
      }
    }
    return names;
  }
}
