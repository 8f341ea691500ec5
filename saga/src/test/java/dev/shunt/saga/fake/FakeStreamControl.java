package dev.shunt.saga.fake;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.cluster.NewStream;
import dev.shunt.cluster.StreamControl;
import dev.shunt.cluster.StreamReading;
import dev.shunt.cluster.StreamsGoneException;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.streams.StreamMessages;
import io.grpc.Status;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import tabletmanagerdata.Tabletmanagerdata.CreateVReplicationWorkflowRequest;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowRequest;

/** Verbs on the streams of a {@link FakeTablet}. */
record FakeStreamControl(FakePrimaryControl primary, String workflow) implements StreamControl {
  /** What a gate sees of the verbs of a diff. */
  static final String OF_DIFFS = "changeForDiff";

  private static final Set<String> OF_A_DIFF =
      Set.of(StreamMessages.DIFF, StreamMessages.DIFF_CATCH_UP);

  private FakeTablet fake() {
    return primary.fake();
  }

  private List<FakeRow> rows() {
    return fake().streams(workflow);
  }

  @Override
  public StreamControl within(Duration limit) {
    return this;
  }

  @Override
  public Optional<ReadVReplicationWorkflowResponse> read() {
    primary.ask("read");
    List<FakeRow> rows = rows();
    return rows.isEmpty() ? Optional.empty() : Optional.of(FakeRow.response(workflow, rows));
  }

  @Override
  public void create(CreateVReplicationWorkflowRequest request) {
    primary.act("create");
    for (Binlogdata.BinlogSource source : request.getBinlogSourceList()) {
      FakeRow row = fake().addStream(request.getWorkflow(), source);
      row.type = request.getWorkflowType();
      row.cells = String.join(",", request.getCellsList());
      row.options = request.getOptions();
    }
  }

  @Override
  public void update(UpdateVReplicationWorkflowRequest request) {
    primary.act("update");
    for (FakeRow row : rows()) {
      if (request.hasState()) {
        row.state = request.getState();
        row.stopPosition = "";
        if (OF_A_DIFF.contains(row.message)) {
          row.message = "";
        }
        if (row.state == VReplicationWorkflowState.Running && row.position.isEmpty()) {
          row.position = "MariaDB/0-1-1";
        }
      }
      if (!request.getCellsList().equals(List.of("NULL"))) {
        row.cells = String.join(",", request.getCellsList());
      }
    }
  }

  @Override
  public boolean delete() {
    primary.act("delete");
    return fake().streams.values().removeIf(row -> row.workflow.equals(workflow));
  }

  @Override
  public void awaitPosition(int id, String position) {
    primary.ask("awaitPosition");
    FakeRow row = fake().streams.get(id);
    if (row == null
        || (row.state != VReplicationWorkflowState.Running && !row.position.equals(position))) {
      throw new TabletException(
          Status.Code.FAILED_PRECONDITION,
          "stream " + id + " is not running",
          new IllegalStateException());
    }
    if (fake().cluster.stuck) {
      throw new TabletException(
          Status.Code.DEADLINE_EXCEEDED, "still behind", new IllegalStateException());
    }
    row.position = position;
  }

  @Override
  public boolean copying(Collection<Integer> ids) {
    primary.ask("copying");
    return rows().stream()
        .anyMatch(row -> ids.contains(row.id) && row.state == VReplicationWorkflowState.Copying);
  }

  // --- start and stop ------------------------------------------------------------------------

  /** Changes some streams; those that are there count, whether they are changed or not. */
  private void change(
      String verb, Predicate<FakeRow> which, Consumer<FakeRow> change, int count, IfGone ifGone) {
    primary.change(verb, () -> rows().stream().filter(which).forEach(change));
    if (ifGone == IfGone.FAIL && rows().stream().filter(which).count() < count) {
      throw new StreamsGoneException(workflow, primary.shard(), count);
    }
  }

  private static Consumer<FakeRow> stopped(String message) {
    return row -> {
      row.state = VReplicationWorkflowState.Stopped;
      row.message = message;
    };
  }

  /** A stream that has a position at which it stops is there at once. */
  private static void start(FakeRow row) {
    row.state = VReplicationWorkflowState.Running;
    if (!row.stopPosition.isEmpty()) {
      row.position = row.stopPosition;
      row.state = VReplicationWorkflowState.Stopped;
    }
  }

  private static void startAfresh(FakeRow row) {
    row.message = "";
    start(row);
  }

  private static void startWithoutEnd(FakeRow row) {
    row.stopPosition = "";
    startAfresh(row);
  }

  private static Predicate<FakeRow> of(int id) {
    return row -> row.id == id;
  }

  @Override
  public void stopForCutover(int count, IfGone ifGone) {
    change("stopForCutover", row -> true, stopped(StreamMessages.CUTOVER), count, ifGone);
  }

  @Override
  public void startAfterCutover() {
    change(
        "startAfterCutover",
        row -> row.message.equals(StreamMessages.CUTOVER),
        FakeStreamControl::startAfresh,
        1,
        IfGone.ACCEPT);
  }

  @Override
  public void start(int count) {
    change("start", row -> true, FakeStreamControl::startAfresh, count, IfGone.FAIL);
  }

