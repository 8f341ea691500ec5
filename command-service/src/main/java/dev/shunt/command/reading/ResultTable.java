package dev.shunt.command.reading;

import com.google.protobuf.ByteString;
import io.vitess.proto.Query;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A query result made here, as a tablet would have made it. */
final class ResultTable {
  private final Query.QueryResult.Builder result = Query.QueryResult.newBuilder();

  ResultTable(SequencedMap<String, Query.Type> columns) {
    for (Map.Entry<String, Query.Type> column : columns.entrySet()) {
      result.addFields(
          Query.Field.newBuilder().setName(column.getKey()).setType(column.getValue()));
    }
  }

  /** Adds a row; null is NULL. */
  void add(List<? extends @Nullable Object> values) {
    Query.Row.Builder row = Query.Row.newBuilder();
    ByteString bytes = ByteString.EMPTY;
    for (Object value : values) {
      if (value == null) {
        row.addLengths(-1);
      } else {
        ByteString text = ByteString.copyFromUtf8(value.toString());
        row.addLengths(text.size());
        bytes = bytes.concat(text);
      }
    }
    result.addRows(row.setValues(bytes));
  }

  Query.QueryResult build() {
    return result.build();
  }
}
