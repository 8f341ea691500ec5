package dev.shunt.saga.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.NewStream;
import dev.shunt.cluster.PrimaryControl;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamControl;
import dev.shunt.cluster.StreamControl.IfGone;
import dev.shunt.cluster.StreamView;
import dev.shunt.cluster.StreamsGoneException;
import dev.shunt.tabletclient.CallEffect;
import dev.shunt.tabletclient.Fence;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.streams.MigrationId;
import dev.shunt.workflow.streams.StreamMessages;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.function.Executable;
import tabletmanagerdata.Tabletmanagerdata.CreateVReplicationWorkflowRequest;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/**
 * What {@link PrimaryControl} and {@link StreamControl} promise, for the fake and for calls to
 * tablets alike. There are the keyspaces commerce and customer of one shard each, with a table t,
 * on one server.
 */
public abstract class ControlConformance {
  private static final int DUPLICATE = 1062;
  private static final int NOBODY = 1_000_000;

  private Cluster cluster;
  private String workflow;
  private long migration;
  private ShardPrimary target;
  private PrimaryControl commerce;
  private PrimaryControl customer;
  private StreamControl streams;

  /** The cluster, which may be that of an earlier scenario. */
  protected abstract Cluster cluster();

  /** Commits something in commerce. */
  protected abstract void write();

  @BeforeEach
  final void begin(TestInfo test) {
    cluster = cluster();
    workflow = test.getTestMethod().orElseThrow().getName();
    migration = 1 + Integer.toUnsignedLong(workflow.hashCode());
    target = cluster.primary("customer", "0");
    commerce = cluster.control(cluster.primary("commerce", "0"));
    customer = cluster.control(target);
    streams = customer.streams(workflow);
  }

  @AfterEach
  final void end() {
    streams.delete();
    commerce.streams(workflow).delete();
  }

  private static Binlogdata.BinlogSource source(String keyspace) {
    return Binlogdata.BinlogSource.newBuilder()
        .setKeyspace(keyspace)
        .setShard("0")
        .setFilter(
            Binlogdata.Filter.newBuilder()
                .addRules(Binlogdata.Rule.newBuilder().setMatch("t").setFilter("select * from t")))
        .build();
  }

  private CreateVReplicationWorkflowRequest request(int count) {
    CreateVReplicationWorkflowRequest.Builder request =
        CreateVReplicationWorkflowRequest.newBuilder()
            .setWorkflow(workflow)
            .addCells("zone1")
            .addTabletTypes(Topodata.TabletType.PRIMARY)
            .setWorkflowType(Binlogdata.VReplicationWorkflowType.MoveTables)
            .setOptions("{}");
    for (int i = 0; i < count; i++) {
      request.addBinlogSource(source("commerce"));
    }
    return request.build();
  }

  private static NewStream row(String position) {
    return new NewStream(
        source("customer"),
        position,
        "zone1",
        ReadVReplicationWorkflowResponse.newBuilder()
            .addTabletTypes(Topodata.TabletType.PRIMARY)
            .setWorkflowType(Binlogdata.VReplicationWorkflowType.MoveTables)
            .build(),
        1);
  }

  private Journal journal(String position) {
    return Journal.newBuilder()
        .setId(migration)
        .setMigrationType(Binlogdata.MigrationType.TABLES)
        .addTables("t")
        .setLocalPosition(position)
        .build();
  }

  private List<StreamView> views(StreamControl of) {
    return of.read().stream()
        .flatMap(found -> found.getStreamsList().stream())
        .map(stream -> new StreamView(target, stream))
        .toList();
  }

  private StreamView only() {
    assertThat(views(streams)).hasSize(1);
    return views(streams).getFirst();
  }

  private VReplicationWorkflowState state() {
    return only().stream().getState();
  }

  /** One stream that runs and has copied. */
  private StreamView running() {
    streams.create(request(1));
    streams.setState(VReplicationWorkflowState.Running);
    streams.within(Duration.ofSeconds(30)).awaitPosition(only().id(), commerce.position());
    awaitState(VReplicationWorkflowState.Running);
    return only();
  }

  private void awaitState(VReplicationWorkflowState state) {
    await().atMost(Duration.ofSeconds(30)).until(() -> state() == state);
  }

  // --- streams -------------------------------------------------------------------------------

  @Test
  void writesStreamsStopped() {
    streams.create(request(2));

    assertThat(views(streams)).hasSize(2).allMatch(StreamView::stopped);
    assertThat(customer.workflows())
        .anyMatch(found -> found.getWorkflow().equals(workflow) && found.getStreamsCount() == 2);
  }

