package dev.shunt.topowatcher;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.StreamRemoved;
import dev.shunt.schemas.StreamReported;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import vttime.Vttime;

class StreamReportsTest {
  private static final long WALL = 77;
  private static final Primary TABLET =
      new Primary(
          "customer",
          "-80",
          Topodata.Tablet.newBuilder()
              .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(200))
              .build());
  private static final String ALIAS = "zone1-0000000200";
  private static final WorkflowKey KEY = new WorkflowKey("customer", "c2c");

  private final StreamReports reports =
      new StreamReports(
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          InstantSource.fixed(Instant.ofEpochMilli(WALL)));

  private static ReadVReplicationWorkflowResponse.Stream.Builder stream() {
    return ReadVReplicationWorkflowResponse.Stream.newBuilder()
        .setId(1)
        .setBls(Binlogdata.BinlogSource.newBuilder().setKeyspace("commerce").setShard("0"))
        .setPos("MySQL56/x:1-5")
        .setState(VReplicationWorkflowState.Running)
        .setTimeUpdated(Vttime.Time.newBuilder().setSeconds(100))
        .setRowsCopied(10);
  }

  private static Inbound.Snapshot snapshot(
      ReadVReplicationWorkflowResponse.Stream.Builder... streams) {
    ReadVReplicationWorkflowResponse.Builder workflow =
        ReadVReplicationWorkflowResponse.newBuilder()
            .setWorkflow("c2c")
            .setDbName("vt_customer")
            .setCells("zone1,zone2")
            .setTabletSelectionPreference(TabletSelectionPreference.INORDER)
            .addTabletTypes(Topodata.TabletType.REPLICA)
            .addTabletTypes(Topodata.TabletType.PRIMARY)
            .setOptions("{}");
    for (var stream : streams) {
      workflow.addStreams(stream);
    }
    return new Inbound.Snapshot(
        TABLET,
        streams.length == 0 ? List.of() : List.of(workflow.build()),
        Map.of(1L, List.of(new CopyState("corder", "pk"))));
  }

  private static List<@Nullable Message> values(List<RelayRecord> records) {
    assertThat(records)
        .allSatisfy(record -> {
          assertThat(record.topic()).isEqualTo(Topics.STREAMS);
          assertThat(record.key()).isEqualTo("customer.c2c");
        });
    return records.stream().map(record -> record.value()).toList();
  }

  private static StreamStatus status() {
    return StreamStatus.of("-80", ALIAS, 1)
        .with(draft -> {
          draft.source = "keyspace:\"commerce\" shard:\"0\"";
          draft.position = "MySQL56/x:1-5";
          draft.state = "Running";
          draft.dbName = "vt_customer";
          draft.timeUpdated = 100;
          draft.rowsCopied = 10;
          draft.cells = "zone1,zone2";
          draft.tabletTypes = "in_order:replica,primary";
          draft.options = "{}";
          draft.copyStates = List.of(new CopyState("corder", "pk"));
        });
  }

  @Test
  void aNewStreamIsReportedWithAllThatTheTabletSays() {
    assertThat(values(reports.accept(snapshot(stream()), 1000)))
        .containsExactly(new StreamReported("customer", "c2c", WALL, status()));
    assertThat(reports.accept(snapshot(stream()), 1001)).isEmpty();
  }

  @Test
  void anotherStateIsReportedAtOnce() {
    reports.accept(snapshot(stream()), 1000);

    List<@Nullable Message> values =
        values(
            reports.accept(
                snapshot(stream().setState(VReplicationWorkflowState.Error).setMessage("bad")),
                1001));

    assertThat(values).hasSize(1);
    assertThat(((StreamReported) values.getFirst()).stream().state()).isEqualTo("Error");
  }

  @Test
  void progressIsHeldBackAndThenTold() {
    reports.accept(snapshot(stream()), 1000);

    assertThat(reports.accept(snapshot(stream().setPos("MySQL56/x:1-6")), 1500)).isEmpty();
    assertThat(reports.accept(snapshot(stream().setPos("MySQL56/x:1-7")), 1600)).isEmpty();
    assertThat(reports.due(1999)).isEmpty();
    List<@Nullable Message> values = values(reports.due(2000));

    assertThat(values).hasSize(1);
    assertThat(((StreamReported) values.getFirst()).stream().position()).isEqualTo("MySQL56/x:1-7");
    assertThat(reports.due(9000)).isEmpty();
  }

  @Test
  void passingTimeAloneIsToldRarely() {
    reports.accept(snapshot(stream()), 1000);
    var later = stream().setTimeUpdated(Vttime.Time.newBuilder().setSeconds(103));

    assertThat(reports.accept(snapshot(later), 4000)).isEmpty();
    assertThat(reports.due(5999)).isEmpty();
    assertThat(reports.due(6000)).hasSize(1);
  }

  @Test
  void aStreamThatIsGoneIsRemoved() {
    reports.accept(snapshot(stream(), stream().setId(2)), 1000);

    assertThat(values(reports.accept(snapshot(stream().setId(2)), 2000)))
        .containsExactly(new StreamRemoved("customer", "c2c", WALL, "-80", ALIAS, 1));
    assertThat(values(reports.accept(snapshot(), 3000)))
        .containsExactly(new StreamRemoved("customer", "c2c", WALL, "-80", ALIAS, 2));
  }

  @Test
  void theStreamsOfATabletThatIsNoLongerPrimaryAreRemoved() {
    reports.accept(snapshot(stream()), 1000);

    assertThat(values(reports.tabletGone(ALIAS)))
        .containsExactly(new StreamRemoved("customer", "c2c", WALL, "-80", ALIAS, 1));
    assertThat(reports.tabletGone(ALIAS)).isEmpty();
  }

  private static Map<WorkflowKey, WorkflowStatus> statuses() {
    return Map.of(
        KEY,
        WorkflowStatus.of("customer", "c2c")
            .with(draft -> {
              draft.version = 1;
              draft.phase = Phase.OBSERVED;
              draft.workflowType = "MoveTables";
              draft.sourceKeyspace = "commerce";
              draft.streams = List.of(status());
            }));
  }

  @Test
  void aStreamThatOnlyTheStatusKnowsIsRemovedAfterTwoLooks() {
    reports.accept(snapshot(), 1000);

    assertThat(reports.reconcile(statuses(), Set.of(ALIAS)::contains)).isEmpty();
    assertThat(values(reports.reconcile(statuses(), Set.of(ALIAS)::contains)))
        .containsExactly(new StreamRemoved("customer", "c2c", WALL, "-80", ALIAS, 1));
    assertThat(reports.reconcile(statuses(), Set.of(ALIAS)::contains)).isEmpty();
    assertThat(reports.reconcile(Map.of(), Set.of(ALIAS)::contains)).isEmpty();
  }

  @Test
  void aTabletThatHasNotAnsweredYetKeepsItsStreams() {
    assertThat(reports.reconcile(statuses(), Set.of(ALIAS)::contains)).isEmpty();
    assertThat(reports.reconcile(statuses(), Set.of(ALIAS)::contains)).isEmpty();
    reports.accept(snapshot(stream()), 5000);
    assertThat(reports.reconcile(statuses(), Set.of(ALIAS)::contains)).isEmpty();
    assertThat(reports.reconcile(statuses(), Set.of(ALIAS)::contains)).isEmpty();
  }

  @Test
  void theStreamsOfATabletThatIsNoPrimaryAtAllAreRemoved() {
    assertThat(reports.reconcile(statuses(), Set.of()::contains)).isEmpty();
    assertThat(reports.reconcile(statuses(), Set.of()::contains)).hasSize(1);
  }

  @Test
  void tellsWhenWhatIsHeldBackIsDue() {
    assertThat(reports.nextDue()).isEqualTo(Long.MAX_VALUE);
    assertThat(reports.accept(snapshot(stream()), 1000)).hasSize(1);
    assertThat(reports.nextDue()).isEqualTo(Long.MAX_VALUE);

    var later = stream().setTimeUpdated(Vttime.Time.newBuilder().setSeconds(101));
    assertThat(reports.accept(snapshot(later), 1100)).isEmpty();
    assertThat(reports.nextDue()).isEqualTo(6000);
    assertThat(reports.accept(snapshot(later.setRowsCopied(11)), 1200)).isEmpty();
    assertThat(reports.nextDue()).isEqualTo(2000);
    assertThat(reports.due(1999)).isEmpty();
    assertThat(reports.due(2000)).hasSize(1);
    assertThat(reports.nextDue()).isEqualTo(Long.MAX_VALUE);
  }
}
