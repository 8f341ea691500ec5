package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.schema.TableSchema;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts tables into parts of about equal size for several readers: where the key begins with an
 * integer at equal distances between its ends, if that gives even parts, and else at keys of rows
 * (see {@link KeySampler}). Uneven parts do no harm: who reads them takes the next one when it is
 * through with one.
 */
final class KeyParts {
  /** Enough for the readers of any server, uneven parts included. */
  private static final int MOST_PARTS = 64;

  /** A part of more than so much of a table, or of so many times its share, is uneven. */
  private static final double MOST_OF_ALL = 0.8;

  private static final double MOST_OF_SHARE = 2.5;

  private static final Logger log = LoggerFactory.getLogger(KeyParts.class);

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
    connection.flavor().sessions().seeFreshStatistics(connection);
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
   * Where to cut a table.
   *
   * @param bytes how large it is
   * @param byKeys whether it may be cut at keys of rows; else only by an integer
   */
  Cuts cuts(TableSchema table, long bytes, boolean byKeys) {
    int parts = (int) Math.min(MOST_PARTS, bytes / partBytes);
    if (parts < 2 || !table.uniqueKey()) {
      return Cuts.NONE;
    }
    List<BigInteger> starts = starts(table, parts);
    if (!byKeys || !KeySampler.takes(table)) {
      return new Cuts.Numbers(starts);
    }
    try {
      KeySampler sampler = new KeySampler(connection, database, table);
      return starts.size() == parts - 1 && areEven(sampler, table.keyColumns().getFirst(), starts)
          ? new Cuts.Numbers(starts)
          : new Cuts.Keys(sampler.ends(parts));
    } catch (MysqlException e) {
      if (e.connectionLost()) {
        throw e;
      }
      log.atInfo()
          .addKeyValue("table", table.name())
          .addKeyValue("reason", e.getMessage())
          .log("a table is not cut at keys of its rows");
      return new Cuts.Numbers(starts);
    }
  }

  /** Whether no part has far more rows than its share. */
  private static boolean areEven(KeySampler sampler, ColumnSchema column, List<BigInteger> starts) {
    String name = SqlText.identifier(column.name());
    long total = 0;
    long most = 0;
    for (int i = 0; i <= starts.size(); i++) {
      String from = i == 0 ? "" : name + " >= " + starts.get(i - 1);
      String below = i == starts.size() ? "" : name + " < " + starts.get(i);
      String glue = from.isEmpty() || below.isEmpty() ? "" : " AND ";
      long rows = sampler.rows(new SqlBuffer().append(from + glue + below));
      total += rows;
      most = Math.max(most, rows);
    }
    return most <= total * Math.min(MOST_OF_ALL, MOST_OF_SHARE / (starts.size() + 1));
  }

  /**
   * The values of the key's first column with which the second part and each further one begins;
   * none when it is no integer.
   */
  private List<BigInteger> starts(TableSchema table, int parts) {
    if (!isInteger(table.keyColumns().getFirst())) {
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
