package dev.shunt.tablet.sql;

import dev.shunt.mysql.SqlText;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import dev.shunt.workflow.sql.lexer.SqlToken;
import io.vitess.proto.Query;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Puts the values of bind variables into a statement: {@code :name} a value, {@code ::name} a list
 * in parentheses. Values are checked against their type, so that none can become SQL.
 */
public final class BindVariables {
  private BindVariables() {}

  /**
   * The statement with its values, in the bytes to send to the server.
   *
   * @throws SqlSyntaxException for a variable without a value, or a value that isn't of its type
   */
  public static byte[] substitute(Query.BoundQuery query) {
    String sql = query.getSql();
    if (query.getBindVariablesCount() == 0 && sql.indexOf(':') < 0) {
      return sql.getBytes(StandardCharsets.UTF_8);
    }
    ByteArrayOutputStream text = new ByteArrayOutputStream(sql.length() + 64);
    int copied = 0;
    for (SqlToken token : SqlLexer.lex(sql).tokens()) {
      boolean list = token.kind() == SqlToken.Kind.LIST_VARIABLE;
      if (!list && token.kind() != SqlToken.Kind.VARIABLE) {
        continue;
      }
      text.writeBytes(sql.substring(copied, token.start()).getBytes(StandardCharsets.UTF_8));
      copied = token.end();
      Query.BindVariable variable = query.getBindVariablesMap().get(token.text());
      if (variable == null) {
        throw new SqlSyntaxException("missing bind var " + token.text(), token.start());
      }
      if (list != (variable.getType() == Query.Type.TUPLE)) {
        throw new SqlSyntaxException(
            "bind var " + token.text() + (list ? " is not a list" : " is a list"), token.start());
      }
      if (list) {
        writeList(token, variable.getValuesList(), text);
      } else {
        write(token, variable.getType(), variable.getValue().toByteArray(), text);
      }
    }
    text.writeBytes(sql.substring(copied).getBytes(StandardCharsets.UTF_8));
    return text.toByteArray();
  }

  private static void writeList(
      SqlToken token, List<Query.Value> values, ByteArrayOutputStream text) {
    if (values.isEmpty()) {
      throw new SqlSyntaxException("empty list for bind var " + token.text(), token.start());
    }
    String separator = "(";
    for (Query.Value value : values) {
      text.writeBytes(ascii(separator));
      write(token, value.getType(), value.getValue().toByteArray(), text);
      separator = ", ";
    }
    text.writeBytes(ascii(")"));
  }

  private static void write(
      SqlToken token, Query.Type type, byte[] value, ByteArrayOutputStream text) {
    switch (type) {
      case NULL_TYPE -> text.writeBytes(ascii("null"));
      case INT8,
          INT16,
          INT24,
          INT32,
          INT64,
          UINT8,
          UINT16,
          UINT24,
          UINT32,
          UINT64,
          YEAR,
          FLOAT32,
          FLOAT64,
          DECIMAL -> {
        if (!isNumber(value)) {
          throw new SqlSyntaxException(
              "bind var " + token.text() + " is no number of type " + type, token.start());
        }
        // A sign after an operator such as '-' would become a comment without the space.
        if (value[0] == '-') {
          text.write(' ');
        }
        text.writeBytes(value);
      }
      case BIT -> {
        text.writeBytes(ascii("b'"));
        for (byte b : value) {
          text.writeBytes(
              ascii(String.format("%8s", Integer.toBinaryString(b & 0xff)).replace(' ', '0')));
        }
        text.write('\'');
      }
      case HEXNUM, HEXVAL, BITNUM -> {
        if (!isHexOrBits(new String(value, StandardCharsets.ISO_8859_1))) {
          throw new SqlSyntaxException(
              "bind var " + token.text() + " is no literal of type " + type, token.start());
        }
        text.writeBytes(value);
      }
      case TEXT,
          BLOB,
          VARCHAR,
          VARBINARY,
          CHAR,
          BINARY,
          DATE,
          TIME,
          DATETIME,
          TIMESTAMP,
          ENUM,
          SET,
          JSON,
          GEOMETRY,
          VECTOR -> {
        if (isBinary(type, value)) {
          text.writeBytes(ascii("_binary"));
        }
        SqlText.appendLiteral(text, value, 0, value.length);
      }
      case TUPLE, EXPRESSION, RAW, ROW_TUPLE, UNRECOGNIZED ->
          throw new SqlSyntaxException(
              "bind var " + token.text() + " has the unsupported type " + type, token.start());
    }
  }

  /** Clients send text as VARBINARY too; bytes that are no text must not be taken for it. */
  private static boolean isBinary(Query.Type type, byte[] value) {
    return switch (type) {
      case BLOB, BINARY, GEOMETRY, VECTOR -> true;
      case VARBINARY -> !isUtf8(value);
      default -> false;
    };
  }

  private static boolean isUtf8(byte[] value) {
    try {
      var unused = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** An optional sign, digits with at most one point, an optional exponent. */
  static boolean isNumber(byte[] value) {
    int at = 0;
    if (at < value.length && (value[at] == '-' || value[at] == '+')) {
      at++;
    }
    int digits = 0;
    boolean point = false;
    for (; at < value.length; at++) {
      if (value[at] >= '0' && value[at] <= '9') {
        digits++;
      } else if (value[at] == '.' && !point) {
        point = true;
      } else {
        break;
      }
    }
    if (digits == 0) {
      return false;
    }
    if (at == value.length) {
      return true;
    }
    if (value[at] != 'e' && value[at] != 'E') {
      return false;
    }
    at++;
    if (at < value.length && (value[at] == '-' || value[at] == '+')) {
      at++;
    }
    if (at == value.length) {
      return false;
    }
    for (; at < value.length; at++) {
      if (value[at] < '0' || value[at] > '9') {
        return false;
      }
    }
    return true;
  }

  private static boolean isHexOrBits(String text) {
    if (text.startsWith("0x") || text.startsWith("0b")) {
      return text.length() > 2 && hexDigits(text.substring(2));
    }
    boolean quoted =
        text.length() >= 3
            && (text.charAt(0) == 'x' || text.charAt(0) == 'X' || text.charAt(0) == 'b')
            && text.charAt(1) == '\''
            && text.endsWith("'");
    return quoted && hexDigits(text.substring(2, text.length() - 1));
  }

  private static boolean hexDigits(String text) {
    return text.chars().allMatch(c -> Character.digit(c, 16) >= 0);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
