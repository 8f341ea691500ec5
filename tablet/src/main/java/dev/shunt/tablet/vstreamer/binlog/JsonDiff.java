package dev.shunt.tablet.vstreamer.binlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.shunt.tablet.schema.JsonDecimals;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * What MySQL logs of a JSON column with {@code binlog_row_value_options=PARTIAL_JSON}: values that
 * are replaced, inserted and removed, each at a path. Given as an SQL expression in which {@code
 * %s} stands for the column and {@code %%} for a percent sign, as Vitess sends it.
 */
final class JsonDiff {
  private static final int REPLACE = 0;
  private static final int INSERT = 1;
  private static final int REMOVE = 2;

  private JsonDiff() {}

  static byte[] expression(ByteReader in) {
    List<String> functions = new ArrayList<>();
    ByteArrayOutputStream arguments = new ByteArrayOutputStream();
    while (in.remaining() > 0) {
      int operation = in.uint8();
      byte[] path = in.take(Math.toIntExact(in.packed()));
      functions.add(function(operation, path));
      write(arguments, ", ");
      quote(arguments, path);
      if (operation != REMOVE) {
        byte[] value = BinaryJsonText.of(in.take(Math.toIntExact(in.packed())));
        write(arguments, ", ");
        value(arguments, value);
      }
      write(arguments, ")");
    }
    ByteArrayOutputStream expression = new ByteArrayOutputStream();
    functions.reversed().forEach(function -> write(expression, function + "("));
    write(expression, "%s");
    expression.writeBytes(arguments.toByteArray());
    return expression.toByteArray();
  }

  private static String function(int operation, byte[] path) {
    return switch (operation) {
      case REPLACE -> "JSON_REPLACE";
      case INSERT ->
          path.length > 0 && path[path.length - 1] == ']' ? "JSON_ARRAY_INSERT" : "JSON_INSERT";
      case REMOVE -> "JSON_REMOVE";
      default -> throw new BinlogFormatException("unknown change of JSON: " + operation);
    };
  }

  private static void value(ByteArrayOutputStream out, byte[] text) {
    List<JsonDecimals.Decimal> decimals = JsonDecimals.of(text);
    write(out, decimals.isEmpty() ? "CAST(" : "JSON_SET(CAST(");
    quote(out, text);
    write(out, " AS JSON)");
    for (JsonDecimals.Decimal decimal : decimals) {
      write(out, ", ");
      quote(out, decimal.path().getBytes(UTF_8));
      write(out, ", CAST(");
      quote(out, decimal.digits().getBytes(UTF_8));
      write(out, " AS " + decimal.type() + ")");
    }
    write(out, decimals.isEmpty() ? "" : ")");
  }

  private static void quote(ByteArrayOutputStream out, byte[] text) {
    write(out, "_utf8mb4'");
    for (byte b : text) {
      switch (b) {
        case '\'', '\\' -> out.write('\\');
        case '%' -> out.write('%');
        default -> {}
      }
      out.write(b);
    }
    out.write('\'');
  }

  private static void write(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(UTF_8));
  }
}
