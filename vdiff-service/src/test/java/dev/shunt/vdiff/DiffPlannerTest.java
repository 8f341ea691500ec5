package dev.shunt.vdiff;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.StreamControl;
import dev.shunt.saga.SagaHandler;
import dev.shunt.saga.SignalSender;
import dev.shunt.saga.StopSignal;
import dev.shunt.saga.Task;
import dev.shunt.saga.TaskHandler;
import dev.shunt.saga.fake.FakeCluster;
import dev.shunt.saga.fake.FakeRow;
import dev.shunt.saga.fake.RecordingSink;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.SignalKind;
import dev.shunt.schemas.SignalTaken;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.time.Time;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoLock;
import dev.shunt.workflow.lifecycle.DiffTuning;
import dev.shunt.workflow.lifecycle.Evolver;
import dev.shunt.workflow.lifecycle.KnownDifferences;
import io.grpc.Status;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiffPlannerTest {
  @TempDir Path folder;
  private FakeCluster cluster;
  private final RecordingSink log = new RecordingSink();

  @BeforeEach
  void setUp() {
    cluster = new FakeCluster(folder);
    cluster.keyspace("commerce", "-80", "80-");
    cluster.keyspace("customer", "0");
    for (String shard : List.of("-80", "80-")) {
      FakeRow row =
          cluster
              .tablet("customer", "0")
              .addStream(
                  "c2c",
                  Binlogdata.BinlogSource.newBuilder()
                      .setKeyspace("commerce")
                      .setShard(shard)
                      .setFilter(
                          Binlogdata.Filter.newBuilder()
                              .addRules(rule("corder"))
                              .addRules(rule("customer")))
                      .build());
      row.state = VReplicationWorkflowState.Running;
      row.position = "MariaDB/0-1-5";
    }
    rows("commerce", "-80", "corder", List.of(List.of("1", "a"), List.of("3", "c")));
    rows("commerce", "80-", "corder", List.of(List.of("2", "b"), List.of("4", "d")));
    rows(
        "customer",
        "0",
        "corder",
        List.of(List.of("1", "a"), List.of("2", "b"), List.of("3", "c"), List.of("4", "d")));
  }

  @AfterEach
  void tearDown() {
    assertThat(cluster.tablets.values())
        .as("snapshots that are left open")
        .allMatch(tablet -> tablet.openRowStreams.get() == 0);
    cluster.close();
  }

  private static Binlogdata.Rule rule(String table) {
    return Binlogdata.Rule.newBuilder()
        .setMatch(table)
        .setFilter("select * from `" + table + "`")
        .build();
  }

  private void rows(String keyspace, String shard, String table, List<List<String>> rows) {
    cluster.tablet(keyspace, shard).rows.put(table, rows);
  }

  private static VDiffCreate command(String id, String... tables) {
    return VDiffCreate.of(Samples.header(id))
        .with(draft -> {
          draft.uuid = "11111111-1111-1111-1111-111111111111";
          draft.tables = List.of(tables);
          draft.tabletTypes = List.of("PRIMARY");
          draft.limit = 0;
        });
  }

  private TaskHandler.Result run(VDiffCreate command) {
    return run(cluster.topo, command);
  }

  private TaskHandler.Result run(Topo topo, VDiffCreate command) {
    return run(topo, command, new StopSignal());
  }

  private TaskHandler.Result run(Topo topo, VDiffCreate command, StopSignal stop) {
    Cluster seen = new Cluster(topo, cluster, cluster::control, Time.system());
    SagaHandler handler =
        new SagaHandler(
            topo,
            seen::lockName,
            log,
            log,
            "here",
            Time.system(),
            Samples.QUICK,
            new DiffPlanner(seen, Samples.QUICK, 1 << 20));
    Task task = new Task(WorkflowKey.of(command.header()), command, 0, 1);
    return SignalSender.attached(stop, () -> handler.handle(task, stop));
  }

  private String outcome(VDiffCreate command) {
    assertThat(run(command)).isEqualTo(TaskHandler.Result.FINISHED);
    return log.told().getLast();
  }

  private void assertStreamsRun() {
    assertThat(cluster.tablet("customer", "0").streams("c2c"))
        .allMatch(row -> row.state == VReplicationWorkflowState.Running)
        .allMatch(row -> row.message.isEmpty() && row.stopPosition.isEmpty());
  }

  @Test
  void findsEqualTablesEqual() {
    assertThat(outcome(command("c1"))).startsWith("succeeded").endsWith("no differences");
    assertThat(log.ofType(CommandSucceeded.class).getFirst().attributes())
        .containsEntry("has_mismatch", "false")
        .containsEntry("rows_compared", "4")
        .containsEntry("uuid", "11111111-1111-1111-1111-111111111111");
    assertThat(log.ofType(VDiffStarted.class)).singleElement().matches(VDiffStarted::allTables);
    assertThat(log.ofType(VDiffTableFinished.class)).hasSize(2);
    assertThat(log.ofType(VDiffFinished.class).getFirst().state()).isEqualTo("completed");
    assertStreamsRun();
  }

  /** Whoever has the lock by then may have stopped the streams for reasons of its own. */
  @Test
  void leavesTheStreamsAloneWhenItHasLostTheLock() {
    List<Runnable> holders = new ArrayList<>();
    Topo topo = watched(Topo.class, cluster.topo, holders);
    cluster.gate(call -> {
      if (call.startsWith("vStreamRows")) {
        holders.forEach(Runnable::run);
      }
    });
    VDiffCreate command = command("c1");
    TaskHandler.Result result = run(topo, command);
    assertThat(result).isEqualTo(TaskHandler.Result.STOPPED);
    assertThat(cluster.tablet("customer", "0").streams("c2c"))
        .allMatch(row -> row.state == VReplicationWorkflowState.Stopped);

    cluster.gate(call -> {});
    assertThat(outcome(command)).startsWith("succeeded");
    assertStreamsRun();
  }

  /** The same, whose locks tell these when they are lost. */
  private static <T> T watched(Class<T> type, T real, List<Runnable> holders) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (method.getName().equals("onLost")) {
                holders.add((Runnable) arguments[0]);
                return null;
              }
              try {
                Object result = method.invoke(real, arguments);
                return result instanceof TopoLock lock
                    ? watched(TopoLock.class, lock, holders)
                    : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
    return type.cast(proxy);
  }

  @Test
  void saysThatItComparesSomeTablesOnly() {
    assertThat(outcome(command("c1", "corder"))).startsWith("succeeded");
    assertThat(log.ofType(VDiffStarted.class))
        .singleElement()
        .matches(started -> !started.allTables())
        .extracting(VDiffStarted::tables)
        .isEqualTo(List.of("corder"));
  }

  @Test
  void findsDamage() {
    rows(
        "customer",
        "0",
        "corder",
        List.of(List.of("1", "a"), List.of("2", "changed"), List.of("4", "d"), List.of("9", "x")));
    assertThat(outcome(command("c1"))).endsWith("they differ");
    VDiffTableFinished finished = log.ofType(VDiffTableFinished.class).getFirst();
    assertThat(finished.result().mismatchedRows()).isEqualTo(1);
    assertThat(finished.result().extraRowsSource()).isEqualTo(1);
    assertThat(finished.result().extraRowsTarget()).isEqualTo(1);
    assertThat(finished.result().report()).contains("changed");
  }

  @Test
  void comparesNothingWithASourceThatIsBehindTheStreams() {
    cluster.tablet("commerce", "80-").behind = true;
    assertThat(outcome(command("c1")))
        .startsWith(
            "command failed DEADLINE_EXCEEDED the primary of commerce/80- is behind the streams"
                + " that read it, at MariaDB/0-1-5");
    assertThat(log.ofType(VDiffTableFinished.class)).isEmpty();
    assertStreamsRun();
  }

  /** Such as a lock that others hold, or a database that was away. */
  @ParameterizedTest
  @CsvSource({
    "DEADLINE_EXCEEDED, true, 1, succeeded",
    "UNAVAILABLE, true, 1, succeeded",
    "RESOURCE_EXHAUSTED, true, 1, succeeded",
    "DEADLINE_EXCEEDED, true, 100, command failed DEADLINE_EXCEEDED not now",
    "DEADLINE_EXCEEDED, false, 100, command failed DEADLINE_EXCEEDED not now",
    "UNKNOWN, true, 100, command failed UNKNOWN not now"
  })
  void whatMayPassIsTriedAgain(Status.Code code, boolean autoRetry, int failures, String outcome) {
    AtomicInteger left = new AtomicInteger(failures);
    cluster.gate(call -> {
      if (call.startsWith("vStreamRows") && left.getAndDecrement() > 0) {
        throw new TabletException(code, "not now", new IOException());
      }
    });

    assertThat(outcome(command("c1", "corder").with(draft -> draft.autoRetry = autoRetry)))
        .startsWith(outcome);
    assertStreamsRun();
  }

  @Test
  void failsWhenAStreamIsGone() {
    cluster.gate(call -> {
      if (call.startsWith("changeForDiff")) {
        var streams = cluster.tablet("customer", "0").streams;
        if (streams.size() > 1) {
          streams.remove(streams.keySet().iterator().next());
        }
      }
    });
    assertThat(outcome(command("c1")))
        .startsWith("command failed ABORTED streams of workflow c2c on customer/0 are gone");
    assertThat(log.ofType(VDiffTableFinished.class)).isEmpty();
    assertStreamsRun();
  }

  @Test
  void refusesFrozenAndStoppedWorkflowsInVitesssWords() {
    FakeRow stream = cluster.tablet("customer", "0").streams("c2c").getFirst();
    stream.state = VReplicationWorkflowState.Stopped;
    assertThat(outcome(command("c1")))
        .isEqualTo(
            "refused FAILED_PRECONDITION not all streams are running in workflow customer.c2c");
    stream.message = "FROZEN";
    assertThat(outcome(command("c2")))
        .isEqualTo(
            "refused FAILED_PRECONDITION invalid VDiff run: writes have been already been switched"
                + " for workflow customer.c2c");
    assertThat(stream.message).isEqualTo("FROZEN");
    assertThat(stream.state).isEqualTo(VReplicationWorkflowState.Stopped);
  }

  /** Stands for the death of the process: nothing of the run goes on. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void tellsThatABegunDiffEndedWhenItsNextRunIsRefused() {
    cluster.gate(call -> {
      if (call.startsWith("vStreamRows")) {
        throw new Killed();
      }
    });
    assertThatExceptionOfType(Killed.class).isThrownBy(() -> run(command("c1")));
    cluster.gate(call -> {});
    assertThat(log.ofType(VDiffStarted.class)).hasSize(1);
    cluster.tablet("customer", "0").streams("c2c").forEach(stream -> stream.message = "FROZEN");

    assertThat(outcome(command("c1")))
        .isEqualTo(
            "command failed FAILED_PRECONDITION invalid VDiff run: writes have been already been"
                + " switched for workflow customer.c2c");
    assertThat(log.ofType(VDiffFinished.class))
        .singleElement()
        .satisfies(finished -> {
          assertThat(finished.state()).isEqualTo("error");
          assertThat(finished.error()).startsWith("invalid VDiff run");
        });
  }

  @Test
  void isRunAgainWhenTheStreamsThatItStoppedCantBeStarted() {
    boolean[] snapshotTaken = {false};
    cluster.gate(call -> {
      snapshotTaken[0] |= call.startsWith("vStreamRows customer");
      if (snapshotTaken[0] && call.startsWith("changeForDiff")) {
        throw new TabletException(Status.Code.UNAVAILABLE, "no answer", new IOException());
      }
    });
    assertThat(run(command("c1"))).isEqualTo(TaskHandler.Result.AGAIN);
    assertThat(log.ofType(VDiffFinished.class)).isEmpty();
    cluster.gate(call -> {});

    assertThat(outcome(command("c1"))).endsWith("no differences");
    assertStreamsRun();
  }

  @Test
  void startsTheStreamsAgainWhereverTheFirstRunDied() {
    int crashes = 0;
    for (int n = 0; n < 300; n++) {
      int[] left = {n};
      cluster.gate(call -> {
        if (left[0]-- <= 0) {
          throw new Killed();
        }
      });
      boolean finished = false;
      try {
        finished = run(command("c" + n)) == TaskHandler.Result.FINISHED;
      } catch (Killed e) {
        crashes++;
      }
      cluster.gate(call -> {});
      assertThat(outcome(command("c" + n))).as("killed at call %d", n).endsWith("no differences");
      assertStreamsRun();
      assertThat(log.ofType(CommandSucceeded.class).getLast().attributes().get("rows_compared"))
          .isEqualTo("4");
      if (finished) {
        break;
      }
    }
    assertThat(crashes).isGreaterThan(15);
  }

  private static CommandSignal signal(String id, SignalKind kind) {
    return new CommandSignal(Samples.header(id), "c1", kind, Map.of());
  }

  /** While a table is read this is sent, once. */
  private void whileReading(StopSignal run, CommandSignal signal) {
    AtomicBoolean sent = new AtomicBoolean();
    cluster.gate(call -> {
      if (call.startsWith("vStreamRows customer") && sent.compareAndSet(false, true)) {
        SignalSender.send(run, signal);
      }
    });
  }

  private List<String> taken() {
    return log.ofType(SignalTaken.class).stream().map(SignalTaken::signalId).toList();
  }

  @Test
  void endsWhereItIsWhenItIsAskedToStop() {
    StopSignal run = new StopSignal();
    whileReading(run, signal("x1", SignalKind.STOP));

    assertThat(run(cluster.topo, command("c1"), run)).isEqualTo(TaskHandler.Result.FINISHED);

    assertThat(log.told().getLast())
        .startsWith(
            "succeeded VDiff 11111111-1111-1111-1111-111111111111 of customer.c2c was"
                + " stopped when it had compared");
    assertThat(log.ofType(VDiffFinished.class))
        .singleElement()
        .extracting(VDiffFinished::state)
        .isEqualTo("stopped");
    assertThat(taken()).containsExactly("x1");
    assertStreamsRun();
  }

  @Test
  void waitsWhileItIsPausedAndSaysSo() {
    StopSignal run = new StopSignal();
    whileReading(run, signal("x1", SignalKind.PAUSE));
    log.gate(word -> {
      if (word.equals("started wait for a signal to go on")) {
        assertStreamsRun();
        SignalSender.send(run, signal("x2", SignalKind.RESUME));
      }
    });

    assertThat(run(cluster.topo, command("c1"), run)).isEqualTo(TaskHandler.Result.FINISHED);

    assertThat(log.told().getLast()).endsWith("compared 4 rows: no differences");
    assertThat(taken()).containsExactly("x1", "x2");
    assertThat(log.told())
        .containsSubsequence("started wait for a signal to go on", "started compare-tables");
  }

  /** The signal may come to the new owner as well: its tombstone follows what the log says. */
  @Test
  void staysPausedWhenAnotherOwnerTakesOver() {
    StopSignal first = new StopSignal();
    whileReading(first, signal("x1", SignalKind.PAUSE));
    log.gate(word -> {
      if (word.equals("started wait for a signal to go on")) {
        first.request();
      }
    });
    assertThat(run(cluster.topo, command("c1"), first)).isEqualTo(TaskHandler.Result.STOPPED);

    int comparedByTheFirst = log.ofType(VDiffTableFinished.class).size();
    StopSignal second = new StopSignal();
    SignalSender.send(second, signal("x1", SignalKind.PAUSE));
    List<String> compared = new ArrayList<>();
    log.gate(word -> {
      if (word.equals("started wait for a signal to go on")) {
        compared.add("waits with " + log.ofType(VDiffTableFinished.class).size());
        SignalSender.send(second, signal("x2", SignalKind.RESUME));
      }
    });
    assertThat(run(cluster.topo, command("c1"), second)).isEqualTo(TaskHandler.Result.FINISHED);

    assertThat(compared).containsExactly("waits with " + comparedByTheFirst);
    assertThat(taken()).containsExactly("x1", "x2");
    assertThat(log.told().getLast()).endsWith("compared 4 rows: no differences");
  }

  @Test
  void endsWhenItsOwnerDiedBehindTakingAStop() {
    StopSignal first = new StopSignal();
    whileReading(first, signal("x1", SignalKind.STOP));
    log.gate(word -> {
      if (word.equals("VDiffFinished")) {
        throw new Killed();
      }
    });
    assertThatExceptionOfType(Killed.class)
        .isThrownBy(() -> run(cluster.topo, command("c1"), first));
    log.gate(word -> {});

    assertThat(run(command("c1"))).isEqualTo(TaskHandler.Result.FINISHED);

    assertThat(log.ofType(VDiffFinished.class))
        .singleElement()
        .extracting(VDiffFinished::state)
        .isEqualTo("stopped");
    assertThat(taken()).containsExactly("x1");
    assertStreamsRun();
  }

  @Test
  void aSignalThatTheLogDoesNotTakeIsNotTaken() {
    StopSignal first = new StopSignal();
    whileReading(first, signal("x1", SignalKind.STOP));
    log.gate(word -> {
      if (word.equals("SignalTaken")) {
        throw new Killed();
      }
    });
    assertThatExceptionOfType(Killed.class)
        .isThrownBy(() -> run(cluster.topo, command("c1"), first));
    log.gate(word -> {});
    cluster.gate(call -> {});

    assertThat(run(command("c1"))).isEqualTo(TaskHandler.Result.FINISHED);

    assertThat(taken()).isEmpty();
    assertThat(log.told().getLast()).endsWith("compared 4 rows: no differences");
  }

  @Test
  void goesOnAtAnotherPaceWhenItIsRetuned() {
    StopSignal run = new StopSignal();
    whileReading(
        run,
        new CommandSignal(
            Samples.header("x1"),
            "c1",
            SignalKind.RETUNE,
            Map.of(DiffTuning.ROWS_PER_SECOND, "100000")));

    assertThat(run(cluster.topo, command("c1"), run)).isEqualTo(TaskHandler.Result.FINISHED);

    assertThat(taken()).containsExactly("x1");
    assertThat(log.ofType(VDiffFinished.class).getFirst().state()).isEqualTo("completed");
    assertThat(log.told()).doesNotContain("started wait for a signal to go on");
  }

  /** Of a version that ran diffs without steps, and died while it had stopped the streams. */
  @Test
  void startsWhatARunOfAVersionBeforeLeftStoppedAlsoWhenItIsRefusedThen() {
    cluster.gate(call -> {
      if (call.startsWith("vStreamRows")) {
        throw new Killed();
      }
    });
    assertThatExceptionOfType(Killed.class).isThrownBy(() -> run(command("c1")));
    cluster.gate(call -> {});
    log.events.removeIf(event -> !(event instanceof VDiffStarted));
    assertThat(log.events).hasSize(1);

    assertThat(outcome(command("c1", "unknown"))).startsWith("command failed FAILED_PRECONDITION");

    assertStreamsRun();
    assertThat(log.ofType(VDiffFinished.class)).hasSize(1);
  }

  /** Whoever waits behind it may be the one that lets writes flow again. */
  @Test
  void givesTheLockBackWhenItCantStartTheStreamsForNow() {
    cluster.gate(call -> {
      if (call.startsWith("vStreamRows")) {
        throw new Killed();
      }
    });
    assertThatExceptionOfType(Killed.class).isThrownBy(() -> run(command("c1")));
    cluster.gate(call -> {
      if (call.startsWith("changeForDiff")) {
        throw new TabletException(Status.Code.UNAVAILABLE, "no answer", new IOException());
      }
    });

    assertThat(run(command("c1"))).isEqualTo(TaskHandler.Result.AGAIN);

    cluster.gate(call -> {});
    assertThat(outcome(command("c1"))).endsWith("no differences");
    assertStreamsRun();
  }

  @Test
  void saysThatItHasFailedOnceItsStreamsRunAgain() {
    cluster.tablet("commerce", "80-").behind = true;

    assertThat(outcome(command("c1"))).startsWith("command failed DEADLINE_EXCEEDED");

    assertThat(log.told())
        .containsSubsequence("undone compare-tables", "VDiffFinished", "undone start-diff");
  }

  private List<FakeRow> streams() {
    return cluster.tablet("customer", "0").streams("c2c");
  }

  private StreamControl control() {
    return cluster.control(cluster.cluster().primary("customer", "0")).streams("c2c");
  }

  /** Nobody else would start them: the diff that had stopped them was abandoned. */
  @Test
  void startsWhatADeadDiffLeftAlsoWhenItIsRefused() {
    control().stopForDiff(2);
    control().stop(streams().getFirst().id);

    assertThat(outcome(command("c2")))
        .isEqualTo(
            "refused FAILED_PRECONDITION not all streams are running in workflow customer.c2c");

    assertThat(streams().getFirst().state).isEqualTo(VReplicationWorkflowState.Stopped);
    assertThat(streams().getLast().state).isEqualTo(VReplicationWorkflowState.Running);
    assertThat(streams()).allMatch(row -> row.message.isEmpty());
  }

  @Test
  void leavesStoppedWhatSomebodyHasStoppedSinceADiffDied() {
    control().stopForDiff(2);
    control().setState(VReplicationWorkflowState.Stopped);

    assertThat(outcome(command("c2")))
        .startsWith("refused FAILED_PRECONDITION not all streams are running");

    assertThat(streams()).allMatch(row -> row.state == VReplicationWorkflowState.Stopped);
  }

  /** By then it is known to have failed, so nobody would count what comes behind that. */
  @Test
  void beginsAnewWhenItsOwnerDiedBehindTellingThatItHasFailed() {
    cluster.gate(call -> {
      if (call.startsWith("vStreamRows") && !log.ofType(VDiffTableFinished.class).isEmpty()) {
        throw new TabletException(Status.Code.INTERNAL, "broken", new IOException());
      }
    });
    log.gate(word -> {
      if (word.startsWith("command failed")) {
        throw new Killed();
      }
    });
    assertThatExceptionOfType(Killed.class).isThrownBy(() -> run(command("c1")));
    cluster.gate(call -> {});
    log.gate(word -> {});

    assertThat(outcome(command("c1"))).endsWith("compared 4 rows: no differences");

    assertThat(requireNonNull(folded()).diffs())
        .singleElement()
        .satisfies(diff -> {
          assertThat(diff.state()).isEqualTo("completed");
          assertThat(diff.rowsCompared()).isEqualTo(4);
          assertThat(diff.tables()).allMatch(part -> part.state().equals("completed"));
        });
    assertStreamsRun();
  }

  /** What was found stays found, also where nothing of it can be compared again. */
  @Test
  void whatWasFoundBeforeItFailedIsNotForgottenWhenItBeginsAnew() {
    rows("customer", "0", "corder", List.of(List.of("1", "a")));
    cluster.gate(call -> {
      if (call.startsWith("vStreamRows") && !log.ofType(VDiffTableFinished.class).isEmpty()) {
        throw new TabletException(Status.Code.INTERNAL, "broken", new IOException());
      }
    });
    log.gate(word -> {
      if (word.startsWith("command failed")) {
        throw new Killed();
      }
    });
    assertThatExceptionOfType(Killed.class).isThrownBy(() -> run(command("c1")));
    log.gate(word -> {});
    cluster.gate(call -> {
      if (call.startsWith("vStreamRows")) {
        throw new TabletException(Status.Code.INTERNAL, "still broken", new IOException());
      }
    });

    assertThat(outcome(command("c1"))).startsWith("command failed INTERNAL still broken");

    WorkflowStatus status = requireNonNull(folded());
    assertThat(status.diffs()).singleElement().matches(DiffStatus::hasMismatch);
    assertThat(KnownDifferences.of("commerce", "customer", status, null).text()).isPresent();
  }

  private @Nullable WorkflowStatus folded() {
    WorkflowStatus status =
        Evolver.evolve(
            null,
            new CommandAdmitted(
                new EventHeader("customer", "c2c", "c1", 1, "admission", 0),
                "VDiffCreate",
                "vdiff",
                "ann",
                "",
                false));
    for (Event event : log.events) {
      status = Evolver.evolve(status, event);
    }
    return status;
  }

  @Test
  void givesUpTheSnapshotOfOneTargetWhenAnotherHasNone() {
    cluster.keyspace("sharded", "-80", "80-");
    for (String shard : List.of("-80", "80-")) {
      FakeRow row =
          cluster
              .tablet("sharded", shard)
              .addStream(
                  "c2c",
                  Binlogdata.BinlogSource.newBuilder()
                      .setKeyspace("commerce")
                      .setShard(shard)
                      .setFilter(Binlogdata.Filter.newBuilder().addRules(rule("corder")))
                      .build());
      row.state = VReplicationWorkflowState.Running;
      row.position = "MariaDB/0-1-5";
    }
    cluster.gate(call -> {
      if (call.startsWith("vStreamRows sharded/80-")) {
        throw new TabletException(Status.Code.INTERNAL, "no snapshot", new IOException());
      }
    });
    CommandHeader header = new CommandHeader("c1", "sharded", "c2c", "ann", "", null, false, 1);

    assertThat(outcome(command("c1").with(draft -> draft.header = header)))
        .startsWith("command failed INTERNAL no snapshot");

    assertThat(cluster.tablet("sharded", "-80").openRowStreams).hasValue(0);
  }

  /** Others may keep it for as long as a copy or a switch takes. */
  @Test
  void stopsWhileItWaitsForTheLock() {
    StopSignal run = new StopSignal();
    List<TopoLock> others = new ArrayList<>();
    log.gate(word -> {
      if (word.equals("started compare-tables")) {
        others.add(
            cluster.topo.lockName(
                "customer/c2c", "Workflow", Duration.ofSeconds(60), Duration.ofSeconds(1)));
        cluster.topoGate(call -> {
          if (call.equals("topo lockName")) {
            SignalSender.send(run, signal("x1", SignalKind.STOP));
          }
        });
      }
    });

    assertThat(run(cluster.topo, command("c1"), run)).isEqualTo(TaskHandler.Result.FINISHED);

    assertThat(log.told().getLast()).contains(" was stopped when it had compared 0 rows");
    assertThat(taken()).containsExactly("x1");
    others.forEach(TopoLock::check);
    others.forEach(TopoLock::close);
    assertThat(cluster.topo.locks()).isEmpty();
  }
}
