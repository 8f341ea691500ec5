package dev.shunt.tablet.vstreamer;

import static dev.shunt.tablet.vstreamer.StreamProbe.filter;
import static dev.shunt.tablet.vstreamer.StreamProbe.position;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VEventType;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.schema.ProtoRows;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Strings of ENUMs and SETs in all character sets of a server. */
class ElementsIT {
  /** A string that a character set has, where it has no ä. */
  private static final Map<String, String> TEXTS =
      Map.ofEntries(
          Map.entry("ascii", "a"),
          Map.entry("armscii8", "Ա"),
          Map.entry("big5", "表"),
          Map.entry("cp1251", "да"),
          Map.entry("cp1256", "س"),
          Map.entry("cp866", "да"),
          Map.entry("cp932", "表"),
          Map.entry("eucjpms", "表"),
          Map.entry("euckr", "표"),
          Map.entry("gb2312", "表"),
          Map.entry("gb18030", "表"),
          Map.entry("gbk", "表"),
          Map.entry("geostd8", "ა"),
          Map.entry("greek", "α"),
          Map.entry("hebrew", "ש"),
          Map.entry("koi8r", "да"),
          Map.entry("koi8u", "да"),
          Map.entry("sjis", "表"),
          Map.entry("tis620", "ไทย"),
          Map.entry("ujis", "表"));

  static Stream<Arguments> kinds() {
    return DatabaseKind.available().stream()
        .flatMap(kind ->
            Stream.of("FULL", "MINIMAL", "NO_LOG")
                .filter(level -> kind.engine() == Engine.MARIADB || !level.equals("NO_LOG"))
                .map(level -> Arguments.of(kind, level)));
  }

  private static List<String> charsets(TestDatabase database) {
    try (MysqlConnection connection = database.connect()) {
      return connection
          .execute(
              "SELECT CHARACTER_SET_NAME FROM information_schema.CHARACTER_SETS"
                  + " WHERE CHARACTER_SET_NAME <> 'filename' ORDER BY 1")
          .rows()
          .stream()
          .map(row -> row.text(0))
          .toList();
    }
  }

  private static List<String> columns(String charset) {
    String text = TEXTS.getOrDefault(charset, "ä");
    return List.of(
        "e_%s ENUM('x', '%s') CHARACTER SET %s".formatted(charset, text, charset),
        "s_%s SET('x', '%s', 'y') CHARACTER SET %s".formatted(charset, text, charset));
  }

  private static Map<String, String> selected(TestDatabase database) {
    Map<String, String> cells = new TreeMap<>();
    try (MysqlConnection connection = database.connect()) {
      var result = connection.execute("SELECT * FROM a");
      Row row = result.only();
      for (int i = 0; i < row.size(); i++) {
        cells.put(result.columns().get(i).name(), HexFormat.of().formatHex(row.bytes(i)));
      }
    }
    return cells;
  }

  private static Map<String, String> streamed(List<VEvent> events) {
    List<String> names = new ArrayList<>();
    Map<String, String> cells = new TreeMap<>();
    for (VEvent event : events) {
      if (event.getType() == VEventType.FIELD) {
        event.getFieldEvent().getFieldsList().forEach(field -> names.add(field.getName()));
      } else if (event.getType() == VEventType.ROW) {
        byte[] @Nullable [] row = ProtoRows.unpack(event.getRowEvent().getRowChanges(0).getAfter());
        for (int i = 0; i < row.length; i++) {
          cells.put(names.get(i), HexFormat.of().formatHex(row[i]));
        }
      }
    }
    return cells;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void areTheBytesThatASelectGives(DatabaseKind kind, String metadata) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    List<String> charsets = charsets(database);
    assertThat(charsets).contains("cp866", "tis620", "utf32", "utf8mb4", "sjis", "binary");
    try (MysqlConnection client = MysqlConnection.open(database.endpoint())) {
      client.execute(
          "CREATE TABLE a (id INT PRIMARY KEY, "
              + charsets.stream()
                  .flatMap(charset -> columns(charset).stream())
                  .collect(Collectors.joining(", "))
              + ")");
    }
    database.run("SET GLOBAL binlog_row_metadata = " + metadata);
    try {
      Position start = position(database);
      database.run(
          "INSERT INTO a VALUES (1, "
              + charsets.stream().map(charset -> "2, 7").collect(Collectors.joining(", "))
              + ")");
      try (StreamProbe probe = new StreamProbe(database)) {
        probe.follow(start.encoded(), filter("a", ""));
        assertThat(streamed(probe.until(position(database)))).isEqualTo(selected(database));
      }
    } finally {
      database.run("SET GLOBAL binlog_row_metadata = FULL");
    }
  }
}