  @Test
  void tellsWhetherItRemovedAny() {
    streams.create(request(1));

    assertThat(streams.delete()).isTrue();
    assertThat(streams.read()).isEmpty();
    assertThat(streams.delete()).isFalse();
  }

  @Test
  void copiesNothingWhenItHasCopied() {
    StreamView stream = running();

    assertThat(streams.copying(List.of(stream.id()))).isFalse();
  }

  @Test
  void stopsForACutoverAndStartsThoseAgain() {
    StreamView stream = running();

    streams.stopForCutover(1, IfGone.FAIL);
    assertThat(state()).isEqualTo(VReplicationWorkflowState.Stopped);
    assertThat(only().stoppedForCutover()).isTrue();
    streams.stopForCutover(1, IfGone.FAIL); // that it is so already is no failure

    streams.startAfterCutover();
    awaitState(VReplicationWorkflowState.Running);
    assertThat(only().stoppedForCutover()).isFalse();
    write();
    streams.within(Duration.ofSeconds(30)).awaitPosition(stream.id(), commerce.position());
  }

  @Test
  void leavesStreamsStoppedThatSomebodyElseStopped() {
    running();
    streams.stop(only().id());

    streams.startAfterCutover();

    assertThat(state()).isEqualTo(VReplicationWorkflowState.Stopped);
  }

  @Test
  void bringsAStreamToAPositionForAMigration() {
    StreamView stream = running();

    streams.stopForMigration(1);
    write();
    String end = commerce.position();
    streams.runToForMigration(stream.id(), end);
    streams.within(Duration.ofSeconds(30)).awaitPosition(stream.id(), end);
    awaitState(VReplicationWorkflowState.Stopped);
    streams.standForMigration(stream.id(), end);
    assertThat(only().stream().getPos()).isEqualTo(end);
    assertThat(only().stream().getStopPos()).isEmpty();
    assertThat(only().stream().getMessage()).isEqualTo(StreamMessages.MIGRATION);

    streams.startAfterMigration(1);
    awaitState(VReplicationWorkflowState.Running);
    assertThat(only().stream().getMessage()).isEmpty();
    streams.stop(stream.id());
    streams.startAfterMigration(1); // that is somebody else's stop
    assertThat(state()).isEqualTo(VReplicationWorkflowState.Stopped);
  }

  @Test
  void startsDrafts() {
    streams.draft(List.of(row(customer.position())));
    assertThat(state()).isEqualTo(VReplicationWorkflowState.Stopped);

    streams.stopForDiff(1); // that is no stream of a diff's
    streams.startAfterDiff(1);
    assertThat(state()).isEqualTo(VReplicationWorkflowState.Stopped);
    streams.startDrafts();
    assertThat(state()).isNotEqualTo(VReplicationWorkflowState.Stopped);
    assertThat(only().stream().getMessage()).isNotEqualTo(StreamMessages.DRAFT);
    streams.startDrafts(); // that it is so already is no failure
    streams.delete();
    streams.startDrafts(); // nor that somebody has deleted it
  }

