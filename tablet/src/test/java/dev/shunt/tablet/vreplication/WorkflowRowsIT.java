package dev.shunt.tablet.vreplication;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.BinlogSource;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.database.SidecarSchema;
import dev.shunt.tablet.vreplication.Gathering.Decision;
import dev.shunt.tablet.vreplication.stream.StreamTable;
import dev.shunt.tablet.vstreamer.TestDatabase;
import dev.shunt.workflow.streams.TextProto;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams of one workflow are replaced in one transaction, or nothing of them changes. */
class WorkflowRowsIT {
  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  /** Two streams that have come to a journal, in a database of their own. */
  private static final class Arrived {
    final TestDatabase database;
    final TabletIdentity tablet;
    final int a;
    final int b;

    Arrived(DatabaseKind kind) {
      database = TestDatabase.target(kind);
      tablet =
          new TabletIdentity(
              Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(1).build(),
              "reporting",
              "0",
              database.name(),
              "_vt");
      try (MysqlConnection connection = database.connect()) {
        SidecarSchema.create(connection, "_vt");
      }
      a = insert("-80", "MariaDB/0-1-1");
      b = insert("80-", "MariaDB/0-1-2");
    }

    private int insert(String shard, String position) {
      BinlogSource source =
          BinlogSource.newBuilder().setKeyspace("customer").setShard(shard).build();
      try (MysqlConnection connection = MysqlConnection.open(database.endpoint())) {
        return (int)
            connection
                .execute(
                    "INSERT INTO _vt.vreplication (workflow, source, pos, max_tps,"
                        + " max_replication_lag, time_updated, transaction_timestamp, state,"
                        + " db_name, options) VALUES ('w', %s, '%s', 1, 1, 1, 1, 'Running', '%s',"
                            .formatted(
                                SqlText.literal(TextProto.print(source)),
                                position,
                                tablet.database())
                        + " '{}')")
                .insertId();
      }
    }

    WorkflowRows rows() {
      return new WorkflowRows(tablet, database.endpoint(), new StreamTable(tablet));
    }

    Gathering gathering() {
      return new Gathering(
          "w", GatheringTest.JOURNAL, Map.of(a, "MariaDB/0-1-1", b, "MariaDB/0-1-2"));
    }

    List<String> all(String expression) {
      try (MysqlConnection connection = database.connect()) {
        return connection
            .execute(
                "SELECT %s FROM _vt.vreplication WHERE db_name = '%s' ORDER BY id"
                    .formatted(expression, tablet.database()))
            .rows()
            .stream()
            .map(row -> row.text(0))
            .toList();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void ofTwoProcessesThatReplaceThemOneDoes(DatabaseKind kind) throws Exception {
    Arrived arrived = new Arrived(kind);
    Callable<JournalFollowing.Settled> replace = () -> arrived.rows().settle(arrived.gathering());
    List<Decision> decisions = new ArrayList<>();
    try (ExecutorService both = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<JournalFollowing.Settled> each : both.invokeAll(List.of(replace, replace))) {
        decisions.add(each.get().decision());
      }
    }

    assertThat(decisions).hasAtLeastOneElementOfType(Decision.Follow.class);
    assertThat(decisions).hasAtLeastOneElementOfType(Decision.Left.class);
    assertThat(arrived.all("pos")).containsExactly("MariaDB/0-1-5", "MariaDB/0-2-7");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatSomebodyHaltedOrDeletedOrMovedStaysSo(DatabaseKind kind) {
    for (String change :
        List.of(
            "UPDATE _vt.vreplication SET state = 'Stopped', message = 'by hand' WHERE id = ",
            "UPDATE _vt.vreplication SET pos = 'MariaDB/0-1-9' WHERE id = ",
            "DELETE FROM _vt.vreplication WHERE id = ")) {
      Arrived arrived = new Arrived(kind);
      arrived.database.run(change + arrived.b);
      List<String> before = arrived.all("CONCAT_WS(' ', id, state, message, pos, source)");

      Decision decision = arrived.rows().settle(arrived.gathering()).decision();

      assertThat(decision).isInstanceOf(Decision.Left.class);
      assertThat(arrived.all("CONCAT_WS(' ', id, state, message, pos, source)")).isEqualTo(before);
      assertThat(arrived.rows().say(arrived.b, "waits")).isEqualTo(change.contains("pos ="));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void allThatArrivedStopWhereOneIsToStopElsewhere(DatabaseKind kind) {
    Arrived arrived = new Arrived(kind);
    arrived.database.run(
        "UPDATE _vt.vreplication SET stop_pos = 'MariaDB/0-1-50' WHERE id = " + arrived.b);

    Decision decision = arrived.rows().settle(arrived.gathering()).decision();

    assertThat(decision).isInstanceOf(Decision.Stop.class);
    assertThat(arrived.all("CONCAT_WS(' ', id, state, message)"))
        .containsExactly(
            arrived.a
                + " Stopped cannot redirect on journal: stream "
                + arrived.b
                + " is to stop at MariaDB/0-1-50",
            arrived.b
                + " Stopped cannot redirect on journal: stream "
                + arrived.b
                + " is to stop at MariaDB/0-1-50");
  }
}
