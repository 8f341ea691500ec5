package dev.shunt.tablet.vstreamer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VStreamRowsResponse;
import binlogdata.Binlogdata.VStreamTablesResponse;
import com.google.protobuf.ByteString;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.LongSuites;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.Throttler;
import dev.shunt.tabletclient.HoldSnapshot;
import dev.shunt.tabletclient.RowBound;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import vschema.Vschema;

/** Keys of any kind are cut into parts that have each row once, and are about even. */
class KeySamplerIT {
  private static final int ROWS = 16_384;
  private static final long PART_BYTES = 200_000;

  /** A key by its columns, and the values of row {@code n} of {@link #ROWS} as SQL. */
  private record KeyType(String columns, String key, String values) {}

  static List<DatabaseKind> kinds() {
    return LongSuites.kinds();
  }

  private static Map<String, KeyType> keys(Flavor flavor) {
    String uuid =
        "INSERT(INSERT(INSERT(INSERT(LEFT(SHA2(n, 256), 32), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'),"
            + " 24, 0, '-')";
    Map<String, KeyType> keys = new LinkedHashMap<>();
    keys.put("binary16", new KeyType("k BINARY(16)", "k", "UNHEX(LEFT(SHA2(n, 256), 32))"));
    keys.put(
        "ordered",
        new KeyType(
            "k BINARY(16)",
            "k",
            "UNHEX(CONCAT(LPAD(HEX(n), 12, '0'), '70008000', LEFT(LEFT(SHA2(n, 256), 32), 12)))"));
    keys.put(
        "shortened",
        new KeyType(
            "k VARBINARY(40)", "k", "CONCAT('prefix', LEFT(UNHEX(SHA2(n, 256)), 5 + n % 9))"));
    keys.put("uuid36", new KeyType("k CHAR(36)", "k", uuid));
    keys.put("bin", new KeyType("k CHAR(36) COLLATE utf8mb4_bin", "k", "UPPER(" + uuid + ")"));
    keys.put(
        "mixed",
        new KeyType(
            "k VARCHAR(60) COLLATE utf8mb4_unicode_ci",
            "k",
            "CONCAT(ELT(1 + n % 4, 'Zo\u00e9', 'adam', 'BERT', '_x'), ' ', n)"));
    keys.put(
        "latin1",
        new KeyType(
            "k VARCHAR(60) CHARACTER SET latin1 COLLATE latin1_german2_ci",
            "k",
            "CONCAT(CHAR(65 + n % 26), CHAR(0xE4 USING latin1), n, '  ')"));
    keys.put(
        "numbered",
        new KeyType("k VARCHAR(60)", "k", "CONCAT('customer.', LPAD(n, 10, '0'), '@example')"));
    keys.put("decimals", new KeyType("k DECIMAL(20,6)", "k", "n * n / 1000 - 70000"));
    keys.put(
        "moments",
        new KeyType("k DATETIME(3), n INT", "k, n", "'2020-01-01' + INTERVAL n DIV 7 HOUR, n"));
    keys.put(
        "days",
        new KeyType(
            "k DATE, t TIME, u INT",
            "k, t, u",
            "'2020-01-01' + INTERVAL n % 60 DAY, SEC_TO_TIME(n DIV 60), n"));
    keys.put("tenants", new KeyType("t INT, n BIGINT", "t, n", "IF(n < 14000, 17, n % 40), n"));
    keys.put(
        "names",
        new KeyType(
            "a VARCHAR(20), b BINARY(4), n INT",
            "a, b, n",
            "IF(n % 5, 'Same', CONCAT('o', n)), UNHEX(LEFT(LEFT(SHA2(n, 256), 32), 4)), n"));
    keys.put(
        "outlier", new KeyType("k BIGINT UNSIGNED", "k", "IF(n = 9, 18446744073709551615, n)"));
    if (flavor == Flavor.MARIADB) {
      keys.put(
          "uuids4",
          new KeyType("k UUID", "k", "INSERT(INSERT(" + uuid + ", 15, 1, '4'), 20, 1, 'a')"));
      keys.put(
          "uuids7",
          new KeyType(
              "k UUID",
              "k",
              "CONCAT(INSERT(LPAD(HEX(n * 100000), 12, '0'), 9, 0, '-'), '-7000-8000-',"
                  + " LEFT(LEFT(SHA2(n, 256), 32), 12))"));
    }
    return keys;
  }

