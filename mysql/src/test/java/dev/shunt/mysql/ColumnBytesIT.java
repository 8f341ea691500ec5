package dev.shunt.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Each column type: the bytes that come out, and that the same bytes go in again. */
@ParameterizedClass
@EnumSource(TestServer.class)
class ColumnBytesIT {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final String POINT_1_2 = "0101000000000000000000F03F0000000000000040";

  @Parameter TestServer server;
  private MysqlEndpoint endpoint;

  /** A column definition, the expression stored in it, and the bytes expected, null for NULL. */
  @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
  private record Case(String definition, String expression, byte @Nullable [] expected) {}

  private static Case text(String definition, String expression, String expected) {
    return new Case(definition, expression, expected.getBytes(StandardCharsets.UTF_8));
  }

  private static Case hex(String definition, String expression, String expected) {
    return new Case(definition, expression, HEX.parseHex(expected));
  }

  private List<Case> cases() {
    List<Case> cases =
        new ArrayList<>(
            List.of(
                text("TINYINT", "-128", "-128"),
                text("INT(6) ZEROFILL", "42", "000042"),
                text("BIGINT", "-9223372036854775808", "-9223372036854775808"),
                text("BIGINT UNSIGNED", "18446744073709551615", "18446744073709551615"),
                text(
                    "DECIMAL(30,10)",
                    "-12345678901234567890.0123456789",
                    "-12345678901234567890.0123456789"),
                text("DOUBLE", "0.1e0", "0.1"),
                text("DOUBLE", "1.7976931348623157e308", "1.7976931348623157e308"),
                text("FLOAT(7,3)", "1234.567", "1234.567"),
                hex("BIT(1)", "b'1'", "01"),
                hex("BIT(13)", "b'1000000000001'", "1001"),
                hex("BIT(64)", "X'FFFFFFFFFFFFFFFE'", "FFFFFFFFFFFFFFFE"),
                text("DATE", "'2024-02-29'", "2024-02-29"),
                text("DATE", "'0000-00-00'", "0000-00-00"),
                text("DATE", "'2024-00-00'", "2024-00-00"),
                text("TIME(3)", "'-838:59:58.999'", "-838:59:58.999"),
                text("DATETIME(6)", "'9999-12-31 23:59:59.999999'", "9999-12-31 23:59:59.999999"),
                text(
                    "TIMESTAMP(6) NULL",
                    "'2024-07-01 12:00:00.000001'",
                    "2024-07-01 12:00:00.000001"),
                text("TIMESTAMP(3) NULL", "'2024-07-01 03:00:01.001'", "2024-07-01 03:00:01.001"),
                text("YEAR", "1901", "1901"),
                text("CHAR(5)", "'ab  '", "ab"),
                text("VARCHAR(9)", "'ab  '", "ab  "),
                text("VARCHAR(9)", "''", ""),
                hex("VARCHAR(9) CHARACTER SET utf8mb4", "_utf8mb4 X'F09F9880'", "F09F9880"),
                hex("VARCHAR(9) CHARACTER SET latin1", "_latin1 X'E9'", "E9"),
                hex("VARCHAR(9) CHARACTER SET gbk", "_gbk X'D6D05C'", "D6D05C"),
                hex("VARCHAR(9) CHARACTER SET sjis", "_sjis X'93FA'", "93FA"),
                hex("VARCHAR(9) CHARACTER SET utf16", "_utf16 X'00E9D83DDE00'", "00E9D83DDE00"),
                hex("BINARY(4)", "'ab'", "61620000"),
                hex("VARBINARY(9)", "X'00FF090A5C27'", "00FF090A5C27"),
                hex("BLOB", "X'FFFE0009000A5C4E5C'", "FFFE0009000A5C4E5C"),
                text("TEXT", "'tab\\tline\\nback\\\\slash'", "tab\tline\nback\\slash"),
                text("ENUM('x','y,z')", "'y,z'", "y,z"),
                text("SET('p','q','r')", "'r,p'", "p,r"),
                hex("GEOMETRY", "ST_GeomFromText('POINT(1 2)')", "00000000" + POINT_1_2),
                new Case("VARCHAR(9)", "NULL", null)));
    if (server == TestServer.MYSQL) {
      cases.add(hex("VECTOR(3)", "STRING_TO_VECTOR('[1,2,-3]')", "0000803F00000040000040C0"));
      cases.add(text("JSON", "'{\"b\":1.50,\"a\":null}'", "{\"a\": null, \"b\": 1.5}"));
      // Axis order of 4326 is latitude first; WKB inside is longitude first.
      cases.add(
          hex("POINT SRID 4326", "ST_GeomFromText('POINT(2 1)', 4326)", "E6100000" + POINT_1_2));
    } else {
      cases.add(
          hex(
              "POINT REF_SYSTEM_ID=4326",
              "ST_GeomFromText('POINT(1 2)', 4326)",
              "E6100000" + POINT_1_2));
      cases.add(text("INET6", "'::1'", "::1"));
      cases.add(
          text(
              "UUID",
              "'00112233-4455-6677-8899-aabbccddeeff'",
              "00112233-4455-6677-8899-aabbccddeeff"));
      cases.add(text("JSON", "'{\"a\":1.50}'", "{\"a\":1.50}"));
    }
    return cases;
  }

