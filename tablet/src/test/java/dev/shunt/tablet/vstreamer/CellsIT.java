package dev.shunt.tablet.vstreamer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.Positions;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.Throttler;
import dev.shunt.tablet.schema.ProtoRows;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import vschema.Vschema;

/** Cells of the binary log and of row streams are the very bytes that a text SELECT gives. */
class CellsIT {
  private static final long SEED = 20_261_122L;
  private static final int ROWS = 120;

  private record Kind(String column, String type, Literals literals) {}

  @FunctionalInterface
  private interface Literals {
    String next(Random random);
  }

  static Stream<Arguments> servers() {
    return DatabaseKind.available().stream()
        .flatMap(server ->
            Stream.of("MINIMAL", "FULL", server == DatabaseKind.MYSQL ? "" : "NO_LOG")
                .filter(metadata -> !metadata.isEmpty())
                .map(metadata -> Arguments.of(server, metadata)));
  }

  @ParameterizedTest
  @MethodSource("servers")
  void cellsOfBothWaysEqualSelectedText(DatabaseKind server, String metadata) throws Exception {
    TestDatabase database = TestDatabase.source(server);
    database.run("SET GLOBAL binlog_row_metadata = " + metadata);
    try {
      cellsEqualSelectedText(server, database);
    } finally {
      database.run("SET GLOBAL binlog_row_metadata = FULL");
    }
  }

  private static void cellsEqualSelectedText(DatabaseKind server, TestDatabase database)
      throws Exception {
    List<Kind> kinds = kinds(server);
    StringBuilder create = new StringBuilder("CREATE TABLE t (id INT PRIMARY KEY");
    for (Kind kind : kinds) {
      create.append(", ").append(kind.column()).append(' ').append(kind.type());
    }
    create.append(", g_stored INT AS (id + 1) STORED, g_virtual INT AS (id * 2) VIRTUAL)");
    try (MysqlConnection connection = MysqlConnection.open(database.endpoint())) {
      connection.execute(create.toString());
    }
    Position start = position(database);
    Random random = new Random(SEED);
    try (MysqlConnection connection = database.connect()) {
      for (int id = 0; id < ROWS; id++) {
        connection.execute(insert(kinds, id, random));
      }
      connection.execute("UPDATE t SET id = id + 1000 WHERE id % 3 = 0");
      connection.execute("DELETE FROM t WHERE id % 5 = 0");
    }

    Map<String, List<String>> selected = select(database, kinds);

    assertThat(differences(kinds, selected, streamed(database)))
        .as("row stream, seed %s", SEED)
        .isEmpty();
    assertThat(differences(kinds, selected, followed(database, start)))
        .as("binlog, seed %s", SEED)
        .isEmpty();
  }

  private static List<String> differences(
      List<Kind> kinds, Map<String, List<String>> selected, Map<String, List<String>> streamed) {
    assertThat(streamed.keySet()).isEqualTo(selected.keySet());
    List<String> differences = new ArrayList<>();
    selected.forEach((key, cells) -> {
      List<String> others = Objects.requireNonNull(streamed.get(key));
      for (int i = 0; i < cells.size(); i++) {
        if (!cells.get(i).equals(others.get(i))) {
          String column = i > 0 && i <= kinds.size() ? kinds.get(i - 1).type() : "column " + i;
          differences.add(column + ": " + cells.get(i) + " but " + others.get(i));
        }
      }
    });
    return differences;
  }

  private static String insert(List<Kind> kinds, int id, Random random) {
    StringBuilder names = new StringBuilder("id");
    StringBuilder values = new StringBuilder(Integer.toString(id));
    for (Kind kind : kinds) {
      names.append(", ").append(kind.column());
      values.append(", ");
      values.append(random.nextInt(8) == 0 ? "NULL" : kind.literals().next(random));
    }
    return "INSERT INTO t (" + names + ") VALUES (" + values + ")";
  }

  private static Position position(TestDatabase database) {
    try (MysqlConnection connection = database.connect()) {
      return Positions.current(connection);
    }
  }

  private static Map<String, List<String>> select(TestDatabase database, List<Kind> kinds) {
    StringBuilder columns = new StringBuilder("id");
    for (Kind kind : kinds) {
      boolean floating = kind.type().startsWith("FLOAT") || kind.type().startsWith("DOUBLE");
      columns.append(", ");
      columns.append(floating ? "CAST(" + kind.column() + " AS DOUBLE)" : kind.column());
    }
    Map<String, List<String>> rows = new TreeMap<>();
    try (MysqlConnection connection = database.connect()) {
      String sql = "SELECT " + columns + ", g_stored, g_virtual FROM t";
      for (Row row : connection.execute(sql).rows()) {
        put(rows, row.values());
      }
    }
    return rows;
  }

