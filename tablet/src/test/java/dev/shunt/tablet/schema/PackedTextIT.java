package dev.shunt.tablet.schema;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.vstreamer.TestDatabase;
import io.vitess.proto.Query;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values that are text in SQL only are ordered as the server orders them. */
class PackedTextIT {
  private static final int VALUES = 1500;

  static Stream<Arguments> kindsAndTypes() {
    return DatabaseKind.available().stream()
        .filter(kind -> kind.engine() == Engine.MARIADB)
        .flatMap(kind -> Stream.of("uuid", "inet6", "inet4").map(type -> Arguments.of(kind, type)));
  }

  /** Random values with many zeros and equal parts, as text; some are none of the type. */
  private static String value(Random random, String type) {
    byte[] bytes = new byte[type.equals("inet4") ? 4 : 16];
    random.nextBytes(bytes);
    switch (random.nextInt(4)) {
      case 0 -> Arrays.fill(bytes, bytes.length - bytes.length / 3, bytes.length, (byte) 1);
      case 1 -> Arrays.fill(bytes, 0, random.nextInt(bytes.length), (byte) 0);
      case 2 -> bytes[bytes.length * 3 / 8] = (byte) (random.nextInt(10) << 4);
      default -> {}
    }
    String hex = HexFormat.of().formatHex(bytes);
    return switch (type) {
      case "uuid" -> hex.replaceFirst("(.{8})(.{4})(.{4})(.{4})", "$1-$2-$3-$4-");
      case "inet6" -> hex.replaceAll("(.{4})(?=.)", "$1:");
      default ->
          (bytes[0] & 255)
              + "."
              + (bytes[1] & 255)
              + "."
              + (bytes[2] & 255)
              + "."
              + (bytes[3] & 255);
    };
  }

  @ParameterizedTest
  @MethodSource("kindsAndTypes")
  void areInTheServersOrder(DatabaseKind kind, String type) {
    TestDatabase database = TestDatabase.target(kind);
    PackedText packed =
        PackedText.of(Query.Field.newBuilder().setColumnType(type).build()).orElseThrow();
    Random random = new Random(5);
    try (MysqlConnection connection = MysqlConnection.open(database.endpoint())) {
      connection.execute("CREATE TABLE t (k " + type + " PRIMARY KEY)");
      for (int i = 0; i < VALUES; i++) {
        connection.execute("INSERT IGNORE INTO t VALUES ('" + value(random, type) + "')");
      }
      List<Row> rows = connection.execute("SELECT k FROM t ORDER BY k").rows();

      assertThat(rows).hasSizeGreaterThan(VALUES / 2);
      for (int i = 1; i < rows.size(); i++) {
        String before = rows.get(i - 1).text(0);
        String after = rows.get(i).text(0);
        assertThat(
                Arrays.compareUnsigned(
                    packed.bytes(before.getBytes(US_ASCII)),
                    packed.bytes(after.getBytes(US_ASCII))))
            .as("%s before %s", before, after)
            .isNegative();
      }
    }
  }
}
