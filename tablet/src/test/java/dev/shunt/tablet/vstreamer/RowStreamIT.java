package dev.shunt.tablet.vstreamer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VStreamRowsResponse;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.Throttler;
import io.grpc.Status;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import vschema.Vschema;

/** Rows come in key order, and a reader that goes on behind any packet misses and repeats none. */
class RowStreamIT {
  private static final int SMALL_PACKET = 3;

  static Stream<Arguments> tables() {
    List<String[]> shapes =
        List.of(
            new String[] {"a INT PRIMARY KEY, b INT", "(5,1),(-7,2),(3,3),(0,4),(12,5),(9,6)"},
            new String[] {
              "a BIGINT UNSIGNED, b VARCHAR(20), c DATE, PRIMARY KEY (b, a)",
              "(1,'x','2024-01-01'),(18446744073709551615,'x',NULL),(2,'X','0000-00-00'),"
                  + "(3,'y',NULL),(4,'',NULL),(5,'y','2020-02-02'),(1,'zz',NULL)"
            },
            new String[] {
              "a VARCHAR(30) CHARACTER SET utf8mb4 PRIMARY KEY, b INT",
              "('b',1),('A',2),('it''s',3),('Zeta',4),('zebra',5),('back\\\\slash',6),('',7)"
            },
            new String[] {
              "a ENUM('z','m','a') NOT NULL, b DECIMAL(6,2) NOT NULL, PRIMARY KEY (a, b)",
              "('a',1.5),('a',-2),('z',3),('m',4),('z',0.01),('m',-99.99)"
            },
            new String[] {
              "a DATE NOT NULL, b DATETIME(1) NOT NULL, PRIMARY KEY (a, b)",
              "('0000-00-00','0000-00-00'),('0000-00-00','2024-02-31 01:02:03.4'),"
                  + "('2024-02-31','2024-00-00'),('2024-02-31','2024-02-28'),('2024-03-01','1000-01-01')"
            },
            new String[] {
              "a TIME(3), b BINARY(4), PRIMARY KEY (a, b)",
              "('-10:00:00.5','a'),('-9:00:00','b'),('100:00:00','c'),('01:00:00',X'00'),"
                  + "('01:00:00','d')"
            },
            new String[] {
              "a BIT(12) PRIMARY KEY, b INT", "(b'1',1),(b'111111111111',2),(b'100000000',3),(0,4)"
            },
            new String[] {
              "a FLOAT NOT NULL, b DOUBLE NOT NULL, UNIQUE KEY u (a, b)",
              "(0.1,0.1),(0.1,0.2),(-1e30,5),(16777217,6),(1e-20,7)"
            },
            new String[] {
              "a FLOAT, b DOUBLE", "(0,1),(-0e0,1),(0,1),(-0e0,1),(0,1),(-0e0,1),(-1,-0e0),(-1,0)"
            },
            new String[] {
              "a INT, b VARCHAR(10), c DATETIME",
              "(1,'a',NULL),(1,'A',NULL),(1,'a',NULL),(NULL,'a',NULL),(NULL,NULL,NULL),"
                  + "(2,'b','2024-05-05 01:02:03'),(2,'b','2024-05-05 01:02:03'),(NULL,NULL,NULL)"
            });
    return DatabaseKind.available().stream()
        .flatMap(kind -> shapes.stream().map(s -> Arguments.of(kind, s[0], s[1])));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("tables")
  void goesOnBehindAnyPacket(DatabaseKind kind, String columns, String rows) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE t (" + columns + ")", "INSERT INTO t VALUES " + rows);

    List<VStreamRowsResponse> all = read(database, "select * from t", null);

    List<Query.Row> expected = rows(all);
    assertThat(expected).hasSize(count(database));
    assertThat(all.size()).as("packets").isGreaterThan(2);
    VStreamRowsResponse header = all.getFirst();
    Query.QueryResult.Builder last =
        Query.QueryResult.newBuilder().addAllFields(header.getPkfieldsList());
    List<Query.Row> seen = new ArrayList<>();
    for (VStreamRowsResponse packet : all.subList(1, all.size())) {
      seen.addAll(packet.getRowsList());
      List<Query.Row> rest =
          rows(
              read(
                  database,
                  "select * from t",
                  last.clearRows().addRows(packet.getLastpk()).build()));
      assertThat(rest).isEqualTo(expected.subList(seen.size(), expected.size()));
    }
  }

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void sendsTheRowsOfAShardAndTheExactPosition(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9))",
        "INSERT INTO t VALUES (1,'a'),(2,'b'),(4,'d'),(6,NULL)");
    Position position = StreamProbe.position(database);

    List<VStreamRowsResponse> all =
        read(database, "select v, id from t where in_keyrange(id, 'hash', '80-')", null);

    VStreamRowsResponse header = all.getFirst();
    assertThat(Position.parse(header.getGtid())).isEqualTo(position);
    assertThat(header.getFieldsList()).extracting(Query.Field::getName).containsExactly("v", "id");
    assertThat(header.getPkfieldsList()).extracting(Query.Field::getName).containsExactly("id");
    assertThat(rows(all)).extracting(StreamProbe::text).containsExactly("d,4", "NULL,6");
    assertThat(StreamProbe.text(all.getLast().getLastpk())).isEqualTo("6");
  }

  /** As a diff of Vitess's asks: by the key's columns, which is the only order there is. */
  @ParameterizedTest
  @MethodSource("kinds")
  void takesAnOrderThatIsTheKeysAndNoOther(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run(
        "CREATE TABLE t (a INT, b INT, c INT, PRIMARY KEY (b, a))",
        "INSERT INTO t VALUES (1,2,9),(2,1,8),(3,1,7)",
        "CREATE TABLE keyless (a INT)");

    assertThat(rows(read(database, "select a, b, c from t order by b asc, a asc", null)))
        .extracting(StreamProbe::text)
        .containsExactly("2,1,8", "3,1,7", "1,2,9");
    assertThat(rows(read(database, "select * from t where c < 9 order by `B`, a", null)))
        .extracting(StreamProbe::text)
        .containsExactly("2,1,8", "3,1,7");
    for (String query :
        List.of(
            "select * from t order by b",
            "select * from t order by a, b",
            "select * from t order by b, a, c",
            "select * from t order by b, a desc",
            "select * from t order by b + 0, a",
            "select * from t order by 2, 1",
            "select * from t order by b, a limit 1",
            "select * from keyless order by a")) {
      assertThatThrownBy(() -> read(database, query, null))
          .as(query)
          .isInstanceOfSatisfying(
              RpcException.class,
              e -> assertThat(e.code()).isEqualTo(Status.Code.INVALID_ARGUMENT));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesLiteralsThatAServerComparesInItsOwnWay(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, e ENUM('1','a'), s SET('1'), v VARCHAR(9), d DATE,"
            + " y YEAR, ts TIMESTAMP NULL, g MULTIPOINT, tm TIME, b BIT(4))");
    List<String> others = new ArrayList<>(List.of("tm = '10:00:00'", "b = 1", "b = '1'"));
    if (kind.engine() == Engine.MYSQL) {
      database.run("ALTER TABLE t ADD j JSON");
      others.addAll(List.of("j = '1'", "j = 1"));
    } else {
      database.run("ALTER TABLE t ADD i INET6");
      others.add("i = '::1'");
    }
    for (String condition : others) {
      assertThatThrownBy(() -> read(database, "select * from t where " + condition, null))
          .as(condition)
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("the filter of table t");
    }
    for (String condition :
        List.of(
            "e = 1",
            "s in ('1', 1)",
            "v = 5",
            "d > 20240101",
            "d = '2024-1-5'",
            "d = '20240105'",
            "d = '2024-13-05'",
            "ts < '2024-01-05 10:00'",
            "y = 24",
            "y = '24'",
            "g = 'x'",
            "id = 'x'")) {
      assertThatThrownBy(() -> read(database, "select * from t where " + condition, null))
          .as(condition)
          .isInstanceOfSatisfying(
              RpcException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.INVALID_ARGUMENT))
          .hasMessageContaining("the filter of table t");
    }
  }

  private static int count(TestDatabase database) {
    try (MysqlConnection connection = database.connect()) {
      return (int) connection.execute("SELECT COUNT(*) FROM t").only().number(0);
    }
  }

  private static List<Query.Row> rows(List<VStreamRowsResponse> messages) {
    return messages.stream().flatMap(message -> message.getRowsList().stream()).toList();
  }

  private static List<VStreamRowsResponse> read(
      TestDatabase database, String query, Query.@Nullable QueryResult last)
      throws InterruptedException {
    TabletIdentity identity =
        new TabletIdentity(
            Topodata.TabletAlias.getDefaultInstance(), "commerce", "0", database.name(), "_vt");
    List<VStreamRowsResponse> messages = new ArrayList<>();
    try (DatabaseVStreamer streamer =
        new DatabaseVStreamer(
            identity,
            database.endpoint(),
            Vschema.SrvVSchema::getDefaultInstance,
            Clock.systemUTC(),
            Throttler.off(),
            MessageSizes.of(SMALL_PACKET))) {
      streamer.vstreamRows(
          query,
          last,
          Binlogdata.VStreamOptions.getDefaultInstance(),
          packet -> messages.add(packet.toMessage()));
    }
    return messages;
  }
}
