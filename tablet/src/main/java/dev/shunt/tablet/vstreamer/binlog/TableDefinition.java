package dev.shunt.tablet.vstreamer.binlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.shunt.mysql.LogFormat;
import java.util.ArrayList;
import java.util.BitSet;
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
 * @param nullable whether each column takes NULL
 * @param optionalMetadata what else the source says of the columns
 */
public record TableDefinition(
    long id,
    String database,
    String name,
    List<Integer> types,
    List<Integer> metadata,
    List<Boolean> nullable,
    TableMetadata optionalMetadata) {
  private static final int BINARY = 63;

  public TableDefinition {
    types = List.copyOf(types);
    metadata = List.copyOf(metadata);
    nullable = List.copyOf(nullable);
  }

  /** Column names when the source runs with binlog_row_metadata=FULL, else empty. */
  public List<String> names() {
    return optionalMetadata.names();
  }

  /** Number of columns in the row images. */
  public int columns() {
    return types.size();
  }

  /** The SQL type of a column, binary strings as texts: {@code int}, {@code varchar}. */
  public String typeName(int column) {
    return LoggedColumnType.name(types.get(column), metadata.get(column));
  }

  /**
   * What rows need to know of a column, from the log where that says it and else as given.
   *
   * @param today the column as it is now
   */
  public ColumnFacts facts(int column, ColumnFacts today) {
    int type = LoggedColumnType.real(types.get(column), metadata.get(column));
    boolean unsigned =
        optionalMetadata.unsigned().isEmpty()
            ? today.unsigned()
            : optionalMetadata.unsigned().get(column);
    int collation = optionalMetadata.collations().get(column);
    boolean binary = collation == 0 ? today.binaryLength() > 0 : collation == BINARY;
    List<String> elements = optionalMetadata.elements().get(column);
    return new ColumnFacts(
        unsigned,
        unsigned ? today.zerofill() : 0,
        type == LoggedColumnType.STRING && binary
            ? LoggedColumnType.charLength(metadata.get(column))
            : 0,
        today.fixedText(),
        elements.isEmpty() ? today.elements() : elements,
        today.separator());
  }

  /**
   * Whether a column of a MySQL is NULL where a new row leaves it out: texts, binary strings of any
   * length and JSON have no constant default there.
   */
  public boolean isNullWhenLeftOut(int column) {
    int type = types.get(column);
    return nullable.get(column) && (type == LoggedColumnType.BLOB || type == LoggedColumnType.JSON);
  }

  /** The JSON columns, in order. */
  int[] jsonColumns() {
    return IntStream.range(0, types.size())
        .filter(i -> types.get(i) == LoggedColumnType.JSON)
        .toArray();
  }

  static TableDefinition read(ByteReader in, LogFormat format) {
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
      metadata.add((int) meta.littleEndian(LoggedColumnType.metadataBytes(type)));
    }
    BitSet nulls = BitSet.valueOf(in.take((columns + 7) / 8));
    List<Boolean> nullable = IntStream.range(0, columns).mapToObj(nulls::get).toList();
    List<Integer> real =
        IntStream.range(0, columns)
            .mapToObj(i -> LoggedColumnType.real(types.get(i), metadata.get(i)))
            .toList();
    return new TableDefinition(
        id, database, name, types, metadata, nullable, TableMetadata.read(in, real, format));
  }

  private static String zeroTerminated(ByteReader in) {
    String text = new String(in.take(in.uint8()), UTF_8);
    in.skip(1);
    return text;
  }
}