  private static DatabaseVStreamer streamer(TestDatabase database) {
    TabletIdentity identity =
        new TabletIdentity(
            Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(100).build(),
            "commerce",
            "0",
            database.name(),
            "_vt");
    return new DatabaseVStreamer(
        identity,
        database.endpoint(),
        Vschema.SrvVSchema::getDefaultInstance,
        Clock.systemUTC(),
        Throttler.off());
  }

  private static Map<String, List<String>> streamed(TestDatabase database) throws Exception {
    Map<String, List<String>> rows = new TreeMap<>();
    try (DatabaseVStreamer streamer = streamer(database)) {
      streamer.vstreamRows(
          "select * from t",
          null,
          Binlogdata.VStreamOptions.getDefaultInstance(),
          packet -> {
            for (Query.Row row : packet.toMessage().getRowsList()) {
              put(rows, ProtoRows.unpack(row));
            }
          });
    }
    return rows;
  }

  private static Map<String, List<String>> followed(TestDatabase database, Position start)
      throws Exception {
    Position end = position(database);
    Map<String, List<String>> rows = new TreeMap<>();
    CountDownLatch reached = new CountDownLatch(1);
    List<Throwable> failures = new ArrayList<>();
    try (DatabaseVStreamer streamer = streamer(database)) {
      Binlogdata.Filter filter =
          Binlogdata.Filter.newBuilder()
              .addRules(Binlogdata.Rule.newBuilder().setMatch("t"))
              .build();
      Thread.ofVirtual()
          .start(() -> {
            try {
              streamer.vstream(
                  start.encoded(),
                  filter,
                  List.of(),
                  Binlogdata.VStreamOptions.getDefaultInstance(),
                  packet -> apply(packet.toMessage(), rows, end, reached));
            } catch (Throwable e) {
              failures.add(e);
              reached.countDown();
            }
          });
      assertThat(reached.await(20, TimeUnit.SECONDS)).as("end of the log reached").isTrue();
      assertThat(failures).isEmpty();
    }
    return rows;
  }

  private static void apply(
      Binlogdata.VStreamResponse message,
      Map<String, List<String>> rows,
      Position end,
      CountDownLatch reached) {
    for (Binlogdata.VEvent event : message.getEventsList()) {
      for (Binlogdata.RowChange change : event.getRowEvent().getRowChangesList()) {
        if (change.hasBefore()) {
          assertThat(rows.remove(key(ProtoRows.unpack(change.getBefore())))).isNotNull();
        }
        if (change.hasAfter()) {
          put(rows, ProtoRows.unpack(change.getAfter()));
        }
      }
      if (event.getType() == Binlogdata.VEventType.GTID
          && Position.parse(event.getGtid()).atLeast(end)) {
        reached.countDown();
      }
    }
  }

  private static String key(byte[] @Nullable [] cells) {
    return new String(Objects.requireNonNull(cells[0]), ISO_8859_1);
  }

  private static void put(Map<String, List<String>> rows, byte[] @Nullable [] cells) {
    List<String> texts = new ArrayList<>();
    for (byte @Nullable [] cell : cells) {
      texts.add(cell == null ? "NULL" : "'" + new String(cell, ISO_8859_1) + "'");
    }
    rows.put(key(cells), texts);
  }

