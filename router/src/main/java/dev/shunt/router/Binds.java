package dev.shunt.router;

import com.google.protobuf.ByteString;
import io.vitess.proto.Query;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Bind variables from Java values. */
final class Binds {
  private Binds() {}

  /**
   * Strings, byte arrays, whole numbers, decimals, doubles, booleans and null become bind variables
   * of the MySQL type that fits; IllegalArgumentException for others.
   */
  static Map<String, Query.BindVariable> of(Map<String, ? extends @Nullable Object> values) {
    Map<String, Query.BindVariable> binds = new LinkedHashMap<>();
    values.forEach((name, value) -> binds.put(name, bind(name, value)));
    return binds;
  }

  private static Query.BindVariable bind(String name, @Nullable Object value) {
    return switch (value) {
      case null -> Query.BindVariable.newBuilder().setType(Query.Type.NULL_TYPE).build();
      case String text -> of(Query.Type.VARCHAR, ByteString.copyFromUtf8(text));
      case byte[] bytes -> of(Query.Type.VARBINARY, ByteString.copyFrom(bytes));
      case Boolean flag -> of(Query.Type.INT64, ByteString.copyFromUtf8(flag ? "1" : "0"));
      case Integer number -> of(Query.Type.INT64, ByteString.copyFromUtf8(number.toString()));
      case Long number -> of(Query.Type.INT64, ByteString.copyFromUtf8(number.toString()));
      case BigDecimal number ->
          of(Query.Type.DECIMAL, ByteString.copyFromUtf8(number.toPlainString()));
      case Double number when !Double.isFinite(number) ->
          throw new IllegalArgumentException(
              "bind variable :" + name + " is " + number + ", which is no number of MySQL");
      case Double number -> of(Query.Type.FLOAT64, ByteString.copyFromUtf8(number.toString()));
      default ->
          throw new IllegalArgumentException(
              "bind variable :" + name + " has the unknown type " + value.getClass().getName());
    };
  }

  private static Query.BindVariable of(Query.Type type, ByteString value) {
    return Query.BindVariable.newBuilder().setType(type).setValue(value).build();
  }
}
