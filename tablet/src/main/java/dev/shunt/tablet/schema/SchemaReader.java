package dev.shunt.tablet.schema;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads tables out of information_schema. Used by one thread at a time, as its connection. */
public final class SchemaReader {
  private static final int BINARY_COLLATION = 63;

  private final MysqlConnection connection;
  private final Map<String, Integer> collationIds = new HashMap<>();

  /** Reads through a connection whose results are not converted (SET NAMES utf8mb4 or binary). */
  public SchemaReader(MysqlConnection connection) {
    this.connection = connection;
  }

  private record Index(String name, List<String> columns, boolean usableAsKey, boolean hashed) {}

  /** As {@link #read}; FAILED_PRECONDITION when it is not there. */
  public TableSchema demand(String database, String table) {
    return read(database, table)
        .orElseThrow(() ->
            new RpcException(
                Status.Code.FAILED_PRECONDITION,
                "unknown table " + table + " in schema of database " + database));
  }

  /** A table or view of a database; empty when it is not there. */
  public Optional<TableSchema> read(String database, String table) {
    List<ColumnSchema> columns = columns(database, table);
    if (columns.isEmpty()) {
      return Optional.empty();
    }
    List<Index> unique = uniqueIndexes(database, table, columns);
    Optional<Index> key = key(database, table, unique);
    List<String> keyColumns =
        key.map(Index::columns).orElseGet(() -> columns.stream().map(ColumnSchema::name).toList());
    return Optional.of(
        new TableSchema(
            table,
            columns,
            keyColumns,
            key.isPresent(),
            key.map(Index::name).orElse(""),
            unique.size(),
            (int) unique.stream().filter(Index::hashed).count()));
  }

  /**
   * The primary key, else the unique key that the server takes for one: the first in its own order.
   * Partial row images have the columns of that.
   */
  private Optional<Index> key(String database, String table, List<Index> unique) {
    List<Index> usable = unique.stream().filter(Index::usableAsKey).toList();
    Optional<Index> primary =
        usable.stream().filter(index -> index.name().equals("PRIMARY")).findFirst();
    if (primary.isPresent() || usable.size() < 2) {
      return primary.or(() -> usable.stream().findFirst());
    }
    List<String> order =
        connection.execute("SHOW INDEX FROM " + SqlText.qualified(database, table)).rows().stream()
            .map(row -> row.text(2))
            .toList();
    return usable.stream().min(Comparator.comparing(index -> order.indexOf(index.name())));
  }

  private List<ColumnSchema> columns(String database, String table) {
    QueryResult result =
        connection.execute(
            "SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, COALESCE(CHARACTER_MAXIMUM_LENGTH,0),"
                + " COALESCE(CHARACTER_SET_NAME,''), COALESCE(COLLATION_NAME,''), IS_NULLABLE,"
                + " EXTRA, COLUMN_DEFAULT FROM information_schema.COLUMNS WHERE "
                + where(database, table)
                + " ORDER BY ORDINAL_POSITION");
    List<ColumnSchema> columns = new ArrayList<>();
    for (Row row : result.rows()) {
      String dataType = row.text(1).toLowerCase(Locale.ROOT);
      String collation = row.text(5);
      columns.add(
          new ColumnSchema(
              row.text(0),
              dataType,
              row.text(2),
              Long.parseUnsignedLong(row.text(3)),
              row.text(4),
              collation,
              collationId(collation),
              row.text(6).equals("YES"),
              isGenerated(row.text(7)),
              row.text(7).toLowerCase(Locale.ROOT).contains("auto_increment"),
              row.text(7).toLowerCase(Locale.ROOT).contains("on update"),
              row.textOrNull(8) != null,
              elements(dataType, row.text(2), row.text(4))));
    }
    return columns;
  }

  private List<String> elements(String dataType, String columnType, String charset) {
    return dataType.equals("enum") || dataType.equals("set")
        ? ServerCharsets.encoded(connection, charset, EnumElements.of(columnType))
        : List.of();
  }

  private static boolean isGenerated(String extra) {
    String upper = extra.toUpperCase(Locale.ROOT);
    return upper.contains("VIRTUAL GENERATED") || upper.contains("STORED GENERATED");
  }

  private List<Index> uniqueIndexes(String database, String table, List<ColumnSchema> columns) {
    QueryResult result =
        connection.execute(
            "SELECT INDEX_NAME, COALESCE(COLUMN_NAME,''), SUB_PART IS NOT NULL,"
                + " INDEX_TYPE"
                + " FROM information_schema.STATISTICS WHERE NON_UNIQUE=0 AND "
                + where(database, table)
                + " ORDER BY INDEX_NAME, SEQ_IN_INDEX");
    Map<String, List<Row>> byName = new LinkedHashMap<>();
    for (Row row : result.rows()) {
      byName.computeIfAbsent(row.text(0), name -> new ArrayList<>()).add(row);
    }
    List<Index> indexes = new ArrayList<>();
    byName.forEach((name, parts) -> {
      boolean usable = parts.stream().allMatch(part -> usable(part, columns));
      indexes.add(
          new Index(
              name,
              parts.stream().map(part -> part.text(1)).toList(),
              usable,
              parts.getFirst().text(3).equals("HASH")));
    });
    return indexes;
  }

  private static boolean usable(Row part, List<ColumnSchema> columns) {
    return part.number(2) == 0
        && columns.stream()
            .anyMatch(column -> column.name().equalsIgnoreCase(part.text(1)) && !column.nullable());
  }

  private static String where(String database, String table) {
    return "TABLE_SCHEMA="
        + SqlText.literal(database)
        + " AND TABLE_NAME="
        + SqlText.literal(table);
  }

  private int collationId(String collation) {
    if (collation.isEmpty()) {
      return BINARY_COLLATION;
    }
    if (collationIds.isEmpty()) {
      collationIds.putAll(connection.flavor().catalog().collations(connection));
    }
    return collationIds.getOrDefault(collation, 0);
  }
}