  private static List<Kind> kinds(DatabaseKind server) {
    List<Kind> kinds = new ArrayList<>();
    integers(kinds, "tiny", "TINYINT", 8);
    integers(kinds, "small", "SMALLINT", 16);
    integers(kinds, "medium", "MEDIUMINT", 24);
    integers(kinds, "whole", "INT", 32);
    integers(kinds, "big", "BIGINT", 64);
    kinds.add(new Kind("zf", "INT(6) UNSIGNED ZEROFILL", r -> "" + r.nextInt(1_000_000)));
    kinds.add(new Kind("dec_zf", "DECIMAL(8,3) UNSIGNED ZEROFILL", r -> decimal(r, 5, 3, false)));
    kinds.add(new Kind("dec_a", "DECIMAL(10,2)", r -> decimal(r, 8, 2, true)));
    kinds.add(new Kind("dec_b", "DECIMAL(65,30)", r -> decimal(r, 35, 30, true)));
    kinds.add(new Kind("dec_c", "DECIMAL(20,0)", r -> decimal(r, 20, 0, true)));
    kinds.add(new Kind("dec_d", "DECIMAL(9,9)", r -> decimal(r, 0, 9, true)));
    kinds.add(new Kind("f", "FLOAT", r -> floating(r, 38)));
    kinds.add(new Kind("fd", "FLOAT(9,3)", r -> decimal(r, 6, 3, true)));
    kinds.add(new Kind("d", "DOUBLE", r -> floating(r, 300)));
    kinds.add(new Kind("dd", "DOUBLE(12,4)", r -> decimal(r, 8, 4, true)));
    for (int bits : new int[] {1, 7, 8, 9, 33, 64}) {
      kinds.add(
          new Kind(
              "bit_" + bits,
              "BIT(" + bits + ")",
              r -> "b'" + Long.toBinaryString(r.nextLong() >>> (64 - bits)) + "'"));
    }
    kinds.add(new Kind("dt", "DATE", CellsIT::date));
    kinds.add(new Kind("y", "YEAR", r -> r.nextInt(5) == 0 ? "0" : "" + r.nextInt(1901, 2156)));
    for (int digits = 0; digits <= 6; digits++) {
      int n = digits;
      kinds.add(new Kind("time_" + n, "TIME(" + n + ")", r -> "'" + time(r, 839, true) + "'"));
      kinds.add(
          new Kind(
              "datetime_" + n,
              "DATETIME(" + n + ")",
              r -> date(r).replaceFirst("'$", " " + time(r, 24, false) + "'")));
      kinds.add(new Kind("ts_" + n, "TIMESTAMP(" + n + ") NULL", CellsIT::timestamp));
    }
    kinds.add(
        new Kind(
            "geo",
            "GEOMETRY",
            r -> "ST_GeomFromText('POINT(" + r.nextInt(90) + " " + r.nextInt(90) + ")')"));
    kinds.add(new Kind("c", "CHAR(20) CHARACTER SET utf8mb4", r -> text(r, 20, "utf8mb4")));
    kinds.add(new Kind("cl", "CHAR(100) CHARACTER SET utf8mb4", r -> text(r, 100, "utf8mb4")));
    kinds.add(new Kind("v", "VARCHAR(30) CHARACTER SET latin1", r -> text(r, 30, "latin1")));
    kinds.add(new Kind("vl", "VARCHAR(400) CHARACTER SET utf16", r -> text(r, 90, "utf16")));
    kinds.add(new Kind("tx", "TEXT CHARACTER SET utf8mb4", r -> text(r, 300, "utf8mb4")));
    kinds.add(new Kind("mt", "MEDIUMTEXT CHARACTER SET gbk", r -> "_ascii'abc'"));
    kinds.add(new Kind("b10", "BINARY(10)", r -> bytes(r, 10)));
    kinds.add(new Kind("vb", "VARBINARY(300)", r -> bytes(r, 300)));
    kinds.add(new Kind("tb", "TINYBLOB", r -> bytes(r, 255)));
    kinds.add(new Kind("bl", "BLOB", r -> bytes(r, 400)));
    kinds.add(new Kind("lb", "LONGBLOB", r -> bytes(r, 400)));
    kinds.add(
        new Kind(
            "e", "ENUM('a','b''c','d\\\\e') CHARACTER SET utf8mb4", r -> "" + r.nextInt(1, 4)));
    kinds.add(new Kind("el", "ENUM('x','\u00e9') CHARACTER SET latin1", r -> "" + r.nextInt(1, 3)));
    kinds.add(new Kind("s", "SET('r','g','b,'',')".replace("b,'',", "bb"), r -> "" + r.nextInt(8)));
    kinds.add(new Kind("s9", set(9), r -> "" + r.nextInt(512)));
    kinds.add(new Kind("s64", set(64), r -> Long.toUnsignedString(r.nextLong())));
    kinds.add(new Kind("j", "JSON", r -> json(r, server)));
    if (server.engine() == Engine.MARIADB) {
      kinds.add(new Kind("u", "UUID", CellsIT::uuid));
      kinds.add(new Kind("ip6", "INET6", CellsIT::inet6));
      kinds.add(new Kind("ip4", "INET4", r -> "'" + r.nextInt(256) + ".0." + r.nextInt(2) + ".0'"));
    }
    return kinds;
  }

  private static String uuid(Random random) {
    if (random.nextInt(8) == 0) {
      return "'00000000-0000-0000-0000-000000000000'";
    }
    StringBuilder hex =
        new StringBuilder(new UUID(random.nextLong(), random.nextLong()).toString());
    hex.setCharAt(14, Character.forDigit(random.nextInt(1, 8), 16)); // version
    hex.setCharAt(19, Character.forDigit(random.nextInt(8, 12), 16)); // variant
    if (random.nextBoolean()) {
      hex.replace(34, 36, "00");
    }
    return "'" + hex + "'";
  }

  private static String inet6(Random random) {
    if (random.nextInt(4) == 0) {
      String address = random.nextInt(256) + "." + random.nextInt(256) + ".0.1";
      return random.nextBoolean() ? "'::ffff:" + address + "'" : "'::" + address + "'";
    }
    StringJoiner words = new StringJoiner(":", "'", "'");
    for (int i = 0; i < 8; i++) {
      words.add(random.nextBoolean() ? "0" : Integer.toHexString(random.nextInt(1 << 16)));
    }
    return words.toString();
  }

