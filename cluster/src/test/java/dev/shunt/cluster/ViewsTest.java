package dev.shunt.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import com.google.protobuf.ByteString;
import dev.shunt.schemas.CopyState;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.streams.MigrationId;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;

/** What is read out of streams, shards and results. */
class ViewsTest {
  private static ShardPrimary shard(String keyspace, String shard, int uid) {
    return new ShardPrimary(
        keyspace,
        shard,
        Topodata.Shard.getDefaultInstance(),
        Topodata.Tablet.newBuilder()
            .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(uid))
            .setKeyspace(keyspace)
            .build());
  }

  private static final ShardPrimary LOW = shard("customer", "-80", 200);
  private static final ShardPrimary HIGH = shard("customer", "80-", 300);
  private static final ShardPrimary SOURCE = shard("commerce", "0", 100);

  private static StreamView stream(ShardPrimary target, int id, String message, String stopPos) {
    return stream(target, id, VReplicationWorkflowState.Stopped, message, stopPos);
  }

  private static StreamView stream(
      ShardPrimary target,
      int id,
      VReplicationWorkflowState state,
      String message,
      String stopPos) {
    return new StreamView(
        target,
        ReadVReplicationWorkflowResponse.Stream.newBuilder()
            .setId(id)
            .setState(state)
            .setMessage(message)
            .setStopPos(stopPos)
            .setBls(BinlogSource.newBuilder().setKeyspace("commerce").setShard("0"))
            .build());
  }

  private static WorkflowView view(String name, StreamView... streams) {
    return new WorkflowView(
        "customer",
        name,
        "commerce",
        List.of("corder"),
        List.of(LOW, HIGH),
        List.of(SOURCE),
        List.of(streams),
        ReadVReplicationWorkflowResponse.newBuilder()
            .setWorkflowTypeValue(VReplicationWorkflowType.MoveTables_VALUE)
            .build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // message                | stop_pos | stopped | frozen | cutover | diff
        "''                       | ''       | true    | false  | false   | false",
        "FROZEN                   | ''       | false   | true   | false   | false",
        "FROZEN                   | 0-1-5    | false   | true   | false   | false",
        "stopped for cutover      | ''       | true    | false  | true    | false",
        "for vdiff                | ''       | true    | false  | false   | true",
        "synchronizing for vdiff  | 0-1-5    | true    | false  | false   | true",
        "Stopped after copy.      | 0-1-5    | true    | false  | false   | true",
        "frozen                   | ''       | true    | false  | false   | false",
      })
  void aStreamTellsWhyItStands(
      String message,
      String stopPos,
      boolean stopped,
      boolean frozen,
      boolean cutover,
      boolean diff) {
    StreamView stream = stream(LOW, 1, message, stopPos);

    assertThat(stream.stopped()).isEqualTo(stopped);
    assertThat(stream.frozen()).isEqualTo(frozen);
    assertThat(stream.stoppedForCutover()).isEqualTo(cutover);
    assertThat(stream.stoppedForDiff()).isEqualTo(diff);
    StreamView running = stream(LOW, 1, VReplicationWorkflowState.Running, message, stopPos);
    assertThat(running.stopped()).isFalse();
  }

  @Test
  void aWorkflowIsFrozenWhereOneOfItsStreamsIs() {
    assertThat(view("c2c", stream(LOW, 1, "", ""), stream(HIGH, 1, "FROZEN", "")).frozen())
        .isTrue();
    assertThat(view("c2c", stream(LOW, 1, "", "")).frozen()).isFalse();
    assertThat(view("c2c").frozen()).isFalse();
  }

  @Test
  void streamsAreFoundByWhereTheyReadAndWrite() {
    StreamView low = stream(LOW, 1, "", "");
    StreamView high = stream(HIGH, 2, "", "");
    WorkflowView view = view("c2c", low, high);

    assertThat(view.streamsTo(HIGH)).containsExactly(high);
    assertThat(view.streamsFrom(SOURCE)).containsExactly(low, high);
    assertThat(view.streamsFrom(shard("commerce", "1", 1))).isEmpty();
    assertThat(view.migrationId())
        .isEqualTo(
            MigrationId.of(
                "customer",
                List.of(new MigrationId.StreamId("80-", 2), new MigrationId.StreamId("-80", 1))));
  }

  @Test
  void theReverseWorkflowMovesTheOtherWay() {
    TableMigration there = new TableMigration("commerce", "customer", List.of("corder"));
    assertThat(view("c2c").forwardMigration("switch")).isEqualTo(there);
    assertThat(view("c2c").reverseName()).isEqualTo("c2c_reverse");
    assertThat(view("c2c_reverse").forwardMigration("switch")).isEqualTo(there.reversed());
    assertThat(view("c2c_reverse").switchable("switch")).isEqualTo(there);
    assertThat(view("c2c_reverse").reverseName()).isEqualTo("c2c");
  }

  @Test
  void whatIsNoMoveOfTablesIsNotSwitched() {
    WorkflowView reshard =
        new WorkflowView(
            "customer",
            "r",
            "customer",
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            ReadVReplicationWorkflowResponse.newBuilder()
                .setWorkflowTypeValue(VReplicationWorkflowType.Materialize_VALUE)
                .build());
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> reshard.switchable("switch the traffic of"))
        .withMessageContaining("switch the traffic of");
  }

  @Test
  void aShardHasTheDatabaseOfItsTablet() {
    assertThat(SOURCE.database()).isEqualTo("vt_commerce");
    ShardPrimary named =
        new ShardPrimary(
            "commerce",
            "0",
            SOURCE.record(),
            SOURCE.tablet().toBuilder().setDbNameOverride("shop").build());
    assertThat(named.database()).isEqualTo("shop");
    assertThat(named.name()).isEqualTo("commerce/0");
    assertThat(named.planned())
        .isEqualTo(new dev.shunt.workflow.plan.PlannedPrimary("0", 100, "shop"));
  }

  @Test
  void tabletsThatWereChangedAreNamedByTheirAliases() {
    assertThat(TabletChanges.attributes(List.of(HIGH, LOW), LOW::equals))
        .isEqualTo(Map.of("tablet.zone1-0000000200", "true", "tablet.zone1-0000000300", "false"));
    assertThat(TabletChanges.attributes(List.of(), shard -> true)).isEmpty();
  }

  @Test
  void aRequestThatChangesNothingSaysSoOfEachField() {
    var request = StreamUpdates.update("c2c").build();
    assertThat(request.getWorkflow()).isEqualTo("c2c");
    assertThat(request.getCellsList()).containsExactly("NULL");
    assertThat(request.getTabletTypesValueList()).containsExactly(-1);
    assertThat(request.getTabletSelectionPreference()).isEqualTo(TabletSelectionPreference.UNKNOWN);
    assertThat(StreamUpdates.preference(true)).isEqualTo(TabletSelectionPreference.INORDER);
    assertThat(StreamUpdates.preference(false)).isEqualTo(TabletSelectionPreference.ANY);
  }

  @ParameterizedTest
  @CsvSource({
    "INORDER, 'REPLICA,PRIMARY', 'in_order:replica,primary'",
    "ANY, 'RDONLY,REPLICA', 'rdonly,replica'",
    "INORDER, '', in_order:",
    "UNKNOWN, PRIMARY, primary"
  })
  void tabletTypesAreWrittenAsVitessWritesThem(
      TabletSelectionPreference preference, String types, String text) {
    ReadVReplicationWorkflowResponse.Builder workflow =
        ReadVReplicationWorkflowResponse.newBuilder().setTabletSelectionPreference(preference);
    for (String type : types.split(",", -1)) {
      if (!type.isEmpty()) {
        workflow.addTabletTypes(Topodata.TabletType.valueOf(type));
      }
    }
    assertThat(StreamReading.tabletTypes(workflow.build())).isEqualTo(text);
  }

  @Test
  void theNewestNoteOfEachTableIsAskedFor() {
    assertThat(StreamReading.copyStatesQuery("_vt", List.of(3, 7)))
        .isEqualTo(
            "select vrepl_id, table_name, lastpk from _vt.copy_state where vrepl_id in (3, 7) and"
                + " id in (select max(id) from _vt.copy_state where vrepl_id in (3, 7) group by"
                + " vrepl_id, table_name) order by vrepl_id, table_name");
    assertThat(StreamReading.copyStatesQuery("my-sidecar", List.of(3)))
        .contains("from `my-sidecar`.copy_state");
  }

  private static Query.Row row(String... values) {
    Query.Row.Builder row = Query.Row.newBuilder();
    StringBuilder all = new StringBuilder();
    for (String value : values) {
      row.addLengths(value.length());
      all.append(value);
    }
    return row.setValues(ByteString.copyFromUtf8(all.toString())).build();
  }

  @Test
  void notesOfCopiesAreGatheredByStream() {
    Query.QueryResult.Builder result = Query.QueryResult.newBuilder();
    for (String column : List.of("vrepl_id", "table_name", "lastpk")) {
      result.addFields(Query.Field.newBuilder().setName(column));
    }
    result
        .addRows(row("3", "a", "k1"))
        .addRows(row("3", "b", ""))
        .addRows(row("4294967295", "c", "x"));

    assertThat(StreamReading.copyStates(result.build()))
        .isEqualTo(
            Map.of(
                3L, List.of(new CopyState("a", "k1"), new CopyState("b", "")),
                4_294_967_295L, List.of(new CopyState("c", "x"))));
    assertThat(StreamReading.copyStates(Query.QueryResult.getDefaultInstance())).isEmpty();
  }

  @Test
  void claimsAreWordedInTheirOrder() {
    Set<String> by = new TreeSet<>(Set.of("workflow customer.x", "rule t"));
    assertThat(Claims.text(Map.of("b", by, "a", Set.of("workflow customer.y"))))
        .isEqualTo("a (workflow customer.y), b (rule t, workflow customer.x)");
    assertThat(Claims.text(Map.of())).isEmpty();
  }

  @Test
  void aTableThatIsNotThereIsToldByMysqlsNumber() {
    for (int errno : new int[] {1146, 1051}) {
      assertThat(
              Tables.didNotExist(
                  RecordingTablet.failure(
                      io.grpc.Status.Code.UNKNOWN, "x (errno " + errno + ") (sqlstate 42S02)")))
          .isTrue();
    }
    assertThat(
            Tables.didNotExist(
                RecordingTablet.failure(io.grpc.Status.Code.NOT_FOUND, "table not found")))
        .isFalse();
  }

  @Test
  void tablesAreDroppedAndRenamedByTheirQuotedNames() {
    RecordingTablet tablet = new RecordingTablet();

    Tables.drop(tablet.client(), "d`b", "t");
    Tables.rename(tablet.client(), "db", "t", "_t_old");

    assertThat(tablet.calls.get(0))
        .contains(
            "drop table `d``b`.`t`", "disable_foreign_key_checks: true", "reload_schema: true");
    assertThat(tablet.calls.get(1)).contains("rename table `db`.`t` TO `db`.`_t_old`");
  }

  // --- parallel work -------------------------------------------------------------------------

  @Test
  void resultsAreInTheOrderOfTheirElements() throws Exception {
    CountDownLatch last = new CountDownLatch(1);
    List<Integer> results =
        Parallel.map(
            List.of(1, 2, 3),
            element -> {
              if (element == 3) {
                last.countDown();
              }
              last.await();
              return element * 10;
            });
    assertThat(results).containsExactly(10, 20, 30);
    assertThat(Parallel.map(List.<Integer>of(), element -> element)).isEmpty();
    assertThat(Parallel.map(List.of(7), element -> Thread.currentThread()))
        .containsExactly(Thread.currentThread());
  }

  @Test
  void allAreTriedAndTheFirstFailureHasTheOthers() {
    AtomicInteger tried = new AtomicInteger();
    assertThatThrownBy(() ->
            Parallel.each(
                List.of("a", "b", "c"),
                element -> {
                  tried.incrementAndGet();
                  if (!element.equals("b")) {
                    throw new IllegalStateException(element);
                  }
                }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a")
        .satisfies(e ->
            assertThat(e.getSuppressed()).extracting(Throwable::getMessage).containsExactly("c"));
    assertThat(tried).hasValue(3);
  }

  @Test
  void oneFailureOfAllIsNotItsOwnSuppressedOne() {
    IllegalStateException same = new IllegalStateException("same");
    assertThatThrownBy(() ->
            Parallel.each(
                List.of(1, 2),
                element -> {
                  throw same;
                }))
        .isSameAs(same)
        .satisfies(e -> assertThat(e.getSuppressed()).isEmpty());
    assertThatThrownBy(() ->
            Parallel.each(
                List.of(1, 2),
                element -> {
                  throw new AssertionError("an error");
                }))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void anInterruptEndsAllOfThem() throws Exception {
    CountDownLatch began = new CountDownLatch(2);
    List<Thread> interrupted = java.util.Collections.synchronizedList(new ArrayList<>());
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                Parallel.each(
                    List.of(1, 2),
                    element -> {
                      began.countDown();
                      try {
                        new CountDownLatch(1).await();
                      } catch (InterruptedException e) {
                        interrupted.add(Thread.currentThread());
                        throw e;
                      }
                    });
              } catch (Exception e) {
                interrupted.add(Thread.currentThread());
              }
            });
    began.await();
    caller.interrupt();
    caller.join();
    assertThat(interrupted).hasSize(3);
  }
}