  @BeforeEach
  void createDatabase() {
    endpoint = server.database("column_bytes_it");
  }

  private MysqlConnection connect() {
    return MysqlConnection.open(endpoint)
        .utc()
        .unconvertedResults()
        .sqlMode("NO_AUTO_VALUE_ON_ZERO");
  }

  @Test
  void everyTypeGivesItsExactBytesAndTakesThemAgain() {
    List<Case> cases = cases();
    try (MysqlConnection connection = connect()) {
      List<String> definitions = new ArrayList<>();
      for (int i = 0; i < cases.size(); i++) {
        definitions.add("c" + i + " " + cases.get(i).definition());
      }
      // No primary key value of 0 may be renumbered.
      connection.execute(
          "CREATE TABLE src (id INT AUTO_INCREMENT PRIMARY KEY, "
              + String.join(", ", definitions)
              + ") CHARACTER SET utf8mb4");
      connection.execute("CREATE TABLE dst LIKE src");
      connection.execute(
          cases.stream()
              .map(Case::expression)
              .collect(Collectors.joining(", ", "INSERT INTO src VALUES (0, ", ")")));
      connection.execute("INSERT INTO src (id) VALUES (7)");
      Row row = connection.execute("SELECT * FROM src WHERE id = 0").only();
      SoftAssertions soft = new SoftAssertions();
      for (int i = 0; i < cases.size(); i++) {
        soft.assertThat(row.bytes(i + 1))
            .as(cases.get(i).definition() + " " + cases.get(i).expression())
            .isEqualTo(cases.get(i).expected());
      }
      soft.assertAll();
      load(connection);
      assertThat(hexRows(connection, "dst")).isEqualTo(hexRows(connection, "src"));
    }
  }

  /** All values of a table, each on a line of its own with its column's definition. */
  private List<String> hexRows(MysqlConnection connection, String table) {
    List<String> lines = new ArrayList<>();
    for (Row row : connection.execute("SELECT * FROM " + table + " ORDER BY id").rows()) {
      for (int i = 0; i < row.size(); i++) {
        byte @Nullable [] value = row.bytes(i);
        lines.add(
            row.text(0)
                + (i == 0 ? " id " : " " + cases().get(i - 1).definition() + " ")
                + (value == null ? "NULL" : HEX.formatHex(value)));
      }
    }
    return lines;
  }

