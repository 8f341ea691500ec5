package dev.shunt.tablet.database;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

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
  private static final String CUT = " ... ";

  private final String table;

  /** The log in a sidecar database. */
  public VReplicationLog(String sidecar) {
    this.table = SqlText.qualified(sidecar, "vreplication_log");
  }

  /** What is logged of a stream that was created: the values of its row, as JSON. */
  public static String describe(QueryResult stream) {
    Row row = stream.only();
    Map<String, String> values = new TreeMap<>();
    for (int i = 0; i < row.size(); i++) {
      if (!row.isNull(i)) {
        values.put(stream.columns().get(i).name(), row.text(i));
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
    String text = shorten(message, MAX_BYTES);
    QueryResult newest =
        connection.execute(
            "SELECT id, type, state, message FROM "
                + table
                + " WHERE vrepl_id = "
                + streamId
                + " ORDER BY id DESC LIMIT 1");
    if (!newest.rows().isEmpty()) {
      Row row = newest.only();
      boolean sameState = row.text(2).equals(state);
      boolean sameType = row.text(1).equals(type.text());
      if (sameType && sameState && row.text(3).equals(text)) {
        connection.execute("UPDATE " + table + " SET count = count + 1 WHERE id = " + row.text(0));
        return;
      }
      if (type == Type.STATE_CHANGED && sameType && sameState) {
        return;
      }
    }
    connection.execute(
        "INSERT INTO "
            + table
            + " (vrepl_id, type, state, message) VALUES ("
            + streamId
            + ", "
            + SqlText.literal(type.text())
            + ", "
            + SqlText.literal(state)
            + ", "
            + SqlText.literal(text)
            + ")");
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
