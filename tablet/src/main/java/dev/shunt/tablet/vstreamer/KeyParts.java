package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Cuts tables into parts of about equal size for several readers. Only a key that begins with an
 * integer is cut, at equal distances between its ends: any other way would read the whole table
 * first. Where values are spread unevenly so are the parts; who reads them takes the next one when
 * it is through with one.
 */
final class KeyParts {
  /** Enough for the readers of any server, uneven parts included. */
  private static final int MOST_PARTS = 64;

  private final MysqlConnection connection;
  private final String database;
  private final long partBytes;

  /**
   * @param partBytes how large a part should be
   */
  KeyParts(MysqlConnection connection, String database, long partBytes) {
    this.connection = connection;
    this.database = database;
    this.partBytes = partBytes;
  }

  /** About how many bytes the rows of each table have. */
  Map<String, Long> sizes() {
    if (connection.flavor() == Flavor.MYSQL) {
      connection.execute("SET SESSION information_schema_stats_expiry = 0");
    }
    Map<String, Long> sizes = new HashMap<>();
    for (Row row :
        connection
            .execute(
                "SELECT TABLE_NAME, COALESCE(DATA_LENGTH, 0) FROM information_schema.TABLES WHERE"
                    + " TABLE_SCHEMA = "
                    + SqlText.literal(database))
            .rows()) {
      sizes.put(row.text(0), row.number(1));
    }
    return sizes;
  }

  /**
   * The values of the key's first column with which the second part and each further one begins;
   * empty when the table is not cut.
   */
  List<BigInteger> starts(TableSchema table, long bytes) {
    long parts = Math.min(MOST_PARTS, bytes / partBytes);
    if (parts < 2 || !table.uniqueKey() || !isInteger(table.keyColumns().getFirst())) {
      return List.of();
    }
    String column = SqlText.identifier(table.key().getFirst());
    Row ends =
        connection
            .execute(
                "SELECT MIN(%1$s), MAX(%1$s) FROM %2$s"
                    .formatted(column, SqlText.qualified(database, table.name())))
            .only();
    String first = ends.textOrNull(0);
    String last = ends.textOrNull(1);
    return first == null || last == null
        ? List.of()
        : cut(new BigInteger(first), new BigInteger(last), parts);
  }

  /** Equal distances between two values. */
  static List<BigInteger> cut(BigInteger first, BigInteger last, long parts) {
    BigInteger span = last.subtract(first).add(BigInteger.ONE);
    BigInteger count = span.min(BigInteger.valueOf(parts));
    List<BigInteger> starts = new ArrayList<>();
    for (int i = 1; i < count.intValueExact(); i++) {
      starts.add(first.add(span.multiply(BigInteger.valueOf(i)).divide(count)));
    }
    return starts;
  }

  private static boolean isInteger(ColumnSchema column) {
    return switch (column.dataType()) {
      case "tinyint", "smallint", "mediumint", "int", "bigint" -> true;
      default -> false;
    };
  }
}
