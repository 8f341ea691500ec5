package dev.shunt.tabletclient;

import com.google.protobuf.ByteString;
import io.vitess.proto.Query;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One row of a {@link Query.QueryResult}, its columns by name. */
public final class ResultRow {
  private final Map<String, Integer> columns;
  private final List<@Nullable ByteString> values;

  private ResultRow(Map<String, Integer> columns, List<@Nullable ByteString> values) {
    this.columns = columns;
    this.values = values;
  }

  /** Rows of a result that carries its fields. */
  public static List<ResultRow> of(Query.QueryResult result) {
    Map<String, Integer> columns = HashMap.newHashMap(result.getFieldsCount());
    for (int i = 0; i < result.getFieldsCount(); i++) {
      columns.putIfAbsent(result.getFields(i).getName(), i);
    }
    List<ResultRow> rows = new ArrayList<>(result.getRowsCount());
    for (Query.Row row : result.getRowsList()) {
      rows.add(new ResultRow(columns, values(row)));
    }
    return rows;
  }

  /** Values of a row in the order of its fields; null is SQL's NULL. */
  public static List<@Nullable ByteString> values(Query.Row row) {
    List<@Nullable ByteString> values = new ArrayList<>(row.getLengthsCount());
    int start = 0;
    for (long length : row.getLengthsList()) {
      if (length < 0) {
        values.add(null);
      } else {
        int end = Math.addExact(start, Math.toIntExact(length));
        values.add(row.getValues().substring(start, end));
        start = end;
      }
    }
    return Collections.unmodifiableList(values);
  }

  /** Bytes of a column, null for NULL; IllegalArgumentException when there is no such column. */
  public @Nullable ByteString bytes(String column) {
    Integer index = columns.get(column);
    if (index == null) {
      throw new IllegalArgumentException("no column " + column + " in " + columns.keySet());
    }
    return values.get(index);
  }

  /** Text of a column; empty for NULL. */
  public String text(String column) {
    ByteString bytes = bytes(column);
    return bytes == null ? "" : bytes.toString(StandardCharsets.UTF_8);
  }

  /** Whole number in a column; 0 for NULL. */
  public long number(String column) {
    String text = text(column);
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }

  /** Values in the order of the fields; null is SQL's NULL. */
  public List<@Nullable ByteString> values() {
    return values;
  }
}