  private void load(MysqlConnection reader) {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    int rows = 0;
    try (RowCursor cursor = reader.stream("SELECT * FROM src")) {
      while (cursor.next()) {
        rows++;
        for (int i = 0; i < cursor.columns().size(); i++) {
          lines.writeBytes(i == 0 ? new byte[0] : new byte[] {'\t'});
          lines.writeBytes(field(cursor.bytes(i)));
        }
        lines.write('\n');
      }
    }
    try (MysqlConnection writer = connect()) {
      QueryResult loaded =
          writer.loadDataLocal(
              "LOAD DATA LOCAL INFILE 'rows' INTO TABLE dst CHARACTER SET binary " + targets(),
              lines::writeTo);
      assertThat(loaded.affectedRows()).isEqualTo(rows);
      assertThat(writer.execute("SHOW WARNINGS").rows())
          .extracting(row -> row.text(1) + " " + row.text(2))
          .isEmpty();
    }
  }

  /**
   * The columns, with what the types that want text need. As soon as there is a SET, MariaDB
   * renumbers an AUTO_INCREMENT 0 in spite of NO_AUTO_VALUE_ON_ZERO, unless SET assigns it too.
   */
  private String targets() {
    List<String> columns = new ArrayList<>(List.of("@id"));
    List<String> converted = new ArrayList<>(List.of("id = @id"));
    List<Case> cases = cases();
    for (int i = 0; i < cases.size(); i++) {
      boolean wantsText = List.of("JSON", "INET6", "UUID").contains(cases.get(i).definition());
      columns.add(wantsText ? "@c" + i : "c" + i);
      if (wantsText) {
        converted.add("c" + i + " = CONVERT(@c" + i + " USING utf8mb4)");
      }
    }
    return "(" + String.join(", ", columns) + ") SET " + String.join(", ", converted);
  }

  /** Escapes what stands for the end of a field, of a line, or for an escape. */
  private static byte[] field(byte @Nullable [] value) {
    if (value == null) {
      return new byte[] {'\\', 'N'};
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte b : value) {
      if (b == '\t' || b == '\n' || b == '\\') {
        out.write('\\');
      }
      out.write(b);
    }
    return out.toByteArray();
  }

  /** The value that stands for a wrong one is stored, but the server counts a warning. */
  @Test
  void theEmptyEnumCostsAWarningWhenItIsLoaded() {
    try (MysqlConnection connection = connect()) {
      connection.execute("CREATE TABLE e (v ENUM('x','y'))");
      QueryResult loaded =
          connection.loadDataLocal(
              "LOAD DATA LOCAL INFILE 'rows' INTO TABLE e CHARACTER SET binary",
              out -> out.write('\n'));
      assertThat(loaded.warnings()).isEqualTo(1);
      assertThat(connection.execute("SELECT v, v + 0 FROM e").only().text(0)).isEmpty();
      assertThat(connection.execute("SELECT v + 0 FROM e").only().text(0)).isEqualTo("0");
    }
  }

  @Test
  void floatsAreExactOnlyWhenReadAsDouble() {
    try (MysqlConnection connection = connect()) {
      connection.execute("CREATE TABLE f (v FLOAT)");
      connection.execute("INSERT INTO f VALUES (16777215)");
      Row row = connection.execute("SELECT v, CAST(v AS DOUBLE) FROM f").only();
      assertThat(row.text(0)).isNotEqualTo("16777215");
      assertThat(row.text(1)).isEqualTo("16777215");
    }
  }

  @Test
  void literalsCarryAnyBytes() {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    ByteArrayOutputStream sql = new ByteArrayOutputStream();
    sql.writeBytes("SELECT _binary".getBytes(StandardCharsets.US_ASCII));
    SqlText.appendLiteral(sql, all, 0, all.length);
    sql.writeBytes((", " + SqlText.hex(all)).getBytes(StandardCharsets.US_ASCII));
    try (MysqlConnection connection = connect()) {
      Row row = connection.execute(sql.toByteArray()).only();
      assertThat(row.bytes(0)).isEqualTo(all);
      assertThat(row.bytes(1)).isEqualTo(all);
      assertThat(
              connection
                  .execute("SELECT " + SqlText.literal("it's \\ \"\u00fc\"\n\0"))
                  .only()
                  .text(0))
          .isEqualTo("it's \\ \"\u00fc\"\n\0");
    }
  }
}
