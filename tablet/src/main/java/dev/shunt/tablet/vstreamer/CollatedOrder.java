package dev.shunt.tablet.vstreamer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.schema.ColumnSchema;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares texts as a column's collation does, by asking the server: nobody else knows all of its
 * collations. Answers are kept, so that columns of few values cost few questions.
 */
final class CollatedOrder implements AutoCloseable {
  private static final int KEPT = 10_000;

  private final MysqlEndpoint endpoint;
  private final LinkedHashMap<String, Integer> known = new LinkedHashMap<>(16, 0.75f, true);
  private @Nullable MysqlConnection connection;

  CollatedOrder(MysqlEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  /**
   * Order of a cell and a literal: negative, zero or positive.
   *
   * @param column a column with a collation
   * @param cell its bytes, in its character set
   */
  synchronized int compare(ColumnSchema column, byte[] cell, String literal) {
    String bytes = HexFormat.of().formatHex(cell);
    String question = column.collation() + ' ' + bytes + ' ' + literal;
    Integer answer = known.get(question);
    if (answer == null) {
      answer = ask(column, bytes, literal);
      known.put(question, answer);
      if (known.size() > KEPT) {
        known.pollFirstEntry();
      }
    }
    return answer;
  }

  private int ask(ColumnSchema column, String cell, String literal) {
    String collate = " COLLATE " + column.collation();
    String sql =
        "SELECT STRCMP(_"
            + column.charset()
            + " X'"
            + cell
            + "'"
            + collate
            + ", CONVERT(_utf8mb4 X'"
            + HexFormat.of().formatHex(literal.getBytes(UTF_8))
            + "' USING "
            + column.charset()
            + ")"
            + collate
            + ")";
    MysqlConnection used = connection;
    if (used == null || used.isClosed()) {
      used = MysqlConnection.open(endpoint);
      connection = used;
    }
    try {
      return (int) used.execute(sql).only().number(0);
    } catch (MysqlException e) {
      used.close();
      throw e;
    }
  }

  @Override
  public synchronized void close() {
    if (connection != null) {
      connection.close();
    }
  }
}