  /** One with rows to be numbered, and those of the tables above that are wanted. */
  private static TestDatabase database(DatabaseKind kind, Predicate<String> wanted) {
    TestDatabase database = TestDatabase.source(kind);
    try (MysqlConnection connection = database.connect()) {
      connection.execute("SET NAMES utf8mb4");
      connection.execute("CREATE TABLE numbers (n INT PRIMARY KEY)");
      connection.execute("INSERT INTO numbers VALUES (1)");
      for (int count = 1; count < ROWS; count *= 2) {
        connection.execute("INSERT INTO numbers SELECT n + " + count + " FROM numbers");
      }
      keys(kind(connection))
          .forEach((name, key) -> {
            if (!wanted.test(name)) {
              return;
            }
            connection.execute(
                "CREATE TABLE %s (%s, pad CHAR(120), other INT, PRIMARY KEY (%s), KEY (other)) DEFAULT CHARSET utf8mb4"
                    .formatted(name, key.columns(), key.key()));
            connection.execute(
                "INSERT INTO %s SELECT %s, REPEAT('p', 119), n %% 100 FROM numbers"
                    .formatted(name, key.values()));
            connection.execute("ANALYZE TABLE " + name);
          });
    }
    return database;
  }

  private static Flavor kind(MysqlConnection connection) {
    return connection.flavor();
  }

  private static DatabaseVStreamer streamer(TestDatabase database) {
    return new DatabaseVStreamer(
        new TabletIdentity(
            Topodata.TabletAlias.getDefaultInstance(), "commerce", "0", database.name(), "_vt"),
        database.endpoint(),
        Vschema.SrvVSchema::getDefaultInstance,
        Clock.systemUTC(),
        Throttler.off(),
        new DatabaseVStreamer.Sizes(250_000, PART_BYTES));
  }

  private static Map<String, VStreamTablesResponse> cuts(
      DatabaseVStreamer streamer, List<String> tables, boolean byKeys) throws Exception {
    BlockingQueue<VStreamTablesResponse> announced = new LinkedBlockingQueue<>();
    Thread holder =
        Thread.ofVirtual()
            .start(() -> {
              try {
                streamer.holdSnapshot("cuts", tables, 1, null, byKeys, announced::add);
              } catch (InterruptedException _) {
                // that is how it ends
              }
            });
    Map<String, VStreamTablesResponse> cuts = new LinkedHashMap<>();
    for (int i = 0; i < tables.size(); i++) {
      VStreamTablesResponse table = announced.poll(60, TimeUnit.SECONDS);
      assertThat(table).isNotNull();
      cuts.put(table.getTableName(), table);
    }
    holder.interrupt();
    Awaitility.await().until(() -> !holder.isAlive());
    return cuts;
  }

