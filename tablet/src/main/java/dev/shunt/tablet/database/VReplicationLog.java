package dev.shunt.tablet.database;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shunt.mysql.Column;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes {@code _vt.vreplication_log}. An entry like the stream's newest one only raises its count,
 * and a change to the state that the newest one has is not written, as a vttablet does.
 */
public final class VReplicationLog {
  /** Kinds of entries. */
  public enum Type {
    STREAM_CREATED("Stream Created"),
    STREAM_UPDATED("Stream Updated"),
    STREAM_DELETED("Stream Deleted"),
    MESSAGE("Message"),
    COPY_STARTED("Started Copy Phase"),
    COPY_ENDED("Ended Copy Phase"),
    STATE_CHANGED("State Changed");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    /** The text in the column. */
    public String text() {
      return text;
    }
  }

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_BYTES = 65_535;

  /** Entries of one statement: of the longest messages, as many as a small packet takes. */
  private static final int AT_ONCE = 50;

  private static final String CUT = " ... ";

  private final String table;

  /** The log in a sidecar database. */
  public VReplicationLog(String sidecar) {
    this.table = SqlText.qualified(sidecar, "vreplication_log");
  }

  /**
   * What is to be logged of a stream.
   *
   * @param message cut in its middle when it is longer than the column
   */
  public record Entry(int stream, Type type, String state, String message) {
    public Entry {
      message = shorten(message, MAX_BYTES);
    }

    /** A stream is created once and deleted once. */
    private boolean mayRepeat() {
      return type != Type.STREAM_CREATED && type != Type.STREAM_DELETED;
    }

    private boolean repeats(Row newest) {
      return newest.text(2).equals(type.text())
          && newest.text(3).equals(state)
          && newest.text(4).equals(message);
    }

    private boolean saysNothingNew(Row newest) {
      return type == Type.STATE_CHANGED
          && newest.text(2).equals(type.text())
          && newest.text(3).equals(state);
    }

    private String values() {
      return "("
          + stream
          + ", "
          + SqlText.literal(type.text())
          + ", "
          + SqlText.literal(state)
          + ", "
          + SqlText.literal(message)
          + ")";
    }
  }

  /** What is logged of a stream that was created: the values of its row, as JSON. */
  public static String describe(QueryResult stream) {
    return describe(stream.columns(), stream.only());
  }

  /** The same of one row of several. */
  public static String describe(List<Column> columns, Row row) {
    Map<String, String> values = new TreeMap<>();
    for (int i = 0; i < row.size(); i++) {
      if (!row.isNull(i)) {
        values.put(columns.get(i).name(), row.text(i));
      }
    }
    try {
      return JSON.writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes one entry, in the connection's transaction if it has one. */
  public void write(
      MysqlConnection connection, int streamId, Type type, String state, String message) {
    write(connection, List.of(new Entry(streamId, type, state, message)));
  }

  /**
   * Writes entries, in the connection's transaction if it has one. What is said of a stream a
   * second time in a row is counted.
   *
   * @param entries at most one a stream
   */
  public void write(MysqlConnection connection, List<Entry> entries) {
    for (int from = 0; from < entries.size(); from += AT_ONCE) {
      writeSome(connection, entries.subList(from, Math.min(entries.size(), from + AT_ONCE)));
    }
  }

  private void writeSome(MysqlConnection connection, List<Entry> entries) {
    List<Entry> comparable = entries.stream().filter(Entry::mayRepeat).toList();
    Map<Integer, Row> newest = comparable.isEmpty() ? Map.of() : newest(connection, comparable);
    List<String> repeated = new ArrayList<>();
    List<String> added = new ArrayList<>();
    for (Entry entry : entries) {
      Row before = newest.get(entry.stream);
      if (before == null) {
        added.add(entry.values());
      } else if (entry.repeats(before)) {
        repeated.add(before.text(1));
      } else if (!entry.saysNothingNew(before)) {
        added.add(entry.values());
      }
    }
    if (!repeated.isEmpty()) {
      connection.execute(
          "UPDATE "
              + table
              + " SET count = count + 1 WHERE id IN ("
              + String.join(", ", repeated)
              + ")");
    }
    if (!added.isEmpty()) {
      connection.execute(
          "INSERT INTO "
              + table
              + " (vrepl_id, type, state, message) VALUES "
              + String.join(", ", added));
    }
  }

  /** The newest entry of each stream that has one: stream, id, type, state, message. */
  private Map<Integer, Row> newest(MysqlConnection connection, List<Entry> entries) {
    String streams =
        entries.stream()
            .map(entry -> String.valueOf(entry.stream))
            .collect(Collectors.joining(", "));
    Map<Integer, Row> newest = new HashMap<>();
    for (Row row :
        connection
            .execute(
                "SELECT l.vrepl_id, l.id, l.type, l.state, l.message FROM (SELECT MAX(id) AS id FROM "
                    + table
                    + " WHERE vrepl_id IN ("
                    + streams
                    + ") GROUP BY vrepl_id) n JOIN "
                    + table
                    + " l ON l.id = n.id")
            .rows()) {
      newest.put(Math.toIntExact(row.number(0)), row);
    }
    return newest;
  }

  /**
   * Cuts a text in its middle so that it has at most so many bytes in UTF-8; its end, where the
   * cause of an error stands, stays.
   */
  public static String shorten(String text, int maxBytes) {
    if (text.getBytes(StandardCharsets.UTF_8).length <= maxBytes) {
      return text;
    }
    int budget = (maxBytes - CUT.length()) / 2;
    return prefix(text, budget) + CUT + suffix(text, budget);
  }

  private static String prefix(String text, int bytes) {
    int at = 0;
    int used = 0;
    while (at < text.length()) {
      int point = text.codePointAt(at);
      used += utf8Length(point);
      if (used > bytes) {
        break;
      }
      at += Character.charCount(point);
    }
    return text.substring(0, at);
  }

  private static String suffix(String text, int bytes) {
    int at = text.length();
    int used = 0;
    while (at > 0) {
      int point = text.codePointBefore(at);
      used += utf8Length(point);
      if (used > bytes) {
        break;
      }
      at -= Character.charCount(point);
    }
    return text.substring(at);
  }

  private static int utf8Length(int codePoint) {
    return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }
}
