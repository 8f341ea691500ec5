package dev.shunt.tablet.random;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.RowCursor;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rows of a table to the byte, in no order. */
final class Contents {
  private static final int SHOWN = 3;
  private static final int LONG = 400;

  private Contents() {}

  /** How the target's rows differ from the source's; empty when they don't. */
  static Optional<String> difference(TestDatabase source, TestDatabase target, RandomTable table) {
    List<String> wanted = rows(source, table);
    List<String> found = rows(target, table);
    if (wanted.equals(found)) {
      return Optional.empty();
    }
    return Optional.of(
        "table "
            + table.name()
            + ": "
            + wanted.size()
            + " rows on the source, "
            + found.size()
            + " on the target"
            + shown("missing", less(wanted, found))
            + shown("too many", less(found, wanted)));
  }

  private static String shown(String what, List<String> rows) {
    StringBuilder text = new StringBuilder("\n" + what + ": " + rows.size());
    rows.stream().limit(SHOWN).forEach(row -> text.append("\n  ").append(row));
    return text.toString();
  }

  private static List<String> less(List<String> all, List<String> those) {
    Map<String, Integer> counts = new HashMap<>();
    those.forEach(row -> counts.merge(row, 1, Integer::sum));
    List<String> left = new ArrayList<>();
    for (String row : all) {
      if (counts.merge(row, -1, Integer::sum) < 0) {
        left.add(row);
      }
    }
    return left;
  }

  private static List<String> rows(TestDatabase database, RandomTable table) {
    List<String> names = table.columns().stream().map(RandomColumn::exact).toList();
    String sql = "SELECT " + String.join(", ", names) + " FROM " + table.quoted();
    List<String> rows = new ArrayList<>();
    try (MysqlConnection connection = MysqlConnection.open(database.endpoint())) {
      connection.utc().unconvertedResults();
      try (RowCursor cursor = connection.stream(sql)) {
        while (cursor.next()) {
          rows.add(text(cursor.row()));
        }
      }
    }
    rows.sort(null);
    return rows;
  }

  private static String text(Row row) {
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      byte[] cell = row.bytes(i);
      if (cell == null) {
        cells.add("NULL");
      } else if (cell.length > LONG) {
        cells.add(cell.length + " bytes " + digest(cell));
      } else if (isPlain(cell)) {
        cells.add("'" + new String(cell, ISO_8859_1) + "'");
      } else {
        cells.add("X'" + HexFormat.of().formatHex(cell) + "'");
      }
    }
    return String.join(", ", cells);
  }

  private static boolean isPlain(byte[] cell) {
    for (byte b : cell) {
      if (b < ' ' || b == '\'') {
        return false;
      }
    }
    return true;
  }

  private static String digest(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