  /** The rows of a part, and that the end is sent back. */
  private static List<ByteString> rows(
      DatabaseVStreamer streamer,
      VStreamTablesResponse table,
      Query.@Nullable Row after,
      Query.@Nullable Row until)
      throws InterruptedException {
    Binlogdata.VStreamOptions none = Binlogdata.VStreamOptions.getDefaultInstance();
    List<VStreamRowsResponse> messages = new ArrayList<>();
    streamer.vstreamRows(
        "select * from " + table.getTableName(),
        after == null
            ? null
            : Query.QueryResult.newBuilder()
                .addAllFields(table.getPkfieldsList())
                .addRows(after)
                .build(),
        until == null ? none : RowBound.in(none, until),
        packet -> messages.add(packet.toMessage()));
    assertThat(messages.getFirst().hasLastpk()).isEqualTo(until != null);
    if (until != null) {
      assertThat(messages.getFirst().getLastpk()).isEqualTo(until);
    }
    return messages.stream()
        .flatMap(message -> message.getRowsList().stream())
        .map(Query.Row::getValues)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void partsHaveEachRowOnceInOrderAndAreAboutEven(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind, all -> true);
    List<String> tables;
    try (MysqlConnection connection = database.connect()) {
      tables = List.copyOf(keys(connection.flavor()).keySet());
    }
    try (DatabaseVStreamer streamer = streamer(database)) {
      Map<String, VStreamTablesResponse> cuts = cuts(streamer, tables, true);
      Map<String, List<Integer>> uneven = new LinkedHashMap<>();
      for (String name : tables) {
        VStreamTablesResponse table = cuts.get(name);
        List<Query.Row> ends = table.getRowsList();
        assertThat(table.getFieldsList())
            .as(name)
            .extracting(Query.Field::getName)
            .containsExactly(HoldSnapshot.BY_KEYS);
        assertThat(ends.size()).as("cuts of " + name).isBetween(4, 40);
        List<ByteString> parts = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        for (int i = 0; i <= ends.size(); i++) {
          List<ByteString> part =
              rows(
                  streamer,
                  table,
                  i == 0 ? null : ends.get(i - 1),
                  i == ends.size() ? null : ends.get(i));
          sizes.add(part.size());
          parts.addAll(part);
        }
        assertThat(parts).as(name).isEqualTo(rows(streamer, table, null, null));
        // Of texts that do not sort as ASCII does less is guessed well.
        int most = name.equals("latin1") ? ROWS / 3 : 3 * ROWS / sizes.size();
        if (Collections.max(sizes) > most) {
          uneven.put(name, sizes);
        }
      }
      assertThat(uneven).as("rows of parts of uneven tables").isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whoDoesNotAskForThemGetsIntegersOnly(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind, List.of("binary16", "outlier")::contains);
    try (DatabaseVStreamer streamer = streamer(database)) {
      Map<String, VStreamTablesResponse> cuts =
          cuts(streamer, List.of("binary16", "numbers", "outlier"), false);

      assertThat(cuts.get("binary16").getRowsList()).isEmpty();
      assertThat(cuts.get("outlier").getFieldsList()).isEmpty();
      assertThat(cuts.get("outlier").getRowsList()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anEvenIntegerStaysCutByItsValues(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind, none -> false);
    database.run(
        "CREATE TABLE even (n INT PRIMARY KEY, pad CHAR(120))",
        "INSERT INTO even SELECT n, REPEAT('p', 119) FROM numbers",
        "ANALYZE TABLE even");
    try (DatabaseVStreamer streamer = streamer(database)) {
      VStreamTablesResponse even = cuts(streamer, List.of("even"), true).get("even");

      assertThat(even.getFieldsList()).isEmpty();
      assertThat(even.getRowsList()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void enumsAndTablesWithoutAUniqueKeyAreNotCut(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind, none -> false);
    database.run(
        "CREATE TABLE chosen (e ENUM('b', 'a'), n INT, pad CHAR(120), PRIMARY KEY (e, n))",
        "INSERT INTO chosen SELECT 1 + n % 2, n, REPEAT('p', 119) FROM numbers",
        "CREATE TABLE keyless (n VARCHAR(20), pad CHAR(120))",
        "INSERT INTO keyless SELECT n, REPEAT('p', 119) FROM numbers",
        "CREATE TABLE perhaps (n VARCHAR(20) UNIQUE, pad CHAR(120))",
        "INSERT INTO perhaps SELECT n, REPEAT('p', 119) FROM numbers",
        "ANALYZE TABLE chosen, keyless, perhaps");
    try (DatabaseVStreamer streamer = streamer(database)) {
      cuts(streamer, List.of("chosen", "keyless", "perhaps"), true)
          .forEach((name, table) -> assertThat(table.getRowsList()).as(name).isEmpty());
      VStreamTablesResponse keyless =
          VStreamTablesResponse.newBuilder().setTableName("keyless").build();
      Query.Row end =
          Query.Row.newBuilder().addLengths(1).setValues(ByteString.copyFromUtf8("5")).build();

      assertThatThrownBy(() -> rows(streamer, keyless, null, end))
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("no unique key");
    }
  }
}
