package dev.shunt.tablet.query;

import com.google.protobuf.ByteString;
import dev.shunt.mysql.Column;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import io.vitess.proto.Query;
import java.util.List;

/** Turns the server's results into Vitess's. */
public final class QueryResults {
  private QueryResults() {}

  /** A result with all that is known of its columns. */
  public static Query.QueryResult encode(QueryResult result) {
    return encode(result, Query.ExecuteOptions.IncludedFields.ALL);
  }

  /** A result with as much of its columns as was asked for. */
  public static Query.QueryResult encode(
      QueryResult result, Query.ExecuteOptions.IncludedFields included) {
    Query.QueryResult.Builder encoded =
        Query.QueryResult.newBuilder()
            .setRowsAffected(result.affectedRows())
            .setInsertId(result.insertId())
            .setInfo(result.info());
    if (result.insertId() != 0) {
      encoded.setInsertIdChanged(true);
    }
    result.columns().forEach(column -> encoded.addFields(field(column, included)));
    result.rows().forEach(row -> encoded.addRows(row(row)));
    return encoded.build();
  }

  /** The columns of a result. */
  public static List<Query.Field> fields(
      List<Column> columns, Query.ExecuteOptions.IncludedFields included) {
    return columns.stream().map(column -> field(column, included)).toList();
  }

  /** One column. */
  public static Query.Field field(Column column, Query.ExecuteOptions.IncludedFields included) {
    Query.Field.Builder field = Query.Field.newBuilder().setType(type(column));
    return switch (included) {
      case TYPE_ONLY -> field.build();
      case TYPE_AND_NAME, UNRECOGNIZED -> field.setName(column.name()).build();
      case ALL ->
          field
              .setName(column.name())
              .setTable(column.table())
              .setOrgTable(column.originalTable())
              .setDatabase(column.schema())
              .setOrgName(column.originalName())
              .setColumnLength((int) column.length())
              .setCharset(column.charset())
              .setDecimals(column.decimals())
              .setFlags(column.flags())
              .build();
    };
  }

  /** One row: the lengths of its values, -1 for NULL, and the values one after another. */
  public static Query.Row row(Row row) {
    Query.Row.Builder encoded = Query.Row.newBuilder();
    int length = 0;
    for (int i = 0; i < row.size(); i++) {
      byte[] value = row.bytes(i);
      encoded.addLengths(value == null ? -1 : value.length);
      length += value == null ? 0 : value.length;
    }
    byte[] values = new byte[length];
    int at = 0;
    for (int i = 0; i < row.size(); i++) {
      byte[] value = row.bytes(i);
      if (value != null) {
        System.arraycopy(value, 0, values, at, value.length);
        at += value.length;
      }
    }
    return encoded.setValues(ByteString.copyFrom(values)).build();
  }

  /** Vitess's type of a column, from the server's type, its flags and its collation. */
  public static Query.Type type(Column column) {
    boolean unsigned = column.has(Column.UNSIGNED);
    boolean binary = column.charset() == Column.BINARY_CHARSET;
    return switch (column.type()) {
      case DECIMAL, NEWDECIMAL -> Query.Type.DECIMAL;
      case TINY -> unsigned ? Query.Type.UINT8 : Query.Type.INT8;
      case SHORT -> unsigned ? Query.Type.UINT16 : Query.Type.INT16;
      case INT24 -> unsigned ? Query.Type.UINT24 : Query.Type.INT24;
      case LONG -> unsigned ? Query.Type.UINT32 : Query.Type.INT32;
      case LONGLONG -> unsigned ? Query.Type.UINT64 : Query.Type.INT64;
      case FLOAT -> Query.Type.FLOAT32;
      case DOUBLE -> Query.Type.FLOAT64;
      case NULL -> Query.Type.NULL_TYPE;
      case TIMESTAMP -> Query.Type.TIMESTAMP;
      case DATE, NEWDATE -> Query.Type.DATE;
      case TIME -> Query.Type.TIME;
      case DATETIME -> Query.Type.DATETIME;
      case YEAR -> Query.Type.YEAR;
      case BIT -> Query.Type.BIT;
      case VECTOR -> Query.Type.VECTOR;
      case JSON -> Query.Type.JSON;
      case ENUM -> Query.Type.ENUM;
      case SET -> Query.Type.SET;
      case TINY_BLOB, MEDIUM_BLOB, LONG_BLOB, BLOB -> binary ? Query.Type.BLOB : Query.Type.TEXT;
      case VARCHAR, VAR_STRING -> binary ? Query.Type.VARBINARY : Query.Type.VARCHAR;
      case STRING -> {
        if (column.has(Column.ENUM)) {
          yield Query.Type.ENUM;
        }
        if (column.has(Column.SET)) {
          yield Query.Type.SET;
        }
        yield binary ? Query.Type.BINARY : Query.Type.CHAR;
      }
      case GEOMETRY -> Query.Type.GEOMETRY;
    };
  }
}