  @Override
  public void startWithoutEnd(int id) {
    change("startWithoutEnd", of(id), FakeStreamControl::startWithoutEnd, 1, IfGone.FAIL);
  }

  @Override
  public void stop(int id) {
    change(
        "stop",
        of(id),
        row -> {
          stopped("").accept(row);
          row.stopPosition = "";
        },
        1,
        IfGone.ACCEPT);
  }

  @Override
  public void resume(int id) {
    change("resume", of(id), FakeStreamControl::startWithoutEnd, 1, IfGone.ACCEPT);
  }

  @Override
  public void freeze(int count) {
    change("freeze", row -> true, row -> row.message = StreamMessages.FROZEN, count, IfGone.FAIL);
  }

  @Override
  public void stopForDiff(int count) {
    primary.change(
        OF_DIFFS,
        () ->
            rows().stream()
                .filter(row -> !StreamMessages.OF_SWITCHES.contains(row.message))
                .forEach(stopped(StreamMessages.DIFF)));
    requireRows(count);
  }

  @Override
  public void runTo(int id, String position) {
    change(OF_DIFFS, of(id), runningTo(position, StreamMessages.DIFF_CATCH_UP), 1, IfGone.FAIL);
  }

  private static Consumer<FakeRow> runningTo(String position, String message) {
    return row -> {
      row.message = message;
      row.stopPosition = position;
      start(row);
    };
  }

  @Override
  public void startAfterDiff(int count) {
    change(
        OF_DIFFS,
        row ->
            !StreamMessages.OF_SWITCHES.contains(row.message)
                && (OF_A_DIFF.contains(row.message) || !row.stopPosition.isEmpty()),
        FakeStreamControl::startWithoutEnd,
        count,
        IfGone.ACCEPT);
  }

  // --- streams that are brought along when their shard is replaced ---------------------------

  @Override
  public void stopForMigration(int count) {
    primary.change(
        "stopForMigration",
        () ->
            rows().stream()
                .filter(row ->
                    row.state == VReplicationWorkflowState.Running && row.stopPosition.isEmpty())
                .forEach(stopped(StreamMessages.MIGRATION)));
    requireRows(count);
  }

  private void requireRows(int count) {
    if (rows().size() < count) {
      throw new StreamsGoneException(workflow, primary.shard(), count);
    }
  }

  @Override
  public void standForMigration(int id, String position) {
    change(
        "standForMigration",
        row -> row.id == id,
        row -> {
          if (row.stopPosition.equals(position)) {
            stopped(StreamMessages.MIGRATION).accept(row);
            row.stopPosition = "";
          }
        },
        1,
        IfGone.FAIL);
  }

  @Override
  public void runToForMigration(int id, String position) {
    change(
        "runToForMigration",
        of(id),
        runningTo(position, StreamMessages.MIGRATION_CATCH_UP),
        1,
        IfGone.FAIL);
  }

  @Override
  public void startAfterMigration(int count) {
    change(
        "startAfterMigration",
        row ->
            StreamMessages.OF_MIGRATIONS.contains(row.message)
                || (!row.stopPosition.isEmpty() && !OF_A_DIFF.contains(row.message)),
        FakeStreamControl::startWithoutEnd,
        count,
        IfGone.ACCEPT);
  }

  @Override
  public void startDrafts() {
    change(
        "startDrafts",
        row ->
            row.state == VReplicationWorkflowState.Stopped
                && (row.message.equals(StreamMessages.DRAFT) || row.message.isEmpty()),
        FakeStreamControl::startAfresh,
        1,
        IfGone.ACCEPT);
  }

  // --- the decision of a switch --------------------------------------------------------------

  @Override
  public void replaceWithJournal(List<NewStream> streams, long key, Journal journal) {
    primary.change(
        "replaceWithJournal",
        () -> {
          if (fake().stock) {
            throw new TabletException(
                Status.Code.INVALID_ARGUMENT,
                "Expected a single statement",
                new IllegalStateException());
          }
          fake().requireNoJournal(key); // before anything has changed
          deleteWhere(row -> true);
          streams.forEach(stream -> add(stream, ""));
          fake().putJournal(key, primary.shard().database(), journal);
        });
  }

  @Override
  public void draft(List<NewStream> streams) {
    deleteDrafts();
    primary.change("draft", () -> streams.forEach(stream -> add(stream, StreamMessages.DRAFT)));
  }

  @Override
  public void deleteDrafts() {
    primary.change(
        "deleteDrafts",
        () ->
            deleteWhere(row ->
                row.message.equals(StreamMessages.DRAFT)
                    && row.state == VReplicationWorkflowState.Stopped));
  }

  @Override
  public void deleteFrozen() {
    primary.change(
        "deleteFrozen", () -> deleteWhere(row -> row.message.equals(StreamMessages.FROZEN)));
  }

  private void deleteWhere(Predicate<FakeRow> which) {
    fake().streams.values().removeIf(row -> row.workflow.equals(workflow) && which.test(row));
  }

  private void add(NewStream stream, String message) {
    FakeRow row = fake().addStream(workflow, stream.source());
    row.type = stream.like().getWorkflowType();
    row.position = stream.position();
    row.message = message;
    row.cells = stream.cells();
    row.tabletTypes = StreamReading.tabletTypes(stream.like());
  }
}