  private static void integers(List<Kind> kinds, String name, String type, int bits) {
    kinds.add(new Kind(name, type, r -> "" + (edge(r) >> (64 - bits))));
    kinds.add(
        new Kind(
            name + "_u", type + " UNSIGNED", r -> Long.toUnsignedString(edge(r) >>> (64 - bits))));
  }

  private static long edge(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> Long.MIN_VALUE;
      case 1 -> Long.MAX_VALUE;
      case 2 -> -1;
      default -> random.nextLong();
    };
  }

  private static String decimal(Random random, int digits, int scale, boolean signed) {
    StringBuilder text = new StringBuilder(signed && random.nextBoolean() ? "-" : "");
    text.append('0');
    int count = digits == 0 ? 0 : random.nextInt(digits + 1);
    for (int i = 0; i < count; i++) {
      text.append(random.nextInt(10));
    }
    if (scale > 0) {
      text.append('.');
      for (int i = 0; i < scale; i++) {
        text.append(random.nextInt(10));
      }
    }
    return text.toString();
  }

  private static String floating(Random random, int exponent) {
    return switch (random.nextInt(4)) {
      case 0 -> "" + random.nextInt();
      case 1 -> random.nextDouble() + "e0";
      case 2 -> "-1e" + random.nextInt(20);
      default -> random.nextDouble() + "e" + random.nextInt(-exponent + 1, exponent);
    };
  }

  private static String date(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> "'0000-00-00'";
      case 1 -> "'2024-00-00'";
      default ->
          String.format(
              "'%04d-%02d-%02d'",
              random.nextInt(1000, 10_000), random.nextInt(1, 13), random.nextInt(1, 29));
    };
  }

  private static String time(Random random, int hours, boolean signed) {
    String sign = signed && random.nextBoolean() ? "-" : "";
    int micros = random.nextInt(3) == 0 ? 0 : random.nextInt(999_999);
    int hour = random.nextInt(hours - 1);
    return String.format(
        "%s%02d:%02d:%02d.%06d", sign, hour, random.nextInt(60), random.nextInt(59), micros);
  }

  private static String timestamp(Random random) {
    return random.nextInt(5) == 0
        ? "'0000-00-00 00:00:00'"
        : String.format(
            "'%04d-%02d-%02d %s'",
            random.nextInt(1971, 2038),
            random.nextInt(1, 13),
            random.nextInt(1, 29),
            time(random, 24, false));
  }

  private static String text(Random random, int most, String charset) {
    String letters = charset.equals("utf8mb4") ? "ab Z'\\\n\u00e9\u20ac" : "ab Z'\\\n\u00e9";
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(most + 1);
    for (int i = 0; i < length; i++) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    StringBuilder hex = new StringBuilder();
    for (byte b : text.toString().getBytes(UTF_8)) {
      hex.append(String.format("%02x", b));
    }
    return "CONVERT(X'" + hex + "' USING utf8mb4)";
  }

  private static String bytes(Random random, int most) {
    int length = random.nextInt(most + 1);
    StringBuilder hex = new StringBuilder();
    for (int i = 0; i < length; i++) {
      hex.append(String.format("%02x", random.nextInt(3) == 0 ? 0 : random.nextInt(256)));
    }
    return "X'" + hex + "'";
  }

  private static String set(int members) {
    StringBuilder type = new StringBuilder("SET('m0'");
    for (int i = 1; i < members; i++) {
      type.append(",'m").append(i).append('\'');
    }
    return type.append(')').toString();
  }

  private static String json(Random random, DatabaseKind server) {
    String plain =
        "_utf8mb4'{\"k\\\\n\": [1, -70000, 18446744073709551615, 1.5, 1e100, 0.1, true, null,"
            + " \"a\\\\\"\\\\\\\\\\\\u0001\u00e9\"], \"\": {}, \"n\": "
            + random.nextLong()
            + ", \"d\": "
            + random.nextDouble()
            + "}'";
    if (server != DatabaseKind.MYSQL) {
      return plain;
    }
    return switch (random.nextInt(5)) {
      case 0 -> plain;
      case 1 ->
          "JSON_ARRAY(CAST('12.50' AS DECIMAL(10,3)), CAST('2024-02-03' AS DATE),"
              + " CAST('2024-02-03 04:05:06.07' AS DATETIME(3)), CAST('-12:13:14.5' AS TIME(2)),"
              + " X'00ff', b'101')";
      case 2 -> "CAST(CONVERT(CONCAT('[\"', REPEAT('l', 70000), '\", 1]') USING utf8mb4) AS JSON)";
      case 3 -> "JSON_OBJECT(_utf8mb4'bytes', REPEAT('long', 100))";
      default -> "CAST('\"text\"' AS JSON)";
    };
  }
}
