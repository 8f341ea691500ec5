package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.SqlText;
import dev.shunt.tabletclient.TabletException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tabletmanagerdata.Tabletmanagerdata.CreateVReplicationWorkflowRequest;

/** Rules that choose, rename, work out, and bring together. */
class FilterIT {
  private static final String ORDERS =
      "CREATE TABLE orders (id INT PRIMARY KEY, name VARCHAR(20) CHARACTER SET latin1, grp INT,"
          + " price DECIMAL(10,2), d DATETIME(3), bits BIT(10), note TEXT CHARACTER SET utf8mb4)";

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private StreamingCluster cluster(DatabaseKind kind, String... targetTables) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    cluster.source.run(
        ORDERS,
        "INSERT INTO orders VALUES"
            + " (1,_latin1 X'4DFC6C6C6572',1,10.50,'2024-01-01 10:00:00.125',b'101','it''s \ud83d\ude00'),"
            + " (2,'b',2,-1.25,NULL,NULL,NULL),"
            + " (3,'A',1,NULL,'0000-00-00 00:00:00',b'1111111111',''),"
            + " (4,'a',3,7,'2024-07-01 23:59:59',0,'x')");
    cluster.target.run(targetTables);
    return cluster;
  }

  private static void change(StreamingCluster cluster) {
    cluster.source.run(
        "INSERT INTO orders VALUES (5,'neu',2,100,'2024-02-02 02:02:02',b'1','y')",
        "UPDATE orders SET name=_latin1 X'42E472', price=3 WHERE id=2",
        "UPDATE orders SET grp=2 WHERE id=1",
        "UPDATE orders SET id=30 WHERE id=3",
        "DELETE FROM orders WHERE id=4",
        "INSERT INTO orders VALUES (6,'',9,-5,NULL,NULL,NULL)",
        "DELETE FROM orders WHERE id=6");
  }

  private static void assertSame(StreamingCluster cluster, String query, String table) {
    cluster.source.run("CREATE OR REPLACE VIEW wanted AS " + query);
    List<String> wanted = rows(cluster.source, "wanted");
    cluster.source.run("DROP VIEW wanted");
    assertThat(rows(cluster.target, table)).isEqualTo(wanted);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void fillsColumnsByOtherNamesAndExpressions(DatabaseKind kind) {
    String list =
        "id + 1000 as k, name as title, upper(name) as big, concat(name, ' \u00fc ', id) as both_,"
            + " price * 2 as twice, case when grp = 1 then 'one' else note end as word,"
            + " bits + 0 as n, date_add(d, interval grp day) as later, length(note) as len";
    try (StreamingCluster cluster =
        cluster(
            kind,
            "CREATE TABLE copy (k INT PRIMARY KEY, title VARCHAR(20) CHARACTER SET utf8mb4,"
                + " big VARCHAR(20) CHARACTER SET utf8mb4, both_ VARCHAR(60) CHARACTER SET utf8mb4,"
                + " twice DECIMAL(12,2), word TEXT CHARACTER SET utf8mb4, n BIGINT,"
                + " later DATETIME(3), len INT)")) {
      // A column that goes as it is goes as bytes: same character set on both sides.
      cluster.target.run("ALTER TABLE copy MODIFY title VARCHAR(20) CHARACTER SET latin1");
      String wanted =
          list.replace("upper(name)", "convert(upper(name) using utf8mb4)")
              .replace("concat(name, '", "concat(convert(name using utf8mb4), _utf8mb4'");
      cluster.source.run("UPDATE orders SET d = NULL WHERE id = 3");
      int id =
          cluster.stream(cluster.binlogSource(rule("copy", "select " + list + " from orders")));
      cluster.awaitState(id, "Running");
      assertSame(cluster, "select " + wanted + " from orders", "copy");
      change(cluster);
      cluster.awaitCaughtUp(id);
      assertSame(cluster, "select " + wanted + " from orders", "copy");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void countsAndAddsUpByGroups(DatabaseKind kind) {
    try (StreamingCluster cluster =
        cluster(
            kind,
            "CREATE TABLE sales (grp INT PRIMARY KEY, n BIGINT, total DECIMAL(20,2))",
            "CREATE TABLE names (name VARCHAR(20) CHARACTER SET latin1 PRIMARY KEY)")) {
      cluster.source.run(
          "CREATE TABLE orders2 LIKE orders", "INSERT INTO orders2 SELECT * FROM orders");
      String query = "select grp, count(*) as n, sum(price) as total from orders group by grp";
      int id =
          cluster.stream(
              cluster.binlogSource(
                  rule("sales", query), rule("names", "select name from orders2 group by name")));
      cluster.awaitState(id, "Running");
      String wanted =
          "select grp, count(*) n, coalesce(sum(price), 0.00) total from orders group by grp";
      assertSame(cluster, wanted, "sales");
      assertThat(rows(cluster.target, "names")).hasSize(3);
      change(cluster);
      cluster.source.run(
          "INSERT INTO orders2 (id, name) VALUES (9,'b'),(10,'z')",
          "UPDATE orders2 SET name='new' WHERE id=9",
          "DELETE FROM orders2 WHERE id=10");
      cluster.awaitCaughtUp(id);
      cluster.target.run("DELETE FROM sales WHERE n = 0");
      assertSame(cluster, wanted, "sales");
      // What was there once stays.
      assertThat(rows(cluster.target, "names")).contains("'b',", "'new',", "'z',").hasSize(5);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void goesOnCountingWhereACopyWasCutOff(DatabaseKind kind) {
    for (String key : List.of("INT", "VARCHAR(10) COLLATE utf8mb4_general_ci")) {
      try (StreamingCluster cluster = new StreamingCluster(directory.resolve(key), kind, kind)) {
        cluster.source.run(
            "CREATE TABLE o (id " + key + " PRIMARY KEY, grp INT, v INT)",
            "INSERT INTO o VALUES ('1',1,1),('2',1,2),('3',2,3),('4',2,4),('5',3,5),('6',3,6),"
                + "('7',1,7),('8',2,8)");
        cluster.target.run(
            "CREATE TABLE sums (grp INT PRIMARY KEY, n INT, s INT)",
            "INSERT INTO sums VALUES (1,2,3),(2,2,7)");
        int id =
            cluster.stream(
                cluster.binlogSource(
                    rule("sums", "select grp, count(*) as n, sum(v) as s from o group by grp")),
                "Stopped");
        boolean text = key.startsWith("V");
        String lastKey =
            "fields:{name:\"id\" type:"
                + (text ? "VARCHAR charset:45" : "INT32 charset:63")
                + "} rows:{lengths:1 values:\"4\"}";
        cluster.target.run(
            "UPDATE _vt.vreplication SET pos="
                + SqlText.literal(cluster.sourcePosition().encoded())
                + ", state='Stopped' WHERE id="
                + id,
            "INSERT INTO _vt.copy_state (vrepl_id, table_name, lastpk) VALUES ("
                + id
                + ", 'sums', "
                + SqlText.literal(lastKey)
                + ")");
        cluster.source.run(
            "DELETE FROM o WHERE id='3'",
            "UPDATE o SET grp=3 WHERE id='4'",
            "INSERT INTO o VALUES ('0',1,100)",
            "UPDATE o SET v=80 WHERE id='8'",
            "UPDATE o SET id='9' WHERE id='2'",
            "UPDATE o SET id='3' WHERE id='7'");

        cluster.update(id, "state='Running'");
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> rows(cluster.target, "_vt.copy_state where vrepl_id = " + id).isEmpty());
        cluster.awaitCaughtUp(id);

        assertSame(
            cluster, "select grp, count(*) n, sum(v) s from o group by grp", "sums where n > 0");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void takesRowsAsTheServerComparesThem(DatabaseKind kind) {
    String query =
        "select * from orders where name >= 'A' and grp in (1, 2) and d > '2024-01-01' and id != 9";
    try (StreamingCluster cluster = cluster(kind, ORDERS)) {
      int id = cluster.stream(cluster.binlogSource(rule("orders", query)));
      cluster.awaitState(id, "Running");
      assertSame(cluster, query, "orders");
      change(cluster);
      cluster.source.run(
          "INSERT INTO orders (id, name, grp, d) VALUES (7,'a',1,'2024-01-01'),"
              + "(8,_latin1 X'E4',1,'2024-01-01 00:00:00.001'),(9,'b',1,now()),(10,'B',2,now())",
          "UPDATE orders SET name='0' WHERE id=10",
          "UPDATE orders SET name='c' WHERE id=7");
      cluster.awaitCaughtUp(id);
      assertSame(cluster, query, "orders");
      assertThat(rows(cluster.target, "orders")).isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void comparesEnumsAndDatesInTheLogAsInTheCopy(DatabaseKind kind) {
    String table =
        "CREATE TABLE t (id INT PRIMARY KEY, s ENUM('Active','Closed','') CHARACTER SET utf8mb4,"
            + " m SET('X','Y') CHARACTER SET latin1, d DATE, y YEAR, f FLOAT)";
    List<String> conditions =
        List.of(
            "s = 'active'",
            "s != 'CLOSED'",
            "s > 'b'",
            "s in ('active ', '')",
            "m = 'x,y'",
            "d > '2024-01-31'",
            "d <= '2024-02-31 00:00:00.0'",
            "y = 2024",
            "y != '0000'",
            "f = 0.5",
            "f > 0.1");
    String rows =
        " (%1$d1,'Active','x,Y','2024-02-01',2024,0.5), (%1$d2,'Closed','y','2024-01-31',0,-0e0),"
            + " (%1$d3,'','','0000-00-00',1999,0.1), (%1$d4,NULL,NULL,NULL,NULL,NULL),"
            + " (%1$d5,'active','X','2024-02-31',2024,0)";
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      cluster.source.run(table, "INSERT INTO t VALUES" + rows.formatted(1));
      cluster.target.run(table);
      for (String condition : conditions) {
        cluster.source.run("DELETE FROM t WHERE id > 20");
        cluster.target.run("TRUNCATE t");
        String query = "select * from t where " + condition;
        int id = cluster.stream(cluster.binlogSource(rule("t", query)));
        cluster.awaitState(id, "Running");
        assertSame(cluster, query, "t");
        cluster.source.run("INSERT INTO t VALUES" + rows.formatted(2));
        cluster.awaitCaughtUp(id);
        cluster.delete(id);
        assertSame(cluster, query, "t");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void convertsTheTimeZoneOfDatetimes(DatabaseKind kind) {
    String table = "CREATE TABLE t (d DATETIME, id INT, ts TIMESTAMP NULL, PRIMARY KEY (id, d))";
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      cluster.source.run(
          table,
          "INSERT INTO t VALUES ('2024-01-01 00:00:00',1,'2024-01-01 00:00:00'),"
              + "('2024-05-05 05:05:05',2,NULL)");
      cluster.target.run(table);
      Binlogdata.BinlogSource source =
          cluster.binlogSource(rule("t", "select * from t")).toBuilder()
              .setSourceTimeZone("+02:00")
              .setTargetTimeZone("+00:00")
              .build();
      int id = cluster.stream(source);
      cluster.awaitState(id, "Running");
      cluster.source.run(
          "INSERT INTO t VALUES ('2024-01-01 12:00:00',3,NULL),('2024-01-01 12:00:00',4,NULL)",
          "UPDATE t SET ts='2024-02-02 00:00:00' WHERE id=2",
          "UPDATE t SET d='2024-03-03 12:00:00' WHERE id=3",
          "DELETE FROM t WHERE id=4");
      cluster.awaitCaughtUp(id);
      assertSame(cluster, "select date_sub(d, interval 2 hour) d, id, ts from t", "t");

      Binlogdata.BinlogSource unknown = source.toBuilder().setSourceTimeZone("No/Where").build();
      assertThatThrownBy(() -> cluster.stream(unknown))
          .isInstanceOf(TabletException.class)
          .hasMessageContaining("No/Where");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void takesTablesByPattern(DatabaseKind kind) {
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      for (String table : List.of("a1", "a2", "b1", "a3")) {
        String create = "CREATE TABLE " + table + " (id INT PRIMARY KEY)";
        cluster.source.run(create, "INSERT INTO " + table + " VALUES (1)");
        cluster.target.run(create);
      }
      int id = cluster.stream(cluster.binlogSource(rule("a3", "exclude"), rule("/^a/", "")));
      cluster.awaitState(id, "Running");
      cluster.source.run("INSERT INTO a1 VALUES (2)", "INSERT INTO b1 VALUES (2)");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "a1")).hasSize(2);
      assertThat(rows(cluster.target, "a2")).hasSize(1);
      assertThat(rows(cluster.target, "b1")).isEmpty();
      assertThat(rows(cluster.target, "a3")).isEmpty();
    }
  }

  @Test
  void refusesWhatItCannotDoWhenTheStreamIsCreated() {
    try (StreamingCluster cluster =
        cluster(DatabaseKind.MARIADB_11_4, "CREATE TABLE copy (id INT PRIMARY KEY, n INT)")) {
      List<String[]> bad =
          List.of(
              new String[] {"select max(id) as id from orders", "unsupported aggregation function"},
              new String[] {"select id, grp + 1 from orders", "expression needs an alias"},
              new String[] {"select grp as n from orders", "primary key column id not found"},
              new String[] {"select id, grp as m from orders", "unknown column m in table copy"},
              new String[] {
                "select count(*) as id, grp as n from orders group by n",
                "primary key column id is not allowed to reference an aggregate"
              },
              new String[] {"select * from orders join x on 1", "reads exactly one table"});
      for (String[] one : bad) {
        Binlogdata.BinlogSource source = cluster.binlogSource(rule("copy", one[0]));
        assertThatThrownBy(() -> cluster.stream(source))
            .as(one[0])
            .isInstanceOf(TabletException.class)
            .hasMessageContaining(one[1]);
        assertThatThrownBy(() ->
                cluster
                    .targetClient()
                    .createVReplicationWorkflow(
                        CreateVReplicationWorkflowRequest.newBuilder()
                            .setWorkflow("w")
                            .addBinlogSource(source)
                            .build()))
            .isInstanceOf(TabletException.class)
            .hasMessageContaining(one[1]);
      }
      assertThatThrownBy(() ->
              cluster.stream(
                  cluster.binlogSource(
                      rule("copy", "select id, grp as n from orders"),
                      rule("copy2", "select id from orders"))))
          .hasMessageContaining("more than one target for source table orders");
      assertThat(rows(cluster.target, "_vt.vreplication where db_name = database()")).isEmpty();
    }
  }
}