  @Test
  void startsAndStopsOneOfTwo() {
    streams.create(request(2));
    int first = views(streams).getFirst().id();
    int second = views(streams).getLast().id();

    streams.startWithoutEnd(first);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            views(streams).getFirst().stream().getState() != VReplicationWorkflowState.Stopped);
    assertThat(views(streams).getLast().stopped()).isTrue();
    streams.stop(first);
    assertThat(views(streams)).allMatch(StreamView::stopped);
    streams.runTo(second, commerce.position());
    await().atMost(Duration.ofSeconds(30)).until(() -> views(streams).getLast().stopped());
    assertThat(views(streams).getLast().stream().getStopPos()).isNotEmpty();
    streams.resume(second); // not up to there again
    assertThat(views(streams).getLast().stream().getStopPos()).isEmpty();
    assertThat(views(streams).getFirst().stopped()).isTrue();
    assertThat(views(streams).getLast().stopped()).isFalse();
  }

  @Test
  void failsWhereStreamsAreGone() {
    streams.create(request(1));

    List<Executable> changes =
        List.of(
            () -> streams.stopForCutover(2, IfGone.FAIL),
            () -> streams.start(2),
            () -> streams.freeze(2),
            () -> streams.stopForDiff(2),
            () -> streams.startWithoutEnd(NOBODY),
            () -> streams.runTo(NOBODY, commerce.position()));

    assertThat(changes)
        .allSatisfy(change ->
            assertThatExceptionOfType(StreamsGoneException.class)
                .isThrownBy(change::execute)
                .withMessageStartingWith(
                    "streams of workflow %s on customer/0 are gone: there were ", workflow));
  }

  @Test
  void acceptsThatStreamsAreGoneWhereNothingIsLeftToDo() {
    streams.stopForCutover(1, IfGone.ACCEPT);
    streams.startAfterCutover();
    streams.startAfterDiff(1);
    streams.stop(NOBODY);
    streams.resume(NOBODY);
    streams.deleteDrafts();
    streams.deleteFrozen();

    assertThat(streams.read()).isEmpty();
  }

  @Test
  void refusesToWaitForAStreamThatIsStopped() {
    running();
    streams.stop(only().id());
    write();

    assertThatExceptionOfType(TabletException.class)
        .isThrownBy(() ->
            streams.within(Duration.ofSeconds(10)).awaitPosition(only().id(), commerce.position()))
        .satisfies(e -> assertThat(e.code()).isEqualTo(Status.Code.FAILED_PRECONDITION));
  }

  // --- diffs ---------------------------------------------------------------------------------

  @Test
  void runsToAPositionForADiffAndOnAfterIt() {
    StreamView stream = running();
    write();
    String position = commerce.position();

    streams.stopForDiff(1);
    assertThat(only().stoppedForDiff()).isTrue();
    streams.runTo(stream.id(), position);
    streams.within(Duration.ofSeconds(30)).awaitPosition(stream.id(), position);
    awaitState(VReplicationWorkflowState.Stopped);
    assertThat(only().stoppedForDiff()).isTrue();
    assertThat(only().stream().getPos()).isEqualTo(position);

    streams.startAfterDiff(1);
    awaitState(VReplicationWorkflowState.Running);
    assertThat(only().stoppedForDiff()).isFalse();
  }

  @Test
  void leavesFrozenStreamsStoppedAfterADiff() {
    streams.create(request(1));
    streams.freeze(1);

    streams.startAfterDiff(1);

    assertThat(only().frozen()).isTrue();
    assertThat(state()).isEqualTo(VReplicationWorkflowState.Stopped);
  }

  /** They are theirs who stop them by hand, whatever a diff that died did with them before. */
  @Test
  void leavesStreamsStoppedThatWereStoppedByHandSinceADiffStoppedThem() {
    StreamView stream = running();
    streams.stopForDiff(1);
    streams.setState(VReplicationWorkflowState.Stopped);
    assertThat(only().stoppedForDiff()).isFalse();
    streams.startAfterDiff(1);
    assertThat(state()).isEqualTo(VReplicationWorkflowState.Stopped);

    streams.stopForDiff(1);
    streams.runTo(stream.id(), commerce.position());
    streams.stop(stream.id());
    assertThat(only().stoppedForDiff()).isFalse();
    assertThat(only().stream().getStopPos()).isEmpty();
  }

  @Test
  void startsWhatADiffHasStoppedAndNoOther() {
    streams.create(request(2));
    StreamView first = views(streams).getFirst();
    streams.stopForDiff(2);
    streams.stop(first.id());

    streams.startAfterDiff(2);

    assertThat(views(streams).getFirst().stopped()).isTrue();
    assertThat(views(streams).getLast().stopped()).isFalse();
  }

  /** Else writes that it has moved would come back over them. */
  @Test
  void leavesStreamsOfASwitchStoppedThoughADiffLeftAPosition() {
    StreamView stream = running();
    streams.stopForDiff(1);
    streams.runTo(stream.id(), commerce.position());
    streams.stopForCutover(1, IfGone.FAIL);
    assertThat(only().stream().getStopPos()).isNotEmpty();
    assertThat(only().stoppedForDiff()).isFalse();

    streams.startAfterDiff(1);

    assertThat(state()).isEqualTo(VReplicationWorkflowState.Stopped);
    assertThat(only().stoppedForCutover()).isTrue();
  }

  // --- the decision of a switch --------------------------------------------------------------

  @Test
  void putsStreamsInPlaceOfOthersTogetherWithAJournal() {
    StreamControl reverse = commerce.streams(workflow);
    String position = customer.position();
    reverse.draft(List.of(row(position), row(position)));
    Journal journal = journal(position);

    reverse.replaceWithJournal(List.of(row(position)), migration, journal);

    assertThat(commerce.journal(migration)).contains(journal);
    assertThat(commerce.journalKeys(migration)).containsExactly(Long.toString(migration));
    assertThat(views(reverse))
        .singleElement()
        .matches(StreamView::stopped)
        .satisfies(stream -> {
          assertThat(stream.stream().getPos()).isEqualTo(position);
          assertThat(stream.stream().getMessage()).isEmpty();
          assertThat(stream.source().getKeyspace()).isEqualTo("customer");
        });
  }

  @Test
  void changesNothingWhereAJournalStands() {
    StreamControl reverse = commerce.streams(workflow);
    String position = customer.position();
    Journal journal = journal(position);
    reverse.draft(List.of(row(position)));
    List<StreamView> before = views(reverse);
    commerce.writeJournal(migration, journal);

    assertStands(() -> reverse.replaceWithJournal(List.of(row(position)), migration, journal));
    assertStands(() -> commerce.writeJournal(migration, journal(position + "1")));

    assertThat(views(reverse)).extracting(StreamView::id).containsExactly(before.getFirst().id());
    assertThat(commerce.journal(migration)).contains(journal);
  }

  private static void assertStands(Executable write) {
    assertThatExceptionOfType(TabletException.class)
        .isThrownBy(write::execute)
        .satisfies(e -> {
          assertThat(e.mysqlErrno()).isEqualTo(DUPLICATE);
          assertThat(e.effect()).isEqualTo(CallEffect.NONE);
        });
  }

  @Test
  void knowsTheKeyOfAnotherDatabasesJournalAndNotItsText() {
    String position = customer.position();
    commerce.writeJournal(migration, journal(position));

    assertThat(customer.journal(migration)).isEmpty();
    assertThat(customer.journalKeys(migration)).containsExactly(Long.toString(migration));
    assertStands(() -> customer.writeJournal(migration, journal(position)));

    Journal own = journal(commerce.position());
    customer.writeJournal(MigrationId.beside(migration, target.database()), own);
    assertThat(customer.journal(migration)).contains(own);
    assertThat(customer.journalKeys(migration)).hasSize(2);
  }

  @Test
  void draftsStreamsBesideOthersAndInPlaceOfDrafts() {
    streams.create(request(1));
    streams.freeze(1);
    int frozen = only().id();

    streams.draft(List.of(row(customer.position())));
    streams.draft(List.of(row(customer.position())));
    assertThat(views(streams)).hasSize(2);
    streams.deleteDrafts();
    assertThat(only().id()).isEqualTo(frozen);

    streams.draft(List.of(row(customer.position())));
    streams.deleteFrozen();
    assertThat(only().id()).isNotEqualTo(frozen);
  }

  // --- primaries -----------------------------------------------------------------------------

  @Test
  void refusesEarlierHoldersOfALock() {
    streams.create(request(1));
    PrimaryControl first = customer.withFence(new Fence(workflow, 1));
    PrimaryControl second = customer.withFence(new Fence(workflow, 2));
    first.showFence();
    second.showFence();

    List<Executable> changes =
        List.of(
            () -> first.streams(workflow).freeze(1),
            () -> first.streams(workflow).setState(VReplicationWorkflowState.Running),
            () -> first.streams(workflow).delete(),
            () -> first.writeJournal(migration, journal("")),
            first::showFence);

    assertThat(changes)
        .allSatisfy(change ->
            assertThatThrownBy(change::execute)
                .isInstanceOfSatisfying(
                    TabletException.class, e -> assertThat(e.fenced()).isTrue()));
    assertThat(only().stopped()).isTrue();
    assertThat(customer.journal(migration)).isEmpty();
    second.streams(workflow).freeze(1);
    assertThat(only().frozen()).isTrue();
  }

  @Test
  void isAtAnotherPositionOnceSomethingIsWritten() {
    commerce.drain(List.of("t"));
    commerce.refreshState();
    String before = commerce.position();

    write();

    assertThat(commerce.position()).isNotEqualTo(before);
  }

  @Test
  void runsSeveralStatementsAsOne() {
    assertThat(customer.runsTransactions()).isTrue();
  }

  @Test
  void raisesTheNextIdOfATable() {
    BigInteger next = BigInteger.valueOf(4711);

    assertThat(customer.raiseNextId("t", next)).isTrue();

    assertThat(customer.nextIds(List.of("t", "none"))).isEqualTo(Map.of("t", next));
  }
}
