package dev.shunt.switcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import binlogdata.Binlogdata.VReplicationWorkflowSubType;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.TaskHandler;
import dev.shunt.saga.fake.FakeRow;
import dev.shunt.saga.fake.FakeTablet;
import dev.shunt.saga.fake.MemoryFolder;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.StepFailed;
import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.TrafficSwitched;
import dev.shunt.tabletclient.CallEffect;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.TopoException;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.TableRouting;
import dev.shunt.workflow.streams.StreamMessages;
import io.grpc.Metadata;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SwitchPlannerTest {
  private static final List<String> ALL = List.of("PRIMARY", "REPLICA", "RDONLY");
  private static final List<String> ONE = List.of("0");

  @TempDir(factory = MemoryFolder.class)
  Path folder;

  private static SwitchTraffic command(CommandHeader header, Direction way, List<String> types) {
    return new SwitchTraffic(header, types, List.of(), way, 30_000, 30_000, true, false, false);
  }

  private static SwitchTraffic forward(String id) {
    return command(Samples.header(id), Direction.FORWARD, ALL);
  }

  private static SwitchTraffic backward(String id) {
    return command(Samples.header(id), Direction.BACKWARD, ALL);
  }

  private static SagaTrial trial(Moving moving) {
    return new SagaTrial(
        moving.cluster, new SwitchPlanner(moving.cluster.cluster(), DifferenceGuard.NONE));
  }

  /** What is denied and routed for tables would cut off something else. */
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"MoveTables", "UNRECOGNIZED"})
  void switchesNoTrafficOfAnotherKindOfWorkflow(VReplicationWorkflowType type) {
    Moving moving = unsharded();
    moving.streams("customer", ONE, "c2c").forEach(row -> row.type = type);
    SagaTrial trial = trial(moving);
    for (SwitchTraffic command : List.of(forward("s1"), backward("s2"))) {
      assertThat(trial.outcome(command))
          .startsWith("refused")
          .contains("which Shunt does not do yet");
      assertNotSwitched(moving);
    }
  }

  @Test
  void switchesNoTrafficOfSomeShardsOrOneTenant() {
    Moving moving = unsharded();
    moving
        .streams("customer", ONE, "c2c")
        .forEach(row -> row.subType = VReplicationWorkflowSubType.Partial);
    assertThat(trial(moving).outcome(forward("s1"))).contains("MoveTables of some shards only");
    moving
        .streams("customer", ONE, "c2c")
        .forEach(row -> {
          row.subType = VReplicationWorkflowSubType.None;
          row.options = "{\"tenant_id\":\"7\"}";
        });
    assertThat(trial(moving).outcome(forward("s2"))).contains("MoveTables of one tenant");
    assertNotSwitched(moving);
  }

  private Moving unsharded() {
    return new Moving(folder, ONE, ONE);
  }

  private static void assertSwitched(Moving moving) {
    assertSwitched(moving, 1);
  }

  private static void assertSwitched(Moving moving, int journals) {
    assertThat(moving.bothWritable).isEmpty();
    assertThat(moving.writable("commerce", moving.sourceShards)).isFalse();
    assertThat(moving.open("customer", moving.targetShards)).isTrue();
    assertThat(moving.route("corder")).isEqualTo("customer.corder");
    assertThat(moving.route("commerce.corder")).isEqualTo("customer.corder");
    assertThat(moving.route("customer.corder")).isEmpty();
    assertThat(moving.route("corder@replica")).isEqualTo("customer.corder");
    assertThat(moving.streams("customer", moving.targetShards, "c2c"))
        .isNotEmpty()
        .allMatch(row -> row.message.equals("FROZEN"))
        .allMatch(row -> row.state == VReplicationWorkflowState.Stopped);
    assertThat(moving.streams("commerce", moving.sourceShards, "c2c_reverse"))
        .hasSize(moving.streams("customer", moving.targetShards, "c2c").size())
        .allMatch(row -> row.state == VReplicationWorkflowState.Running)
        .allMatch(row -> row.message.isEmpty());
    for (String shard : moving.sourceShards) {
      assertThat(moving.cluster.tablet("commerce", shard).journals).hasSize(journals);
    }
  }

  private static void assertNotSwitched(Moving moving) {
    assertThat(moving.bothWritable).isEmpty();
    assertThat(moving.open("commerce", moving.sourceShards)).isTrue();
    assertThat(moving.writable("customer", moving.targetShards)).isFalse();
    assertThat(moving.route("corder")).isEqualTo("commerce.corder");
    assertThat(moving.route("corder@replica")).isEqualTo("commerce.corder");
    assertThat(moving.streams("customer", moving.targetShards, "c2c"))
        .isNotEmpty()
        .allMatch(row -> row.message.isEmpty())
        .allMatch(row -> row.state == VReplicationWorkflowState.Running);
  }

  /** Not switched, and nothing stands that would decide it. */
  private static void assertUndecided(Moving moving) {
    assertNotSwitched(moving);
    for (String shard : moving.sourceShards) {
      assertThat(moving.cluster.tablet("commerce", shard).journals).isEmpty();
    }
  }

  @Test
  void switchesAllTraffic() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    assertThat(trial.outcome(forward("c1")))
        .isEqualTo("succeeded SwitchTraffic was successful for workflow customer.c2c");
    assertSwitched(moving);
    assertThat(trial.log.ofType(CommandSucceeded.class).getLast().attributes())
        .isEqualTo(
            Map.of(
                "start_state", "Reads Not Switched. Writes Not Switched",
                "current_state", "All Reads Switched. Writes Switched"));
    TrafficSwitched switched = trial.log.ofType(TrafficSwitched.class).getLast();
    assertThat(switched.writesSwitched()).isTrue();
    assertThat(switched.replicaCellsSwitched()).containsExactly("zone1");
    assertThat(switched.writePauseMicros()).isPositive();
    FakeRow reverse = moving.streams("commerce", ONE, "c2c_reverse").getFirst();
    assertThat(reverse.source.getFilter().getRules(0).getFilter())
        .isEqualTo("select * from `corder`");
    assertThat(reverse.position).startsWith("MariaDB/");
    assertThat(moving.cluster.tablet("commerce", "0").journals.values())
        .allMatch(journal -> journal.contains("participants"));
  }

  @Test
  void raisesTheCountersThatAreBehindThoseOfAnySource() {
    Moving moving = new Moving(folder, List.of("-80", "80-"), List.of("-80", "80-"));
    moving.cluster.tablet("commerce", "-80").autoIncrements.put("corder", 5L);
    moving.cluster.tablet("commerce", "80-").autoIncrements.put("corder", 9L);
    moving.cluster.tablet("customer", "-80").autoIncrements.put("corder", 7L);
    moving.cluster.tablet("customer", "80-").autoIncrements.put("corder", 12L);
    trial(moving).outcome(forward("c1"));
    assertThat(moving.cluster.tablet("customer", "-80").autoIncrements).containsEntry("corder", 9L);
    assertThat(moving.cluster.tablet("customer", "80-").autoIncrements)
        .containsEntry("corder", 12L);
    assertThat(moving.cluster.tablet("commerce", "80-").autoIncrements).containsEntry("corder", 9L);
  }

  @ParameterizedTest
  @CsvSource({"0,-80 80-", "-80 80-,0", "-80 80-,-80 80-"})
  void switchesThereAndBackBetweenShards(String from, String to) {
    Moving moving = new Moving(folder, List.of(from.split(" ", -1)), List.of(to.split(" ", -1)));
    SagaTrial trial = trial(moving);
    assertThat(trial.outcome(forward("c1"))).startsWith("succeeded");
    assertSwitched(moving);
    assertThat(trial.outcome(backward("c2")))
        .isEqualTo("succeeded ReverseTraffic was successful for workflow customer.c2c");
    assertNotSwitched(moving);
    assertThat(moving.streams("commerce", moving.sourceShards, "c2c_reverse"))
        .allMatch(row -> row.message.equals("FROZEN"));
    assertThat(trial.outcome(forward("c3"))).startsWith("succeeded");
    assertThat(moving.bothWritable).isEmpty();
    assertThat(moving.open("customer", moving.targetShards)).isTrue();
  }

  /** With the number of a duplicate key, but behind the COMMIT: it tells of no journal. */
  @Test
  void takesNoCommitThatFailedForAJournalThatStands() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    Metadata trailers = new Metadata();
    trailers.put(CallEffect.TRAILER, CallEffect.UNKNOWN.text());
    AtomicBoolean failed = new AtomicBoolean();
    moving.cluster.gate(call -> {
      boolean inThePause =
          call.startsWith("replaceWithJournal")
              && !moving.writable("commerce", moving.sourceShards);
      if (inThePause && failed.compareAndSet(false, true)) {
        throw TabletException.of(
            "commerce/0",
            call,
            Status.ALREADY_EXISTS
                .withDescription("Duplicate entry (errno 1062) (sqlstate 23000)")
                .asRuntimeException(trailers));
      }
    });
    assertThat(trial.run(forward("c1"))).isEqualTo(TaskHandler.Result.AGAIN);
    assertThat(failed).isTrue();
    assertThat(moving.cluster.tablet("commerce", "0").journals).isEmpty();
    assertThat(trial.outcome(forward("c1"))).startsWith("succeeded");
    assertSwitched(moving);
  }

  @Test
  void switchesSourcesThatShareAServer() {
    Moving moving = new Moving(folder, List.of("-80", "80-"), ONE);
    FakeTablet first = moving.cluster.tablet("commerce", "-80");
    FakeTablet second = moving.cluster.tablet("commerce", "80-");
    second.shareJournals(first);
    second.position += 30;
    SagaTrial trial = trial(moving);
    assertThat(trial.outcome(forward("c1"))).startsWith("succeeded");
    assertSwitched(moving, 2); // each has its own, for those who read the shard
    assertThat(first.journals.values().stream().distinct())
        .as("journals tell the position of their own shard")
        .hasSize(2);
  }

  @Test
  void doesNotTakeReverseStreamsThatAreGoneForStarted() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    FakeTablet source = moving.cluster.tablet("commerce", "0");
    Map<Integer, FakeRow> gone = new TreeMap<>();
    moving.cluster.gate(call -> {
      boolean starts = call.startsWith("start commerce");
      if (starts && !source.journals.isEmpty() && gone.isEmpty()) {
        gone.putAll(source.streams);
        source.streams.clear();
      } else if (starts && source.streams.isEmpty()) {
        source.streams.putAll(gone);
      }
    });
    assertThat(trial.outcome(forward("c1"))).startsWith("succeeded");
    assertThat(trial.log.ofType(StepFailed.class))
        .singleElement()
        .asString()
        .contains("start-reverse-streams")
        .contains("streams of workflow c2c_reverse on commerce/0 are gone");
    assertSwitched(moving);
  }

  /** Behind the catch-up, while the journals are written, they have nothing more to bring. */
  @Test
  void takesStreamsThatGoBesideTheDecisionForStopped() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    FakeTablet target = moving.cluster.tablet("customer", "0");
    FakeTablet source = moving.cluster.tablet("commerce", "0");
    Map<Integer, FakeRow> gone = new TreeMap<>();
    moving.cluster.gate(call -> {
      boolean changes = call.startsWith("stopForCutover customer");
      if (changes && pastDrain(moving) && gone.isEmpty()) {
        gone.putAll(target.streams);
        target.streams.clear();
      } else if (target.streams.isEmpty() && moving.route("corder").startsWith("customer")) {
        assertThat(source.journals).isNotEmpty();
        gone.values().forEach(row -> row.state = VReplicationWorkflowState.Stopped);
        target.streams.putAll(gone); // for the step that freezes them
      }
    });
    assertThat(trial.outcome(forward("c1"))).startsWith("succeeded");
    assertThat(gone).isNotEmpty();
    assertSwitched(moving);
  }

  /** Whatever was taken for sure before: a journal that stands decides. */
  @Test
  void doesNotOpenTheSourceWhileAJournalStands() throws Exception {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    FakeTablet source = moving.cluster.tablet("commerce", "0");
    long id = moving.cluster.cluster().requireWorkflow("customer", "c2c").migrationId();
    AtomicBoolean written = new AtomicBoolean();
    moving.cluster.gate(call -> {
      boolean writes = call.startsWith("replaceWithJournal") && pastDrain(moving);
      if (writes && written.compareAndSet(false, true)) {
        source.journals.put(id, "id:" + id);
        throw new TabletException(
            Status.Code.INVALID_ARGUMENT, "refused", new IllegalStateException());
      }
    });
    assertThat(trial.run(forward("c1"))).isEqualTo(TaskHandler.Result.AGAIN);
    assertThat(written).isTrue();
    assertThat(moving.writable("commerce", ONE)).isFalse();
    assertThat(moving.bothWritable).isEmpty();
  }

  @Test
  void doesNotTakeBackADecidedSwitchWhoseStreamsHaveGone() {
    Moving moving = new Moving(folder, ONE, List.of("-80", "80-"));
    SagaTrial trial = trial(moving);
    moving.cluster.gate(call -> {
      if (!moving.cluster.tablet("commerce", "0").journals.isEmpty()) {
        throw new Killed();
      }
    });
    assertThat(killed(trial, forward("c1"))).isTrue();
    moving.cluster.gate(call -> {});
    moving.cluster.tablet("customer", "80-").streams.clear();
    assertThat(trial.run(forward("c1"))).isEqualTo(TaskHandler.Result.AGAIN);
    assertThat(moving.writable("commerce", ONE)).isFalse();
    assertThat(moving.bothWritable).isEmpty();
  }

  @Test
  void switchesReadsOnlyAndBack() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    List<String> reads = List.of("REPLICA", "RDONLY");
    assertThat(trial.outcome(command(Samples.header("c1"), Direction.FORWARD, reads)))
        .startsWith("succeeded");
    assertThat(trial.log.ofType(CommandSucceeded.class).getLast().attributes())
        .containsEntry("current_state", "All Reads Switched. Writes Not Switched");
    assertThat(moving.writable("customer", ONE)).isFalse();
    assertThat(trial.outcome(command(Samples.header("c2"), Direction.BACKWARD, reads)))
        .startsWith("succeeded");
    assertNotSwitched(moving);
    assertThat(trial.outcome(command(Samples.header("c3"), Direction.BACKWARD, reads)))
        .endsWith(
            "requesting reversal of read traffic for REPLICAs but REPLICA reads have not been"
                + " switched");
  }

  @Test
  void reversesReadsAfterAFullSwitchWhileWritesStay() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    assertThat(trial.outcome(forward("c1"))).startsWith("succeeded");
    List<String> reads = List.of("REPLICA", "RDONLY");
    assertThat(trial.outcome(command(Samples.header("c2"), Direction.BACKWARD, reads)))
        .isEqualTo("succeeded ReverseTraffic was successful for workflow customer.c2c");
    assertThat(trial.log.ofType(CommandSucceeded.class).getLast().attributes())
        .containsEntry("current_state", "Reads Not Switched. Writes Switched");
    assertThat(moving.route("corder@replica")).isEqualTo("commerce.corder");
    assertThat(moving.open("customer", ONE)).isTrue();
    moving.cluster.tablet("commerce", "0").streams("c2c_reverse").getFirst().age = 3600;
    assertThat(trial.outcome(command(Samples.header("c3"), Direction.FORWARD, reads)))
        .startsWith("succeeded");
    assertThat(trial.outcome(command(Samples.header("c4"), Direction.BACKWARD, reads)))
        .as("reads of the source would be old")
        .contains("replication lag 3600s is higher than allowed lag");
  }

  @Test
  void refusesToReverseWhatWasNeverSwitched() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    assertThat(trial.outcome(backward("c1")))
        .isEqualTo(
            "refused FAILED_PRECONDITION no streams found in keyspace commerce for c2c_reverse");
    assertNotSwitched(moving);
  }

  @Test
  void refusesCellsThatThereAreNotBeforeTheFirstStep() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    SwitchTraffic command =
        new SwitchTraffic(
            Samples.header("c1"),
            List.of("REPLICA"),
            List.of("nocell"),
            Direction.FORWARD,
            30_000,
            30_000,
            true,
            false,
            false);
    assertThat(trial.outcome(command))
        .startsWith("refused NOT_FOUND there is no cell nocell; cells are ");
    assertNotSwitched(moving);
  }

  @Test
  void switchesAStoppedWorkflowThatHasCaughtUp() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    FakeRow stream = moving.streams("customer", ONE, "c2c").getFirst();
    stream.state = VReplicationWorkflowState.Stopped;
    assertThat(trial.outcome(forward("c1")))
        .endsWith("is stopped and behind its source: start the workflow");
    assertThat(stream.state).isEqualTo(VReplicationWorkflowState.Stopped);

    stream.position = moving.cluster.tablet("commerce", "0").positionText();
    moving.cluster.gate(call -> {
      if (call.startsWith("drain")) {
        throw new TabletException(
            Status.Code.UNAVAILABLE, "gone: " + call, new IllegalStateException());
      }
    });
    assertThat(trial.outcome(forward("c2"))).contains("failed UNAVAILABLE");
    moving.cluster.gate(call -> {});
    assertThat(moving.streams("customer", ONE, "c2c").getFirst().state)
        .as("stopped again when the switch was taken back")
        .isEqualTo(VReplicationWorkflowState.Stopped);
    stream.position = moving.cluster.tablet("commerce", "0").positionText();
    assertThat(trial.outcome(forward("c3"))).startsWith("succeeded");
    assertSwitched(moving);
  }

  @Test
  void switchesWritesOnly() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    assertThat(trial.outcome(command(Samples.header("c1"), Direction.FORWARD, List.of("PRIMARY"))))
        .startsWith("succeeded");
    assertThat(trial.log.ofType(CommandSucceeded.class).getLast().attributes())
        .containsEntry("current_state", "Reads Not Switched. Writes Switched");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "402-mt-switch-dryrun|PRIMARY REPLICA RDONLY",
        "404-mt-switch-reads-dryrun|REPLICA RDONLY",
        "405-mt-switch-primary-dryrun|PRIMARY"
      })
  void printsTheLinesOfVitessInADryRunAndChangesNothing(String golden, String types) {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    SwitchTraffic command =
        command(Samples.dryRun("c1"), Direction.FORWARD, List.of(types.split(" ", -1)));
    assertThat(trial.outcome(command))
        .startsWith("succeeded SwitchTraffic dry run results for workflow customer.c2c at ");
    assertThat(trial.log.ofType(CommandSucceeded.class).getLast().lines())
        .isEqualTo(DryRunLines.of(golden, moving.cluster.tablet("commerce", "0").positionText()));
    assertThat(moving.cluster.calls).noneMatch(call -> call.startsWith("drain"));
    assertNotSwitched(moving);
  }

  @Test
  void refusesWhatCannotBeSwitchedNow() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    FakeRow stream = moving.streams("customer", ONE, "c2c").getFirst();
    stream.state = VReplicationWorkflowState.Copying;
    refused(trial, "c1", "copy is still in progress");
    stream.state = VReplicationWorkflowState.Error;
    refused(trial, "c2", "workflow has errors");
    stream.state = VReplicationWorkflowState.Running;
    stream.age = 100;
    refused(trial, "c3", "replication lag 100s is higher than allowed lag 30s");
    stream.age = 0;
    assertNotSwitched(moving);
    assertThat(trial.outcome(forward("c4"))).startsWith("succeeded");
  }

  private static void refused(SagaTrial trial, String id, String reason) {
    assertThat(trial.outcome(forward(id)))
        .isEqualTo(
            "refused FAILED_PRECONDITION cannot switch traffic for workflow c2c at this time: "
                + reason);
  }

  @Test
  void opensTheSourceAgainWhenStreamsDoNotCatchUp() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    moving.cluster.gate(call -> moving.cluster.stuck |= call.startsWith("drain"));
    assertThat(trial.outcome(forward("c1")))
        .startsWith("command failed DEADLINE_EXCEEDED stream 1 on customer/0 did not catch up");
    assertNotSwitched(moving);
    assertThat(moving.cluster.tablet("commerce", "0").journals).isEmpty();
  }

  @Test
  void doesNothingWhenAllIsSwitched() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    assertThat(trial.outcome(forward("c1"))).startsWith("succeeded");
    assertThat(trial.outcome(forward("c2"))).startsWith("succeeded");
    assertSwitched(moving);
  }

  @Test
  void refusesToGoOnFromAJournalWhileTheSourceServes() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    FakeTablet source = moving.cluster.tablet("commerce", "0");
    long id = 0;
    try {
      id = moving.cluster.cluster().requireWorkflow("customer", "c2c").migrationId();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    source.journals.put(id, "id:" + id);
    assertThat(trial.outcome(forward("c1"))).contains("serves the tables again");
    assertNotSwitched(moving);
  }

  /** Stands for the death of the process: nothing of the run goes on. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  @ParameterizedTest
  @CsvSource({"0,0,FORWARD", "-80 80-,0,FORWARD", "0,-80 80-,BACKWARD"})
  void endsTheSameWhereverTheFirstRunDied(String from, String to, Direction way) throws Exception {
    int crashes = 0;
    for (int n = 0; n < 300; n++) {
      Path own = Files.createDirectory(folder.resolve("n" + n));
      Moving moving = Moving.hurried(own, List.of(from.split(" ", -1)), List.of(to.split(" ", -1)));
      SagaTrial trial = trial(moving);
      if (way == Direction.BACKWARD) {
        assertThat(trial.outcome(forward("before"))).startsWith("succeeded");
      }
      SwitchTraffic command = way == Direction.FORWARD ? forward("c1") : backward("c1");
      int[] left = {n};
      moving.cluster.gate(call -> {
        if (left[0]-- <= 0) {
          throw new Killed();
        }
      });
      boolean finished = false;
      try {
        finished = trial.run(command) == TaskHandler.Result.FINISHED;
      } catch (Killed e) {
        crashes++;
      }
      moving.cluster.gate(call -> {});
      assertThat(trial.outcome(command)).as("killed at call %d", n).startsWith("succeeded");
      if (way == Direction.FORWARD) {
        assertSwitched(moving);
      } else {
        assertNotSwitched(moving);
      }
      moving.cluster.close();
      if (finished) {
        break;
      }
    }
    assertThat(crashes).isGreaterThan(20);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0,nobody",
    "-80 80-,0,nobody",
    "0,0,both",
    "0,-80 80-,customer",
    "-80 80-,0,commerce",
    "-80 80-,-80 80-,customer"
  })
  void endsTheSameWhereverATabletDidNotAnswer(String from, String to, String stock)
      throws Exception {
    for (int n = 0; n < 300; n++) {
      Path below = Files.createDirectory(folder.resolve("n" + n));
      Moving moving =
          Moving.hurried(below, List.of(from.split(" ", -1)), List.of(to.split(" ", -1)));
      moving.cluster.tablets.values().forEach(tablet -> stock(tablet, stock));
      SagaTrial trial = trial(moving);
      int[] left = {n};
      moving.cluster.gate(call -> {
        if (left[0]-- == 0) {
          throw new TabletException(
              Status.Code.UNAVAILABLE, "gone: " + call, new IllegalStateException());
        }
      });
      String outcome = trial.outcome(forward("c1"));
      boolean reached = left[0] < 0;
      moving.cluster.gate(call -> {});
      if (outcome.startsWith("succeeded")) {
        assertSwitched(moving);
      } else {
        assertThat(outcome).as("failed at call %d", n).containsAnyOf("failed", "refused");
        assertUndecided(moving);
      }
      moving.cluster.close();
      if (!reached) {
        break;
      }
    }
  }

  private static void stock(FakeTablet tablet, String whose) {
    tablet.stock = whose.equals("both") || tablet.record.getKeyspace().equals(whose);
  }

  @ParameterizedTest
  @ValueSource(strings = {"both", "customer", "commerce"})
  void switchesThereAndBackBetweenStockTabletsAndOurs(String whose) {
    Moving moving = new Moving(folder, ONE, List.of("-80", "80-"));
    moving.cluster.tablets.values().forEach(tablet -> stock(tablet, whose));
    SagaTrial trial = trial(moving);
    assertThat(trial.outcome(forward("c1"))).startsWith("succeeded");
    assertSwitched(moving);
    assertThat(trial.outcome(backward("c2"))).startsWith("succeeded");
    assertNotSwitched(moving);
    assertThat(trial.outcome(forward("c3"))).startsWith("succeeded");
    assertThat(moving.open("customer", moving.targetShards)).isTrue();
    assertThat(moving.bothWritable).isEmpty();
  }

  @Test
  void aSleeperCannotWriteAJournalAfterItsSuccessor() {
    Moving moving = unsharded();
    SagaTrial sleeper = trial(moving);
    // The lock goes to somebody else who raises the fence while the first run sleeps.
    boolean[] slept = {false};
    moving.cluster.gate(call -> {
      if (call.startsWith("replaceWithJournal") && !slept[0] && pastDrain(moving)) {
        slept[0] = true;
        moving.cluster.tablet("commerce", "0").overtake("customer/c2c");
      }
    });
    TaskHandler.Result result = sleeper.run(forward("c1"));
    assertThat(slept[0]).isTrue();
    assertThat(result).isEqualTo(TaskHandler.Result.AGAIN);
    assertThat(moving.cluster.tablet("commerce", "0").journals).isEmpty();
    assertThat(moving.bothWritable).isEmpty();
  }

  private static boolean pastDrain(Moving moving) {
    return moving.cluster.calls.stream().anyMatch(call -> call.startsWith("drain"));
  }

  // --- disturbed second runs -------------------------------------------------------------------

  /** Dies at the nth call of a run, to a tablet, to the topology or to the log. */
  private static void dieAt(Moving moving, SagaTrial trial, int n) {
    int[] left = {n};
    Consumer<String> gate =
        call -> {
          if (left[0]-- <= 0) {
            throw new Killed();
          }
        };
    moving.cluster.gate(gate);
    moving.cluster.topoGate(gate);
    trial.log.gate(gate);
  }

  /** Fails the nth call of what follows, once; true once it was reached. */
  private static BooleanSupplier failAt(Moving moving, SagaTrial trial, int n) {
    AtomicInteger left = new AtomicInteger(n);
    moving.cluster.gate(call -> {
      if (left.getAndDecrement() == 0) {
        throw new TabletException(
            Status.Code.UNAVAILABLE, "gone: " + call, new IllegalStateException());
      }
    });
    moving.cluster.topoGate(call -> {
      if (left.getAndDecrement() == 0) {
        throw new TopoException(TopoException.Kind.UNAVAILABLE, "gone: " + call);
      }
    });
    trial.log.gate(event -> {
      if (left.getAndDecrement() == 0) {
        throw new IllegalStateException("lost: " + event);
      }
    });
    return () -> left.get() < 0;
  }

  private static void leaveAlone(Moving moving, SagaTrial trial) {
    moving.cluster.gate(call -> {});
    moving.cluster.topoGate(call -> {});
    trial.log.gate(event -> {});
  }

  private static boolean killed(SagaTrial trial, SwitchTraffic command) {
    try {
      return trial.run(command) != TaskHandler.Result.FINISHED;
    } catch (Killed e) {
      return true;
    }
  }

  private static void assertEnded(String outcome, Moving moving) {
    if (outcome.startsWith("succeeded")) {
      assertSwitched(moving);
    } else {
      assertThat(outcome).containsAnyOf("command failed", "refused");
      assertUndecided(moving);
      // Nothing waits to become visible at the next rebuild of the serving VSchema.
      assertThat(moving.cluster.topo.srvVSchema("zone1").orElseThrow().value().getRoutingRules())
          .isEqualTo(moving.cluster.topo.routingRules().value());
    }
  }

  @Test
  void endsOneWayOrTheOtherWhereverAnyCallFailed() throws Exception {
    for (int n = 0; n < 400; n++) {
      Moving moving = Moving.hurried(Files.createDirectory(folder.resolve("n" + n)), ONE, ONE);
      SagaTrial trial = trial(moving);
      BooleanSupplier reached = failAt(moving, trial, n);
      String outcome = trial.outcome(forward("c1"));
      leaveAlone(moving, trial);
      assertEnded(outcome, moving);
      moving.cluster.close();
      if (!reached.getAsBoolean()) {
        return;
      }
    }
    throw new IllegalStateException("never went through");
  }

  /** Killed at call n, then failing at call m: every n, and for each of them some m. */
  @Test
  void endsOneWayOrTheOtherWhereverTheSecondRunFailed() throws Exception {
    int trials = 0;
    for (int n = 1; n < 400; n++) {
      boolean killed = true;
      boolean reached = true;
      for (int m = n % EVERY; reached && killed; m += EVERY) {
        Moving moving =
            Moving.hurried(Files.createDirectory(folder.resolve(n + "-" + m)), ONE, ONE);
        SagaTrial trial = trial(moving);
        dieAt(moving, trial, n);
        killed = killed(trial, forward("c1"));
        BooleanSupplier failed = failAt(moving, trial, m);
        String outcome = trial.outcome(forward("c1"));
        leaveAlone(moving, trial);
        reached = failed.getAsBoolean();
        try {
          assertEnded(outcome, moving);
        } catch (AssertionError e) {
          throw new AssertionError(
              "killed at call %d, failed at call %d: %s".formatted(n, m, trial.log.told()), e);
        }
        moving.cluster.close();
        trials++;
      }
      if (!killed) {
        break;
      }
    }
    assertThat(trials).isGreaterThan(200);
  }

  private static final int EVERY = 41;

  /** Runs a command on a thread of its own until it has an outcome. */
  private static Thread background(SagaTrial trial, SwitchTraffic command, List<String> outcome) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            outcome.add(trial.outcome(command));
          } catch (RuntimeException e) {
            outcome.add(e.toString());
          }
        });
  }

  /** Nobody wants it stopped, and the switch is not the diff that would start it. */
  @Test
  void aStreamThatADiffLeftStoppedRunsWhenTheSwitchIsTakenBack() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    FakeRow stream = moving.streams("customer", ONE, "c2c").getFirst();
    stream.state = VReplicationWorkflowState.Stopped;
    stream.message = StreamMessages.DIFF;
    stream.position = moving.cluster.tablet("commerce", "0").positionText();
    moving.cluster.gate(call -> {
      if (call.startsWith("drain")) {
        throw new TabletException(
            Status.Code.UNAVAILABLE, "gone: " + call, new IllegalStateException());
      }
    });

    assertThat(trial.outcome(forward("c1"))).contains("failed UNAVAILABLE");

    assertThat(trial.log.told()).contains("undone start-stopped-streams");
    assertThat(stream.state).isEqualTo(VReplicationWorkflowState.Running);
    assertThat(stream.message).isEmpty();
  }

  /** The source has been written to since the diff died, as any that is in use. */
  @Test
  void aStreamThatADiffLeftBehindItsSourceRunsForTheSwitch() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    FakeRow stream = moving.streams("customer", ONE, "c2c").getFirst();
    stream.state = VReplicationWorkflowState.Stopped;
    stream.message = StreamMessages.DIFF;

    assertThat(trial.outcome(command(Samples.header("c1"), Direction.FORWARD, List.of("PRIMARY"))))
        .startsWith("succeeded");

    assertThat(trial.log.told()).contains("finished start-stopped-streams");
  }

  /** Else they would be served rows of long ago: nothing starts the streams before. */
  @ParameterizedTest
  @ValueSource(strings = {"REPLICA", "RDONLY", "PRIMARY,REPLICA", "PRIMARY,REPLICA,RDONLY"})
  void readsDoNotGoToATargetThatADiffLeftBehindItsSource(String types) {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    FakeRow stream = moving.streams("customer", ONE, "c2c").getFirst();
    stream.state = VReplicationWorkflowState.Stopped;
    stream.message = StreamMessages.DIFF;

    assertThat(
            trial.outcome(
                command(Samples.header("c1"), Direction.FORWARD, List.of(types.split(",", -1)))))
        .contains("is stopped and behind its source: start the workflow");
  }

  /** Else it would stop there while writes wait for it to catch up. */
  @Test
  void aStreamThatADiffLetRunToAPositionRunsOnForTheSwitch() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    FakeRow stream = moving.streams("customer", ONE, "c2c").getFirst();
    stream.message = StreamMessages.DIFF_CATCH_UP;
    stream.stopPosition = "MariaDB/0-1-5";

    assertThat(trial.outcome(forward("c1"))).startsWith("succeeded");

    assertThat(trial.log.told()).contains("finished start-stopped-streams");
    assertThat(stream.stopPosition).isEmpty();
  }

  @Test
  void aStoppedStreamStaysStoppedThoughTheOthersAreResumedLate() {
    Moving moving = unsharded();
    moving.cluster.tablets.values().forEach(tablet -> tablet.stock = true);
    SagaTrial trial = trial(moving);
    FakeRow stream = moving.streams("customer", ONE, "c2c").getFirst();
    stream.state = VReplicationWorkflowState.Stopped;
    stream.position = moving.cluster.tablet("commerce", "0").positionText();
    AtomicBoolean failed = new AtomicBoolean();
    AtomicBoolean resumed = new AtomicBoolean();
    moving.cluster.gate(call -> {
      boolean stopped =
          moving.streams("customer", ONE, "c2c").getFirst().message.equals(StreamMessages.CUTOVER);
      boolean resuming = failed.get() && call.equals("startAfterCutover customer/0");
      if ((stopped && failed.compareAndSet(false, true))
          || (resuming && resumed.compareAndSet(false, true))) {
        throw new TabletException(
            Status.Code.UNAVAILABLE, "gone: " + call, new IllegalStateException());
      }
    });
    assertThat(trial.outcome(forward("c1"))).contains("failed UNAVAILABLE");
    assertThat(trial.log.told()).contains("failed undo stop-streams");
    assertThat(moving.streams("customer", ONE, "c2c").getFirst().state)
        .isEqualTo(VReplicationWorkflowState.Stopped);
  }

  private static void targetIsAway(String call) {
    if (call.contains(" customer/")) {
      throw new TabletException(
          Status.Code.UNAVAILABLE, "gone: " + call, new IllegalStateException());
    }
  }

  private static void diesInThePause(Moving moving, SagaTrial trial, SwitchTraffic command) {
    moving.cluster.gate(call -> {
      if (call.startsWith("drain")) {
        throw new Killed();
      }
    });
    assertThat(killed(trial, command)).isTrue();
    assertThat(moving.open("commerce", moving.sourceShards)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"0,0", "-80 80-,-80 80-"})
  void aSuccessorLetsWritesFlowThoughTheTargetIsAway(String from, String to) throws Exception {
    Moving moving = new Moving(folder, List.of(from.split(" ", -1)), List.of(to.split(" ", -1)));
    SagaTrial trial = trial(moving);
    diesInThePause(moving, trial, forward("c1"));
    moving.cluster.gate(SwitchPlannerTest::targetIsAway);
    List<String> outcome = new CopyOnWriteArrayList<>();
    Thread run = background(trial, forward("c1"), outcome);
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() ->
            moving.open("commerce", moving.sourceShards)
                && moving.route("corder@replica").equals("commerce.corder"));
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> trial.log.told().contains("failed undo stop-streams"));
    assertThat(outcome).isEmpty();
    leaveAlone(moving, trial);
    run.join();
    assertEnded(outcome.getFirst(), moving);
    // Once for each reason: all shards, and what is left of them as they come back.
    assertThat(trial.log.told().stream().filter("failed undo stop-streams"::equals))
        .hasSizeBetween(1, moving.targetShards.size());
  }

  @Test
  void aFailingSwitchLetsWritesFlowBeforeItWaitsForATargetThatIsAway() throws Exception {
    Moving moving = unsharded();
    // Stock tablets: there streams are stopped as a step of their own.
    moving.cluster.tablets.values().forEach(tablet -> tablet.stock = true);
    SagaTrial trial = trial(moving);
    AtomicBoolean away = new AtomicBoolean();
    moving.cluster.gate(call -> {
      if (call.startsWith("drain")) {
        away.set(true);
      }
      if (away.get()
          && (call.startsWith("stopForCutover") || call.startsWith("startAfterCutover"))) {
        targetIsAway(call);
      }
    });
    List<String> outcome = new CopyOnWriteArrayList<>();
    Thread run = background(trial, forward("c1"), outcome);
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> trial.log.told().contains("undone lock-for-writes"));
    assertThat(moving.open("commerce", moving.sourceShards)).isTrue();
    assertThat(moving.route("corder@replica")).isEqualTo("commerce.corder");
    // The keyspaces are free for others meanwhile.
    moving
        .cluster
        .topo
        .lockKeyspace("commerce", "another", Duration.ofSeconds(4), Duration.ofSeconds(5))
        .close();
    assertThat(outcome).isEmpty();
    away.set(false);
    moving.cluster.gate(call -> {});
    run.join();
    assertThat(outcome.getFirst()).startsWith("command failed UNAVAILABLE");
    assertNotSwitched(moving);
  }

  /** Writes wait on both sides then: the log has to say for what. */
  @Test
  void tellsWhyADecidedSwitchDoesNotGoOnWithinItsStep() throws Exception {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    FakeTablet source = moving.cluster.tablet("commerce", "0");
    AtomicBoolean away = new AtomicBoolean(true);
    moving.cluster.gate(call -> {
      if (away.get() && !source.journals.isEmpty()) {
        targetIsAway(call);
      }
      if (away.get() && call.startsWith("stopForCutover customer") && pastDrain(moving)) {
        targetIsAway(call);
      }
    });
    List<String> outcome = new CopyOnWriteArrayList<>();
    Thread run = background(trial, forward("c1"), outcome);
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() ->
            trial.log.ofType(StepFailed.class).stream()
                .anyMatch(failed ->
                    failed.step().equals("write-journals") && failed.error().contains("gone")));
    assertThat(outcome).isEmpty();
    assertThat(moving.writable("commerce", ONE)).isFalse();
    away.set(false);
    run.join();
    assertThat(outcome.getFirst()).startsWith("succeeded");
    assertSwitched(moving);
  }

  @Test
  void aSourceThatIsAwayKeepsNoOtherClosedWhenASwitchFails() throws Exception {
    Moving moving = new Moving(folder, List.of("-80", "80-"), ONE);
    SagaTrial trial = trial(moving);
    AtomicBoolean away = new AtomicBoolean();
    AtomicBoolean back = new AtomicBoolean();
    moving.cluster.gate(call -> {
      if (call.startsWith("drain")) {
        away.set(true);
      }
      if (away.get() && !back.get() && call.contains(" commerce/80-")) {
        throw new TabletException(
            Status.Code.UNAVAILABLE, "gone: " + call, new IllegalStateException());
      }
    });
    List<String> outcome = new CopyOnWriteArrayList<>();
    Thread run = background(trial, forward("c1"), outcome);
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> away.get() && moving.open("commerce", List.of("-80")));
    assertThat(moving.open("commerce", List.of("80-"))).isFalse();
    back.set(true);
    run.join();
    assertThat(outcome.getFirst()).startsWith("command failed UNAVAILABLE");
    assertUndecided(moving);
  }

  @Test
  void aSuccessorOfADecidedSwitchDoesNotOpenTheSourceThoughTheTargetIsAway() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    moving.cluster.gate(call -> {
      if (call.startsWith("done replaceWithJournal") && pastDrain(moving)) {
        throw new Killed();
      }
    });
    assertThat(killed(trial, forward("c1"))).isTrue();
    assertThat(moving.cluster.tablet("commerce", "0").journals).isNotEmpty();
    moving.cluster.gate(SwitchPlannerTest::targetIsAway);
    for (int i = 0; i < 3; i++) {
      assertThat(trial.run(forward("c1"))).isEqualTo(TaskHandler.Result.AGAIN);
    }
    assertThat(moving.writable("commerce", ONE)).isFalse();
    assertThat(moving.bothWritable).isEmpty();
    leaveAlone(moving, trial);
    assertThat(trial.outcome(forward("c1"))).startsWith("succeeded");
    assertSwitched(moving);
  }

  @Test
  void takesThePauseBackWhenAllItsWaitsTogetherTakeLongerThanItsTime() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    SwitchTraffic command =
        new SwitchTraffic(
            Samples.header("c1"),
            ALL,
            List.of(),
            Direction.FORWARD,
            1000,
            30_000,
            true,
            false,
            false);
    AtomicLong start = new AtomicLong();
    moving.cluster.gate(call -> {
      if (call.startsWith("drain")) {
        start.compareAndSet(0, System.nanoTime());
        await()
            .pollInterval(Duration.ofMillis(20))
            .atMost(Duration.ofSeconds(20))
            .until(() -> System.nanoTime() - start.get() > 1_500_000_000L);
      }
    });
    assertThat(trial.outcome(command))
        .startsWith("command failed DEADLINE_EXCEEDED writes were denied for 1000 ms");
    assertNotSwitched(moving);
    assertThat(moving.cluster.tablet("commerce", "0").journals).isEmpty();
  }

  /** Shards for a Reshard to come have no rows of the tables. */
  @Test
  void shardsThatServeNothingHoldNothingUp() {
    Moving moving = unsharded();
    for (String keyspace : List.of("commerce", "customer")) {
      var unused = moving.cluster.topo.createShard(keyspace, "-80");
      assertThat(
              moving
                  .cluster
                  .topo
                  .shard(keyspace, "-80")
                  .orElseThrow()
                  .value()
                  .getIsPrimaryServing())
          .isFalse();
    }
    SagaTrial trial = trial(moving);
    assertThat(trial.outcome(forward("c1"))).startsWith("succeeded");
    assertSwitched(moving);
    assertThat(trial.outcome(backward("c2"))).startsWith("succeeded");
  }

  /** What can't be reached there follows when it answers. */
  @Test
  void aCellThatDoesNotAnswerHoldsNothingUp() {
    Moving moving = unsharded();
    moving.cluster.topo.createCell(
        "zone2", Topodata.CellInfo.newBuilder().setRoot("/zone2").build());
    moving.cluster.topo.rebuildSrvVSchema(List.of());
    SagaTrial trial = trial(moving);
    AtomicBoolean dead = new AtomicBoolean(true);
    moving.cluster.cellGate((call, cell) -> {
      if (dead.get() && cell.equals("zone2")) {
        throw new TopoException(TopoException.Kind.UNAVAILABLE, "no answer from zone2: " + call);
      }
    });
    assertThat(trial.outcome(forward("c1"))).startsWith("succeeded");
    assertSwitched(moving);
    assertThat(trial.log.ofType(StepFinished.class))
        .anyMatch(step ->
            step.step().equals("refresh-targets")
                && step.detail().startsWith("not yet in cell(s) zone2"));
    dead.set(false);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() ->
            assertThat(
                    moving.cluster.topo.srvVSchema("zone2").orElseThrow().value().getRoutingRules())
                .isEqualTo(moving.cluster.topo.routingRules().value()));
  }

  @Test
  void aDecidedSwitchGoesOnThoughACellDoesNotAnswer() {
    Moving moving = unsharded();
    moving.cluster.topo.createCell(
        "zone2", Topodata.CellInfo.newBuilder().setRoot("/zone2").build());
    moving.cluster.topo.rebuildSrvVSchema(List.of());
    SagaTrial trial = trial(moving);
    SwitchTraffic command =
        command(Samples.header("c1"), Direction.FORWARD, List.of("PRIMARY", "REPLICA"));
    moving.cluster.gate(call -> {
      if (call.startsWith("done replaceWithJournal") && pastDrain(moving)) {
        throw new Killed();
      }
    });
    assertThat(killed(trial, command)).isTrue();
    assertThat(moving.cluster.tablet("commerce", "0").journals).isNotEmpty();
    leaveAlone(moving, trial);
    moving.cluster.cellGate((call, cell) -> {
      if (cell.equals("zone2")) {
        throw new TopoException(TopoException.Kind.UNAVAILABLE, "no answer from zone2: " + call);
      }
    });
    assertThat(trial.outcome(command)).startsWith("succeeded");
    assertSwitched(moving);
  }

  @Test
  void givesUpAfterThreeInterruptionsWithReadsWhereTheyWere() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    for (int i = 0; i < 3; i++) {
      moving.cluster.gate(call -> {
        if (call.startsWith("drain")) {
          throw new Killed();
        }
      });
      assertThat(killed(trial, forward("c1"))).isTrue();
    }
    leaveAlone(moving, trial);
    assertThat(trial.outcome(forward("c1"))).startsWith("command failed ABORTED").contains("3");
    assertNotSwitched(moving);
  }

  @Test
  void sendsReadsBackWhenTheWorkflowCanNoLongerBePlanned() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    moving.cluster.gate(call -> {
      if (moving.route("corder@replica").startsWith("customer.")) {
        throw new Killed();
      }
    });
    assertThat(killed(trial, forward("c1"))).isTrue();
    leaveAlone(moving, trial);
    assertThat(moving.route("corder@replica")).isEqualTo("customer.corder");
    moving.cluster.tablet("customer", "0").streams.clear();
    assertThat(trial.outcome(forward("c1"))).contains("no streams found in keyspace customer");
    assertThat(moving.route("corder@replica")).isEqualTo("commerce.corder");
  }

  @Test
  void refusesTheReverseWorkflowAndNamesTheOther() {
    Moving moving = unsharded();
    SagaTrial trial = trial(moving);
    assertThat(trial.outcome(forward("c1"))).startsWith("succeeded");
    CommandHeader header =
        new CommandHeader("c2", "commerce", "c2c_reverse", "tester", "", null, false, 1);
    assertThat(trial.outcome(command(header, Direction.FORWARD, ALL)))
        .isEqualTo(
            "refused FAILED_PRECONDITION commerce.c2c_reverse is the reverse of customer.c2c:"
                + " use ReverseTraffic on that one");
    assertSwitched(moving);
  }

  @Test
  void refusesBeforeThePauseWhatCannotBeReversed() {
    Moving moving = new Moving(folder, List.of("-80", "80-"), ONE);
    moving.cluster.shardById("commerce", "customer");
    assertThat(trial(moving).outcome(forward("c1"))).startsWith("refused").contains("corder");
    assertThat(trial(moving).outcome(command(Samples.dryRun("c2"), Direction.FORWARD, ALL)))
        .startsWith("refused");
    assertNotSwitched(moving);
  }

  @Test
  void refusesTablesThatAnotherWorkflowHasSwitchedElsewhere() {
    Moving moving = unsharded();
    moving.cluster.keyspace("other", "0");
    TableMigration elsewhere = new TableMigration("commerce", "other", List.of("corder"));
    moving.cluster.topo.updateRoutingRules(
        rules -> TableRouting.writesSwitched(TableRouting.created(rules, elsewhere), elsewhere));
    var unused =
        moving.cluster.topo.updateShard(
            "commerce", "0", record -> DeniedTables.denied(record, List.of("corder")));
    assertThat(trial(moving).outcome(forward("c1")))
        .startsWith("refused FAILED_PRECONDITION")
        .contains("is routed to other.corder");
    assertThat(moving.route("commerce.corder")).isEqualTo("other.corder");
    assertThat(DeniedTables.of(moving.cluster.topo.shard("commerce", "0").orElseThrow().value()))
        .contains("corder");
  }
}
