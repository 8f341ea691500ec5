package dev.shunt.tablet.vstreamer;

import static dev.shunt.tablet.vstreamer.StreamProbe.describe;
import static dev.shunt.tablet.vstreamer.StreamProbe.position;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VEventType;
import com.google.protobuf.ByteString;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.Position;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import vschema.Vschema;

/** Tables are copied one after the other, then followed; a reader goes on where it was cut off. */
class CopyingStreamIT {
  private static final Binlogdata.Filter ALL = StreamProbe.filter("/.*", "");

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private static TestDatabase database(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    database.run(
        "CREATE TABLE b (id INT PRIMARY KEY, v VARCHAR(20))",
        "CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(20))",
        "CREATE TABLE c (id INT PRIMARY KEY)",
        "INSERT INTO a VALUES (1,'x'),(2,'y')",
        "INSERT INTO b VALUES (7,'z')");
    return database;
  }

  /** Events up to the given number of tables are complete. */
  private static List<VEvent> untilComplete(StreamProbe probe, int tables) throws Exception {
    List<VEvent> events = new ArrayList<>();
    int complete = 0;
    while (complete < tables || events.getLast().getType() != VEventType.COMMIT) {
      VEvent event = probe.next();
      if (event.getType() != VEventType.HEARTBEAT) {
        events.add(event);
      }
      complete += event.getLastPKEvent().getCompleted() ? 1 : 0;
    }
    return events;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void copiesTablesByNameAndThenFollows(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind);
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow("", ALL);
      List<VEvent> copied = untilComplete(probe, 3);
      assertThat(describe(copied))
          .containsExactly(
              "BEGIN", "FIELD", "GTID", "a:>1,x", "a:>2,y", "LASTPK", "COMMIT", "BEGIN", "LASTPK",
              "COMMIT", "BEGIN", "FIELD", "GTID", "b:>7,z", "LASTPK", "COMMIT", "BEGIN", "LASTPK",
              "COMMIT", "BEGIN", "FIELD", "GTID", "COMMIT", "BEGIN", "LASTPK", "COMMIT");
      assertThat(copied).allSatisfy(event -> assertThat(event.getKeyspace()).isEqualTo("commerce"));
      Binlogdata.TableLastPK last = copied.get(4).getLastPKEvent().getTableLastPK();
      assertThat(last.getTableName()).isEqualTo("a");
      assertThat(last.getLastpk().getFields(0).getName()).isEqualTo("id");
      assertThat(StreamProbe.text(last.getLastpk().getRows(0))).isEqualTo("2");

      database.run("INSERT INTO c VALUES (3)", "DELETE FROM a WHERE id=1");
      assertThat(describe(probe.until(position(database)))).contains("c:>3", "a:1,x>");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void goesOnWithPositionAndKeys(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind);
    Position start = position(database);
    database.run(
        "UPDATE a SET v='new' WHERE id=1", "INSERT INTO a VALUES (3,'q')",
        "INSERT INTO b VALUES (8,'w')", "INSERT INTO c VALUES (5)");
    Binlogdata.TableLastPK.Builder a = Binlogdata.TableLastPK.newBuilder().setTableName("a");
    a.getLastpkBuilder()
        .addFields(Query.Field.newBuilder().setName("id"))
        .addRows(Query.Row.newBuilder().addLengths(1).setValues(ByteString.copyFromUtf8("1")));
    try (StreamProbe probe = new StreamProbe(database)) {
      // c was complete, a is partly copied, b was not begun.
      probe.follow(
          start.encoded(),
          ALL,
          List.of(a.build(), Binlogdata.TableLastPK.newBuilder().setTableName("b").build()));
      List<String> texts = describe(untilComplete(probe, 2));
      assertThat(texts.indexOf("c:>5")).isLessThan(texts.indexOf("LASTPK"));
      assertThat(texts).contains("a:1,x>1,new", "a:>2,y", "b:>7,z", "b:>8,w");
      assertThat(texts).doesNotContain("a:>1,new");
      assertThat(texts.stream().filter("b:>8,w"::equals)).hasSize(1);
      database.run("INSERT INTO b VALUES (9,'r')");
      assertThat(describe(probe.until(position(database)))).contains("b:>9,r");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesAPositionThatTheServerDoesNotHave(DatabaseKind kind) {
    TestDatabase database = database(kind);
    String ahead =
        kind == DatabaseKind.MYSQL
            ? "MySQL56/3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5"
            : "MariaDB/77-1-5";
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(
          ahead, ALL, List.of(Binlogdata.TableLastPK.newBuilder().setTableName("a").build()));
      assertThat(probe.failure()).hasMessageContaining("GTIDSet Mismatch");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void streamsAResultFromASnapshot(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind);
    List<Binlogdata.VStreamResultsResponse> messages = new ArrayList<>();
    try (DatabaseVStreamer streamer =
        StreamProbe.streamer(database, Vschema.SrvVSchema.getDefaultInstance())) {
      streamer.vstreamResults("select v, id from a where id > 1", messages::add);
    }
    assertThat(messages.getFirst().getFieldsList())
        .extracting(Query.Field::getName)
        .containsExactly("v", "id");
    assertThat(Position.parse(messages.getFirst().getGtid())).isEqualTo(position(database));
    assertThat(messages.get(1).getRowsList()).extracting(StreamProbe::text).containsExactly("y,2");
  }
}
