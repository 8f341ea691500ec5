package dev.shunt.tablet.vstreamer;

import static dev.shunt.tablet.vstreamer.StreamProbe.describe;
import static dev.shunt.tablet.vstreamer.StreamProbe.filter;
import static dev.shunt.tablet.vstreamer.StreamProbe.position;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import java.nio.charset.Charset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Statements of clients that speak another character set than UTF-8. */
class ClientCharsetsIT {
  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  /** A server, a character set of a client, Java's name of it, and a table. */
  static Stream<Arguments> clients() {
    return kinds().stream()
        .flatMap(kind ->
            Stream.of(
                Arguments.of(kind, "latin1", "windows-1252", "größe"),
                Arguments.of(kind, "cp850", "IBM850", "größe"),
                Arguments.of(kind, "cp1251", "windows-1251", "Товары"),
                Arguments.of(kind, "koi8r", "KOI8-R", "Товары"),
                Arguments.of(kind, "sjis", "Shift_JIS", "表"), // its second byte is a backslash
                Arguments.of(kind, "gbk", "GBK", "表格"),
                Arguments.of(kind, "binary", "UTF-8", "größe"),
                Arguments.of(kind, "utf8mb3", "UTF-8", "größe")));
  }

  private static void run(MysqlConnection client, String charset, String statement) {
    client.execute(statement.getBytes(Charset.forName(charset)));
  }

  @ParameterizedTest
  @MethodSource("clients")
  void nameTheirTables(DatabaseKind kind, String charset, String java, String table)
      throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    String plain =
        "(id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (9))";
    database.run("CREATE TABLE `" + table + "` " + plain, "CREATE TABLE u " + plain);
    Position start = position(database);
    try (MysqlConnection client = MysqlConnection.open(database.endpoint())) {
      client.execute("SET NAMES " + charset);
      run(client, java, "TRUNCATE TABLE `" + table + "`");
      run(
          client,
          java,
          "ALTER TABLE `" + table + "` ADD PARTITION (PARTITION q VALUES LESS THAN (99))");
      run(client, java, "ALTER TABLE " + database.name() + ".`" + table + "` DROP PARTITION p");
      run(client, java, "TRUNCATE TABLE u");
      run(client, java, "RENAME TABLE `" + table + "` TO x, u TO `" + table + "`");
      run(client, java, "DROP TABLE `" + table + "`");
    }
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter(table, ""));
      assertThat(describe(probe.until(position(database))))
          .filteredOn(text -> text.startsWith("DDL"))
          .extracting(text -> text.replace("`", "").replace(database.name() + ".", ""))
          .satisfiesExactly(
              text -> assertThat(text).isEqualTo("DDL TRUNCATE TABLE " + table),
              text -> assertThat(text).startsWith("DDL ALTER TABLE " + table + " ADD"),
              text -> assertThat(text).isEqualTo("DDL ALTER TABLE " + table + " DROP PARTITION p"),
              text ->
                  assertThat(text).isEqualTo("DDL RENAME TABLE " + table + " TO x, u TO " + table),
              text -> assertThat(text).startsWith("DDL DROP TABLE " + table));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void changeTheirTablesByStatementsInPlaceOfRows(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE `größe` (id INT PRIMARY KEY)", "CREATE TABLE u (v VARCHAR(9))");
    Position start = position(database);
    try (MysqlConnection client = MysqlConnection.open(database.endpoint())) {
      client.execute("SET NAMES latin1");
      client.execute("SET SESSION binlog_format = STATEMENT");
      run(client, "windows-1252", "INSERT INTO u VALUES ('ä')");
      Position before = position(database);
      run(client, "windows-1252", "INSERT INTO größe VALUES (1)");
      try (StreamProbe probe = new StreamProbe(database)) {
        probe.follow(start.encoded(), filter("größe", ""));
        assertThat(probe.failure())
            .hasMessageContaining("binlog_format=ROW")
            .hasMessageContaining(before.encoded());
      }
    }
  }
}
