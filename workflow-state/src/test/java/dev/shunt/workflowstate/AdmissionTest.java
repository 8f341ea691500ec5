package dev.shunt.workflowstate;

import static dev.shunt.workflowstate.Records.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandCancel;
import dev.shunt.schemas.CommandDuplicate;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.OutcomeKind;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.Rejected;
import dev.shunt.schemas.ShardStatus;
import dev.shunt.schemas.Signal;
import dev.shunt.schemas.SignalKind;
import dev.shunt.schemas.SignalSent;
import dev.shunt.schemas.StatusJoiner;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.StreamRemoved;
import dev.shunt.schemas.StreamReported;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.Waiting;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.InMemoryRegistry;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdmissionTest {
  private static final WorkflowKey OTHER = new WorkflowKey("customer", "other");

  private final InMemoryRegistry registry = new InMemoryRegistry();
  private final MessageSerializer serializer = new MessageSerializer(registry);
  private final MessageDeserializer deserializer = new MessageDeserializer(registry);

  @TempDir Path directory;
  private TopologyTestDriver driver;
  private TopologyTestDriver folding;

  /** What was written to the status topic and to the changelogs, and is not looked at yet. */
  private final List<KeyValue<String, byte[]>> written = new ArrayList<>();

  private final List<KeyValue<String, byte[]>> logged = new ArrayList<>();
  private final StatusJoiner joiner = new StatusJoiner();

  /** The driver knows partition 0 only. */
  private int partitions = 1;

  private TopologyTestDriver newDriver(Path state) {
    return newDriver(state, registry);
  }

  private TopologyTestDriver newDriver(Path state, SchemaRegistry schemas) {
    return new TopologyTestDriver(
        AdmissionTopology.create(schemas, "test-1", () -> partitions, Records.pace()),
        StreamsSettings.admission(config(state)));
  }

  private TopologyTestDriver newFoldingDriver(SchemaRegistry schemas) {
    return new TopologyTestDriver(
        StreamFoldTopology.create(schemas, () -> partitions, Records.pace()),
        StreamsSettings.streamFold(config(directory)));
  }

  private static WorkflowStateConfig config(Path state) {
    return new WorkflowStateConfig(
        KafkaSettings.defaults(), "test", state.toString(), 0, Duration.ofMillis(20));
  }

  @BeforeEach
  void start() {
    driver = newDriver(directory);
    folding = newFoldingDriver(registry);
  }

  @AfterEach
  void stop() {
    folding.close();
    driver.close();
  }

  @Test
  void admitsACommandAndHandsItToItsService() {
    send(Records.create(KEY, "c1"));

    assertThat(events())
        .singleElement()
        .isInstanceOfSatisfying(
            CommandAdmitted.class,
            admitted -> {
              assertThat(admitted.service()).isEqualTo("copy");
              assertThat(admitted.issuer()).isEqualTo("ann");
              assertThat(admitted.commandType()).isEqualTo("MoveTablesCreate");
            });
    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1");
    assertThat(last(KEY).phase()).isEqualTo(Phase.CREATING);
  }

  @Test
  void tombstonesTheTaskWhenItEnds() {
    created(KEY);

    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1", "(ended)");
    assertThat(last(KEY).phase()).isEqualTo(Phase.ACTIVE);
  }

  /** Of a later version, say; the task that it has is not one of those of this version. */
  @Test
  void endsNobodysTaskForACommandOfAnUnknownType() {
    created(KEY);
    tell(new CommandAdmitted(Records.event(KEY, "u1"), "Reshard", "reshard", "", "", false));
    send(Records.diff(KEY, "d1"));
    tell(Records.succeeded(KEY, "u1"));

    assertThat(last(KEY).inFlight()).isNull();
    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1", "(ended)");
    assertThat(tasks(Topics.TASKS_SWITCH)).isEmpty();
    assertThat(tasks(Topics.TASKS_VDIFF)).doesNotContain("(ended)");
  }

  @Test
  void actsOnceOnACommandSentTwice() {
    send(Records.create(KEY, "c1"));
    send(Records.create(KEY, "c1"));
    tell(Records.created(KEY, "c1"));
    tell(Records.succeeded(KEY, "c1"));
    send(Records.create(KEY, "c1"));

    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1", "(ended)");
    assertThat(events().stream().filter(CommandDuplicate.class::isInstance))
        .extracting(event -> ((CommandDuplicate) event).original())
        .containsExactly(null, OutcomeKind.SUCCEEDED);
  }

  @Test
  void tellsHowARefusedCommandEndedWhenItIsSentAgain() {
    send(Records.delete(KEY, "d1", null));
    send(Records.delete(KEY, "d1", null));

    List<Message> events = events();
    assertThat(events).first().isInstanceOf(CommandRefused.class);
    assertThat(events)
        .last()
        .isInstanceOfSatisfying(
            CommandDuplicate.class,
            duplicate -> assertThat(duplicate.original()).isEqualTo(OutcomeKind.REFUSED));
  }

  @Test
  void letsOneCommandAtATimeThroughAWorkflowInTheOrderOfTheLog() {
    created(KEY);
    send(Records.switchTraffic(KEY, "s1", 1000));
    send(Records.delete(KEY, "d1", null));
    send(Records.switchTraffic(KEY, "s2", 1000));

    assertThat(tasks(Topics.TASKS_SWITCH)).containsExactly("s1");
    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1", "(ended)");

    tell(Records.succeeded(KEY, "s1"));
    assertThat(tasks(Topics.TASKS_SWITCH)).containsExactly("(ended)");
    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("d1");

    tell(Records.succeeded(KEY, "d1"));
    assertThat(tasks(Topics.TASKS_SWITCH)).containsExactly("s2");
  }

  @Test
  void letsADiffRunBesideAChange() {
    created(KEY);
    send(Records.switchTraffic(KEY, "s1", 1000));
    send(Records.diff(KEY, "v1"));

    assertThat(tasks(Topics.TASKS_VDIFF)).containsExactly("v1");
    tell(Records.succeeded(KEY, "v1"));
    assertThat(tasks(Topics.TASKS_VDIFF)).containsExactly("(ended)", "(ended)");
    assertThat(last(KEY).inFlight().commandId()).isEqualTo("s1");
  }

  @Test
  void letsDiffsRunSideBySideEachInALaneOfItsOwn() {
    created(KEY);
    diffing("v1", "v2");
    tell(Records.succeeded(KEY, "v1"));

    assertThat(read(Topics.TASKS_VDIFF).readKeyValuesToList())
        .extracting(record -> record.key, record -> record.value == null)
        .containsExactly(
            tuple("customer.c2c/v1", false),
            tuple("customer.c2c/v2", false),
            tuple("customer.c2c", true), // where a version without lanes may have put it
            tuple("customer.c2c/v1", true));
    assertThat(last(KEY).inFlightDiffs()).extracting(InFlight::commandId).containsExactly("v2");
  }

  /** A version without lanes may have put the task of the oldest one under the workflow's key. */
  @Test
  void endsOnlyTheTaskOfADiffThatOthersWereAdmittedBefore() {
    created(KEY);
    diffing("v1", "v2");
    tell(Records.succeeded(KEY, "v2"));

    assertThat(read(Topics.TASKS_VDIFF).readKeyValuesToList())
        .extracting(record -> record.key, record -> record.value == null)
        .containsExactly(
            tuple("customer.c2c/v1", false),
            tuple("customer.c2c/v2", false),
            tuple("customer.c2c/v2", true));
  }

  /** Two of the same id would write into one result. */
  @Test
  void beginsNoDiffBeforeItIsKnownWhichOnesRun() {
    created(KEY);
    send(Records.diff(KEY, "v1"));
    send(Records.diff(KEY, "v2").with(draft -> draft.uuid = Records.diff(KEY, "v1").uuid()));
    assertThat(tasks(Topics.TASKS_VDIFF)).containsExactly("v1");

    tell(Records.diffStarted(KEY, "v1"));
    assertThat(refusals())
        .singleElement()
        .asString()
        .startsWith("v2 ALREADY_EXISTS vdiff " + Records.diff(KEY, "v1").uuid());
  }

  @Test
  void letsAFewDiffsRunAndTheOthersWait() {
    created(KEY);
    String[] ids = {"v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8"};
    diffing(ids);
    send(Records.diff(KEY, "v9"));

    assertThat(tasks(Topics.TASKS_VDIFF)).containsExactly(ids);
    assertThat(last(KEY).waiting()).extracting(Waiting::behind).containsExactly("v1");
    tell(Records.succeeded(KEY, "v5"));
    assertThat(tasks(Topics.TASKS_VDIFF)).containsExactly("(ended)", "v9");
  }

  /** A version that had one lane for the tasks of a topic admitted it, and put the task there. */
  @Test
  void endsTheTaskOfADiffThatAnEarlierVersionAdmitted() {
    created(KEY);
    tell(new CommandAdmitted(Records.event(KEY, "v1"), "VDiffCreate", "vdiff", "ann", "", false));
    tell(Records.succeeded(KEY, "v1"));

    assertThat(read(Topics.TASKS_VDIFF).readKeyValuesToList())
        .extracting(record -> record.key, record -> record.value)
        .contains(tuple("customer.c2c", null));
  }

  /** What is on the log of names that nobody can command must not stop admission. */
  @Test
  void endsWhatHasAnOddName() {
    WorkflowKey odd = new WorkflowKey("a/b", "c");
    tell(new CommandAdmitted(Records.event(odd, "v1"), "VDiffCreate", "vdiff", "ann", "", false));
    tell(Records.succeeded(odd, "v1"));
    created(KEY);

    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1", "(ended)");
  }

  @Test
  void handsASignalToTheServiceAndEndsItWhenItIsTaken() {
    created(KEY);
    diffing("v1");
    send(Records.signal(KEY, "x1", "v1", SignalKind.STOP));
    assertThat(last(KEY).inFlightDiffs().getFirst().signals())
        .extracting(Signal::id, Signal::signal, Signal::issuer)
        .containsExactly(tuple("x1", SignalKind.STOP, "ann"));
    assertThat(outcomes("x1")).isEmpty();

    tell(Records.taken(KEY, "v1", "x1"));
    assertThat(read(Topics.TASKS_VDIFF).readKeyValuesToList())
        .extracting(record -> record.key, record -> record.value == null)
        .containsExactly(
            tuple("customer.c2c/v1", false),
            tuple("customer.c2c!x1", false),
            tuple("customer.c2c!x1", true));
    assertThat(last(KEY).inFlightDiffs().getFirst().signals()).isEmpty();
    assertThat(outcomes("x1"))
        .singleElement()
        .isInstanceOfSatisfying(
            CommandSucceeded.class,
            done -> assertThat(done.summary()).isEqualTo("command v1 has taken STOP"));
  }

  @Test
  void tellsTheSenderOfASignalThatItCameTooLate() {
    created(KEY);
    diffing("v1");
    send(Records.signal(KEY, "x1", "v1", SignalKind.STOP));
    tell(Records.succeeded(KEY, "v1"));
    // Told when it had ended, as a run does that was slower than the end of its command.
    tell(Records.taken(KEY, "v1", "x1"));

    assertThat(refusals())
        .containsExactly("x1 FAILED_PRECONDITION command v1 ended before it took the signal");
    assertThat(tasks(Topics.TASKS_VDIFF))
        .containsExactly("v1", "x1", "(ended)", "(ended)", "(ended)");
  }

  /** It was let through while the end of its target was on the log and not folded yet. */
  @Test
  void tellsTheSenderOfASignalWhoseTargetHadEndedOnTheLog() {
    created(KEY);
    tell(
        new SignalSent(
            Records.event(KEY, "x1"), "vdiff", "ann", "", "v1", SignalKind.STOP, Map.of()));

    assertThat(refusals())
        .containsExactly("x1 FAILED_PRECONDITION command v1 ended before it took the signal");
    assertThat(read(Topics.TASKS_VDIFF).readKeyValuesToList())
        .extracting(record -> record.key, record -> record.value)
        .containsExactly(tuple("customer.c2c!x1", null));
  }

  @Test
  void refusesSignalsThatMakeNoSense() {
    created(KEY);
    send(Records.switchTraffic(KEY, "s1", 1000));
    diffing("v1");
    send(Records.delete(KEY, "d1", null));
    send(Records.signal(KEY, "x1", "nothing", SignalKind.STOP));
    send(Records.signal(KEY, "x2", "s1", SignalKind.PAUSE));
    send(Records.signal(KEY, "x3", "d1", SignalKind.STOP));
    send(Records.signal(KEY, "x4", "v1", SignalKind.RETUNE));
    send(Records.signal(KEY, "x5", "v1", SignalKind.UNKNOWN));

    assertThat(refusals())
        .containsExactly(
            "x1 NOT_FOUND no command nothing is carried out for workflow customer.c2c",
            "x2 FAILED_PRECONDITION a SwitchTraffic can't be asked to PAUSE while it is carried out",
            "x3 FAILED_PRECONDITION command d1 waits: it can be taken back (cancel)",
            "x4 INVALID_ARGUMENT RETUNE changes rows_per_second, not []",
            "x5 INVALID_ARGUMENT unknown signal");
  }

  @Test
  void letsNoSignalAndNoCancelThroughBehindItsTime() {
    created(KEY);
    send(Records.switchTraffic(KEY, "s1", 1000));
    send(Records.delete(KEY, "d1", null));
    diffing("v1");
    driver.advanceWallClockTime(Duration.ofHours(1));
    CommandHeader late = Records.header(KEY, "x1", null).withBeginBefore(1);
    send(new CommandSignal(late, "v1", SignalKind.STOP, Map.of()));
    send(new CommandCancel(Records.header(KEY, "x2", null).withBeginBefore(1), "d1", false));

    assertThat(refusals())
        .hasSize(2)
        .allMatch(refusal -> refusal.contains("DEADLINE_EXCEEDED the command was to begin before"));
    assertThat(tasks(Topics.TASKS_VDIFF)).doesNotContain("x1");
    assertThat(last(KEY).waiting()).extracting(Waiting::commandId).contains("d1");
  }

  @Test
  void takesOnlySoManySignalsThatNobodyTakes() {
    created(KEY);
    diffing("v1");
    for (int i = 0; i < 11; i++) {
      send(Records.signal(KEY, "x" + i, "v1", SignalKind.PAUSE));
    }

    assertThat(refusals())
        .containsExactly(
            "x10 ABORTED command v1 has not taken 10 earlier signals yet; send this one again"
                + " later");
    assertThat(last(KEY).inFlightDiffs().getFirst().signals()).hasSize(10);
  }

  @Test
  void letsADiffNotOvertakeAWaitingCommand() {
    created(KEY);
    send(Records.switchTraffic(KEY, "s1", 1000));
    send(Records.delete(KEY, "d1", null));
    send(Records.diff(KEY, "v1"));

    assertThat(tasks(Topics.TASKS_VDIFF)).isEmpty();
    tell(Records.succeeded(KEY, "s1"));
    assertThat(tasks(Topics.TASKS_VDIFF)).containsExactly("v1");
  }

  @Test
  void decidesAWaitingCommandOnTheStateThatItsPredecessorLeft() {
    send(Records.create(KEY, "c1"));
    send(Records.create(KEY, "c2"));
    tell(Records.created(KEY, "c1"));
    tell(Records.succeeded(KEY, "c1"));

    assertThat(refusals())
        .containsExactly("c2 ALREADY_EXISTS workflow c2c already exists in keyspace customer");
  }

  @Test
  void refusesWithoutChangingAnything() {
    send(Records.delete(KEY, "d1", null));
    send(Records.switchTraffic(KEY, "s1", 999));
    created(OTHER);
    send(Records.delete(OTHER, "d2", 17L));

    assertThat(refusals())
        .containsExactly(
            "d1 NOT_FOUND no streams found in keyspace customer for c2c",
            "s1 INVALID_ARGUMENT timeout must be at least 1s, not 999ms",
            "d2 ABORTED workflow customer.other is at version 3, the command expects version 17");
    assertThat(statuses()).doesNotContainKey(KEY.toString());
    assertThat(tasks(Topics.TASKS_SWITCH)).isEmpty();
  }

  @Test
  void remembersNoIdThatIsNone() {
    String endless = "i".repeat(201);
    send(Records.delete(KEY, " ", null));
    send(Records.delete(KEY, " ", null));
    send(Records.delete(KEY, endless, null));
    send(Records.delete(KEY, endless, null));

    assertThat(refusals())
        .containsExactly(
            "  INVALID_ARGUMENT a command needs an id",
            "  INVALID_ARGUMENT a command needs an id",
            endless + " INVALID_ARGUMENT a command's id has at most 200 characters",
            endless + " INVALID_ARGUMENT a command's id has at most 200 characters");
    try (KeyValueIterator<String, byte[]> ids =
        driver.<String, byte[]>getKeyValueStore(AdmissionTopology.COMMAND_IDS).all()) {
      assertThat(ids.hasNext()).isFalse();
    }
  }

  @Test
  void tellsWhatWaitsWithoutCountingItAsAChange() {
    created(KEY);
    send(Records.switchTraffic(KEY, "s1", 1000));
    long version = last(KEY).version();
    send(Records.delete(KEY, "d1", null));
    send(Records.delete(KEY, "d2", null));
    driver.advanceWallClockTime(Duration.ofSeconds(2));

    WorkflowStatus status = last(KEY);
    assertThat(status.waiting())
        .extracting(Waiting::commandId, Waiting::behind)
        .containsExactly(tuple("d1", "s1"), tuple("d2", "d1"));
    assertThat(status.version()).isEqualTo(version);

    tell(Records.succeeded(KEY, "s1"));
    assertThat(last(KEY).waiting()).extracting(Waiting::commandId).containsExactly("d2");
  }

  @Test
  void takesBackACommandThatWaits() {
    created(KEY);
    send(Records.switchTraffic(KEY, "s1", 1000));
    send(Records.delete(KEY, "d1", null));
    send(Records.delete(KEY, "d2", null));
    send(Records.cancel(KEY, "x1", "d1", false));

    assertThat(refusals()).containsExactly("d1 CANCELLED taken back by ann: why");
    tell(Records.succeeded(KEY, "s1"));
    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1", "(ended)", "d2");
    assertThat(last(KEY).waiting()).isEmpty();
  }

  @Test
  void takesBackNothingThatIsCarriedOutOrNotThere() {
    created(KEY);
    send(Records.switchTraffic(KEY, "s1", 1000));
    send(Records.cancel(KEY, "x1", "s1", false));
    send(Records.cancel(KEY, "x2", "nothing", true));
    send(Records.cancel(KEY, "x3", " ", true));

    assertThat(refusals())
        .containsExactly(
            "x1 FAILED_PRECONDITION command s1 is being carried out and ends by itself; to leave it"
                + " where it is, abandon it",
            "x2 NOT_FOUND no command nothing waits or is carried out for workflow customer.c2c",
            "x3 INVALID_ARGUMENT no command to take back");
    assertThat(tasks(Topics.TASKS_SWITCH)).containsExactly("s1");
  }

  @Test
  void namesTheStepOfWhatIsNotTakenBack() {
    created(KEY);
    send(Records.switchTraffic(KEY, "s1", 1000));
    tell(Records.started(KEY, "s1", "lock-for-writes"));
    send(Records.cancel(KEY, "x1", "s1", false));

    assertThat(refusals())
        .containsExactly(
            "x1 FAILED_PRECONDITION command s1 is being carried out (step lock-for-writes) and ends"
                + " by itself; to leave it where it is, abandon it");
  }

  @Test
  void abandonsNothingThatHasBegunToTakeTablesAway() {
    created(KEY);
    send(Records.delete(KEY, "d1", null));
    tell(Records.started(KEY, "d1", "drop tables"));
    send(Records.cancel(KEY, "x1", "d1", true));

    assertThat(refusals())
        .containsExactly(
            "x1 FAILED_PRECONDITION command d1 takes tables and rules away and can't be left half"
                + " way; it waits in step drop tables and goes on when that can hold");
    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1", "(ended)", "d1");
    assertThat(last(KEY).inFlight()).isNotNull();

    tell(Records.started(KEY, "d1", "drop tables, waiting for the lock of keyspaces/customer"));
    send(Records.cancel(KEY, "x2", "d1", true));
    assertThat(refusals()).singleElement().asString().contains("can't be left half way");
  }

  @Test
  void abandonsWhatIsCarriedOutAndGoesOnWithTheNext() {
    created(KEY);
    send(Records.switchTraffic(KEY, "s1", 1000));
    // An undo that does not succeed does not end by itself.
    tell(Records.stepFailed(KEY, "s1", "deny-source", "not today"));
    for (int i = 0; i < 10; i++) {
      tell(Records.stepFailed(KEY, "s1", "undo deny-source", "gone for good"));
      driver.advanceWallClockTime(Duration.ofHours(1));
    }
    send(Records.delete(KEY, "d1", null));
    assertThat(last(KEY).inFlight().commandId()).isEqualTo("s1");
    send(Records.cancel(KEY, "x1", "s1", true));

    assertThat(tasks(Topics.TASKS_SWITCH)).containsExactly("s1", "(ended)");
    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1", "(ended)", "d1");
    assertThat(events())
        .anySatisfy(event ->
            assertThat(event)
                .isInstanceOfSatisfying(
                    CommandFailed.class,
                    failed -> {
                      assertThat(failed.header().commandId()).isEqualTo("s1");
                      assertThat(failed.code()).isEqualTo("ABORTED");
                      assertThat(failed.message()).startsWith("abandoned by ann: why; what");
                    }))
        .anySatisfy(event ->
            assertThat(event)
                .isInstanceOfSatisfying(
                    CommandSucceeded.class,
                    done -> assertThat(done.header().commandId()).isEqualTo("x1")));

    tell(Records.succeeded(KEY, "s1"));
    assertThat(last(KEY).inFlight()).isNotNull(); // what the old run tells counts no more
  }

  @Test
  void beginsNothingBehindItsTime() {
    created(KEY);
    send(Records.deleteBefore(KEY, "late", 1));
    send(Records.switchTraffic(KEY, "s1", 1000));
    send(Records.deleteBefore(KEY, "d1", System.currentTimeMillis() + 60_000));
    driver.advanceWallClockTime(Duration.ofHours(1));
    tell(Records.succeeded(KEY, "s1"));

    assertThat(refusals())
        .hasSize(2)
        .allMatch(refusal -> refusal.contains("DEADLINE_EXCEEDED the command was to begin before"));
    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1", "(ended)");
  }

  @Test
  void refusesNamesThatNoPathCanHave() {
    WorkflowKey bad = new WorkflowKey("customer", "bad name!");
    send(Records.create(bad, "c1"));
    send(Records.create(new WorkflowKey("customer", "a/../b"), "c2"));
    send(Records.create(new WorkflowKey("customer", "w".repeat(129)), "c3"));

    assertThat(refusals()).hasSize(3).allMatch(refusal -> refusal.contains("is not usable"));
    assertThat(tasks(Topics.TASKS_COPY)).isEmpty();
  }

  /** Whoever sends one gets an outcome, and no service gets to see it. */
  @Test
  void refusesOddNamesOfAllElseThatACommandNames() {
    created(KEY);
    WorkflowKey bad = new WorkflowKey("customer", "bad name!");
    List<String> fine = List.of("corder");
    send(Records.create(OTHER, "c1", "a/../b", List.of(), fine, List.of()));
    send(Records.create(OTHER, "c2", "no such!", List.of(), fine, List.of()));
    send(Records.create(OTHER, "c3", "a.b", List.of(), fine, List.of()));
    send(Records.create(OTHER, "c4", "k".repeat(129), List.of(), fine, List.of()));
    send(Records.create(OTHER, "c5", "commerce", List.of(), List.of(" "), List.of()));
    send(Records.create(OTHER, "c6", "commerce", List.of(), List.of("t".repeat(65)), List.of()));
    send(Records.create(OTHER, "c7", "commerce", List.of(), List.of("a\0b"), List.of()));
    send(Records.create(OTHER, "c8", "commerce", List.of(), fine, List.of("../x")));
    send(Records.create(OTHER, "c9", "commerce", List.of("-80/.."), fine, List.of()));
    send(Records.switchCells(KEY, "s1", List.of("zone1", "a b")));
    send(Records.delete(bad, "d1", null));
    send(Records.cancel(bad, "x1", "c1", false));
    send(Records.cancel(bad, "x2", "c1", true));
    driver.advanceWallClockTime(Duration.ofHours(1));

    String rest = ", to begin with a letter, a digit or '_', and to have at most 128 characters";
    String usable = " is not usable: it has to be of letters, digits, '_', '-' and '.'" + rest;
    String keyspace = " is not usable: it has to be of letters, digits, '_' and '-'" + rest;
    String table = ": it has to have 1 to 64 characters, none of them a zero byte";
    assertThat(refusals())
        .containsExactly(
            "c1 INVALID_ARGUMENT the source keyspace's name 'a/../b'" + keyspace,
            "c2 INVALID_ARGUMENT the source keyspace's name 'no such!'" + keyspace,
            "c3 INVALID_ARGUMENT the source keyspace's name 'a.b'" + keyspace,
            "c4 INVALID_ARGUMENT the source keyspace's name '" + "k".repeat(40) + "…'" + keyspace,
            "c5 INVALID_ARGUMENT no table can have the name ' '" + table,
            "c6 INVALID_ARGUMENT no table can have the name '" + "t".repeat(40) + "…'" + table,
            "c7 INVALID_ARGUMENT no table can have the name 'a?b'" + table,
            "c8 INVALID_ARGUMENT the cell's name '../x'" + usable,
            "c9 UNIMPLEMENTED moving single shards (source shards) is not supported yet",
            "s1 INVALID_ARGUMENT the cell's name 'a b'" + usable,
            "d1 INVALID_ARGUMENT the workflow's name 'bad name!'" + usable,
            "x1 NOT_FOUND no command c1 waits or is carried out for workflow customer.bad name!",
            "x2 NOT_FOUND no command c1 waits or is carried out for workflow customer.bad name!");
    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1", "(ended)"); // of what was created
    assertThat(tasks(Topics.TASKS_SWITCH)).isEmpty();
  }

  @Test
  void refusesWhenTooManyWait() {
    created(KEY);
    send(Records.switchTraffic(KEY, "s", 1000));
    for (int i = 0; i <= Admitter.LONGEST_QUEUE; i++) {
      send(Records.delete(KEY, "d" + i, null));
    }

    assertThat(refusals())
        .containsExactly(
            "d100 ABORTED 100 commands wait for workflow customer.c2c already; send this one again"
                + " later");
  }

  @Test
  void refusesWhenWhatWaitsIsTooLarge() {
    created(KEY);
    send(Records.switchTraffic(KEY, "s", 1000));
    List<String> tables = IntStream.range(0, 9000).mapToObj("t%063d"::formatted).toList();
    int each = bytes(createOf("d0", tables)).length;
    int fit = 4 * 1024 * 1024 / each;
    for (int i = 0; i <= fit; i++) {
      send(createOf("d" + i, tables));
    }
    send(Records.delete(KEY, "small", null));

    assertThat(refusals())
        .containsExactly(
            "d%d ABORTED %d commands wait for workflow customer.c2c already; send this one again later"
                .formatted(fit, fit));
    driver.advanceWallClockTime(Duration.ofSeconds(2));
    assertThat(last(KEY).waiting()).hasSize(fit + 1);
  }

  private static Command createOf(String id, List<String> tables) {
    return Records.create(KEY, id, "commerce", List.of(), tables, List.of());
  }

  /** Events have the reason too: one that can't be read would be waited for for ever. */
  @Test
  void refusesAnEndlessReasonInAnEventThatCanBeRead() {
    created(KEY);
    byte[] least = bytes(Records.deleteFor(KEY, "d1", ""));
    send(Records.deleteFor(KEY, "d1", "r".repeat(Incoming.LARGEST_VALUE - least.length - 10)));
    send(Records.signal(KEY, "x1", "c".repeat(1_000_000), SignalKind.STOP));

    assertThat(refusals())
        .containsExactly(
            "d1 INVALID_ARGUMENT a reason has at most 16384 characters",
            "x1 INVALID_ARGUMENT a command's id has at most 200 characters");
    assertThat(rejected()).isEmpty();
    send(Records.switchTraffic(KEY, "s1", 1000));
    assertThat(tasks(Topics.TASKS_SWITCH)).containsExactly("s1");
  }

  @Test
  void rejectsGarbageAndGoesOn() {
    raw(Topics.COMMANDS, KEY.toString(), "garbage".getBytes(StandardCharsets.UTF_8));
    raw(Topics.COMMANDS, KEY.toString(), new byte[] {0, 0, 0, 9, 9, 1});
    raw(Topics.COMMANDS, KEY.toString(), null);
    raw(Topics.COMMANDS, null, new byte[0]);
    byte[] truncated = bytes(Records.create(KEY, "x"));
    raw(Topics.COMMANDS, KEY.toString(), Arrays.copyOf(truncated, 20));
    raw(Topics.COMMANDS, KEY.toString(), bytes(Records.succeeded(KEY, "x")));
    raw(Topics.COMMANDS, OTHER.toString(), bytes(Records.create(KEY, "x")));
    raw(Topics.EVENTS, KEY.toString(), bytes(Records.create(KEY, "x")));
    raw(Topics.STREAM_SUMMARIES, KEY.toString(), new byte[] {1, 2, 3});
    raw(Topics.STREAM_SUMMARIES, KEY.toString(), bytes(Records.reported(KEY, "Copying", 0)));
    batch(KEY.toString(), new byte[] {1, 2, 3});
    batch(KEY.toString(), bytes(Records.reported(KEY, "Copying", 0)));
    send(Records.create(OTHER, "c1"));
    stream(Records.reported(OTHER, "Copying", 0));

    List<Rejected> rejected = rejected();
    assertThat(rejected).hasSize(12);
    assertThat(rejected.getFirst().value()).asString().isEqualTo("garbage");
    assertThat(rejected.getFirst().key()).asString().isEqualTo("customer.c2c");
    assertThat(rejected.getFirst().topic()).isEqualTo(Topics.COMMANDS);
    assertThat(rejected.get(1).offset()).isEqualTo(1);
    assertThat(rejected)
        .extracting(Rejected::reason)
        .contains(
            "the record has no value",
            "a CommandSucceeded does not belong on shunt.commands",
            "a MoveTablesCreate does not belong on shunt.events",
            "a StreamReported does not belong on shunt.streams.summaries",
            "a StreamReported does not belong on shunt.streams.batches",
            "the record's key is not that of the workflow in its value, customer.c2c");
    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1");
    assertThat(last(OTHER).streams()).hasSize(1);
  }

  /** Else all partitions of an instance would stand still at the first of them. */
  @Test
  void rejectsWhatIsInASchemaThatIsNotAvros() {
    driver.close();
    try (ForeignSchemas foreign = new ForeignSchemas(registry)) {
      folding.close();
      driver = newDriver(directory, foreign);
      folding = newFoldingDriver(foreign);
      for (byte[] value :
          List.of(
              ForeignSchemas.recordIn(ForeignSchemas.PROTOBUF),
              ForeignSchemas.recordIn(ForeignSchemas.INVALID_DEFAULT))) {
        raw(Topics.COMMANDS, KEY.toString(), value);
        raw(Topics.EVENTS, KEY.toString(), value);
        raw(Topics.STREAM_SUMMARIES, KEY.toString(), value);
        batch(KEY.toString(), value);
      }
      send(Records.create(OTHER, "c1"));

      assertThat(rejected())
          .hasSize(8)
          .allSatisfy(
              r -> assertThat(r.reason()).startsWith("the value the registry has no Avro schema"));
      assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1");
    }
  }

  @Test
  void rejectsWhatLiesInThePartitionOfAnotherWorkflow() {
    partitions = 4;
    assertThat(KEY.partition(4)).isNotZero();
    WorkflowKey inPlace = new WorkflowKey("customer", "w2");
    assertThat(inPlace.partition(4)).isZero();

    send(Records.create(KEY, "c1"));
    tell(Records.created(KEY, "c1"));
    stream(Records.reported(KEY, "Copying", 0));
    send(Records.create(inPlace, "c2"));

    assertThat(rejected())
        .extracting(Rejected::topic)
        .containsExactly(Topics.COMMANDS, Topics.EVENTS, Topics.STREAM_BATCHES);
    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c2");
    assertThat(statuses()).containsOnlyKeys(inPlace.toString());
  }

  @Test
  void namesTheSettingThatPutsACommandIntoItsPartition() {
    partitions = 4;
    send(Records.create(KEY, "c1"));

    assertThat(rejected())
        .singleElement()
        .extracting(Rejected::reason)
        .asString()
        .isEqualTo(
            "the record lies in partition 0 of shunt.commands and the key customer.c2c belongs into"
                + " partition "
                + KEY.partition(4)
                + " of 4: let the producer choose by murmur2 of the key (librdkafka:"
                + " partitioner=murmur2_random)");
  }

  @Test
  void bearsRecordsThatAreTooLargeOrLieAboutTheirLength() {
    byte[] command = bytes(Records.create(KEY, "x"));
    byte[] lying = Arrays.copyOf(command, 10);
    Arrays.fill(lying, 5, 9, (byte) 0xff);
    lying[9] = 0x0e;
    raw(Topics.COMMANDS, KEY.toString(), lying);
    raw(Topics.COMMANDS, KEY.toString(), Arrays.copyOf(command, Incoming.LARGEST_VALUE + 1));
    raw(Topics.COMMANDS, "k".repeat(1_000_000), command);
    send(Records.delete(KEY, "i".repeat(100_000), null));
    send(Records.create(OTHER, "c1"));

    assertThat(rejected())
        .hasSize(3)
        .allSatisfy(r -> assertThat(r.value().length + r.key().length).isLessThan(600_000));
    assertThat(refusals())
        .singleElement()
        .asString()
        .endsWith(" INVALID_ARGUMENT a command's id has at most 200 characters");
    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1");
  }

  @Test
  void tellsWhatABatchOfReportsChanges() {
    stream(Records.reported(KEY, "Copying", 10));
    assertThat(last(KEY).phase()).isEqualTo(Phase.OBSERVED);
    stream(Records.reported(KEY, "Copying", 20));
    assertThat(last(KEY).streams().getFirst().rowsCopied()).isEqualTo(20);
    stream(Records.reported(KEY, "Copying", 20));
    assertThat(statusCount()).isZero();
  }

  @Test
  void aChangeOfOneStreamWritesTheStreamsOfItsShardAndNothingElse() {
    created(KEY);
    stream(Records.reported(KEY, "-80", "Copying", 10));
    stream(Records.reported(KEY, "80-", "Copying", 10));
    publishedKeys();
    loggedKeys();

    stream(Records.reported(KEY, "80-", "Running", 20));

    assertThat(publishedKeys()).containsExactly("customer.c2c/80-");
    assertThat(loggedKeys()).containsExactly("customer.c2c/80-");
  }

  @Test
  void anEventWritesTheSummaryAlone() {
    created(KEY);
    stream(Records.reported(KEY, "-80", "Copying", 10));
    publishedKeys();
    loggedKeys();

    send(Records.switchTraffic(KEY, "s1", 1000));

    assertThat(publishedKeys()).containsExactly("customer.c2c");
    assertThat(loggedKeys()).containsExactly("customer.c2c");
  }

  @Test
  void aShardThatComesOrGoesIsWrittenAndSoIsTheSummaryThatNamesIt() {
    stream(Records.reported(KEY, "-80", "Copying", 10));
    assertThat(publishedKeys()).containsExactly("customer.c2c/-80", "customer.c2c");
    stream(Records.reported(KEY, "80-", "Copying", 10));
    assertThat(publishedKeys()).containsExactly("customer.c2c/80-", "customer.c2c");

    stream(removed("-80"));
    assertThat(publishedKeys()).containsExactly("-customer.c2c/-80", "customer.c2c");
    stream(removed("80-"));
    assertThat(publishedKeys()).containsExactly("-customer.c2c/80-", "-customer.c2c");
    assertThat(loggedKeys()).endsWith("-customer.c2c/80-", "-customer.c2c", "-customer.c2c");
  }

  private static StreamRemoved removed(String shard) {
    return new StreamRemoved("customer", "c2c", 1, shard, "zone1-0000000200", 1);
  }

  /** The watchers of tablets report all streams when they start, as they do in an upgrade. */
  @Test
  void ofAStatusOfTheVersionBeforeThoseStreamsAreKeptThatAreReported() {
    WorkflowStatus then = keptByTheVersionBefore();

    stream(Records.reported(KEY, "80-", "Running", 20));
    assertThat(publishedKeys()).containsExactly("customer.c2c/80-", "customer.c2c");
    stream(Records.reported(KEY, "80-", "Running", 20));
    assertThat(publishedKeys()).isEmpty();
    stream(Records.reported(KEY, "-80", "Running", 20));
    assertThat(publishedKeys()).containsExactly("customer.c2c/-80", "customer.c2c");
    stream(Records.reported(KEY, "80-", "Stopped", 20));
    assertThat(publishedKeys()).containsExactly("customer.c2c/80-");
    tell(new CommandAdmitted(Records.event(KEY, "s1"), "SwitchTraffic", "switch", "", "", false));
    assertThat(publishedKeys()).containsExactly("customer.c2c");
    assertThat(last(KEY).shards()).containsExactlyElementsOf(then.targetShards());
  }

  @Test
  void splitsAStatusOfTheVersionBeforeWhenACommandComes() {
    WorkflowStatus then = keptByTheVersionBefore();

    send(Records.switchTraffic(KEY, "s1", 1000));

    assertThat(tasks(Topics.TASKS_SWITCH)).containsExactly("s1");
    WorkflowStatus now = last(KEY);
    assertThat(now.version()).isEqualTo(then.version() + 1);
    assertThat(now.tables()).isEqualTo(then.tables());
    assertThat(now.shards()).containsExactly("-80", "80-");
    driver
        .<String, byte[]>getKeyValueStore(AdmissionTopology.STATUSES)
        .all()
        .forEachRemaining(entry ->
            assertThat(
                    deserializer.decode(entry.value) instanceof WorkflowStatus status
                        && !status.streams().isEmpty())
                .as(entry.key)
                .isFalse());

    then.streams().forEach(stream -> stream(new StreamReported("customer", "c2c", 1, stream)));
    assertThat(last(KEY).streams()).isEqualTo(then.streams());
  }

  /** Whoever has read the record of the shard before would have older streams from it. */
  @Test
  void aStatusOfTheVersionBeforeIsWrittenAnewThoughItsSummaryStaysTheSame() {
    keptByTheVersionBefore("-80");

    stream(Records.reported(KEY, "-80", "Copying", 10));
    assertThat(publishedKeys()).containsExactly("customer.c2c/-80", "customer.c2c");
    assertThat(last(KEY).streams()).hasSize(1);
    stream(Records.reported(KEY, "-80", "Copying", 20));
    assertThat(publishedKeys()).containsExactly("customer.c2c/-80");
  }

  /** A workflow that another tool created: that there are streams is all that is known of it. */
  private WorkflowStatus keptByTheVersionBefore() {
    return keptByTheVersionBefore("-80", "80-");
  }

  private WorkflowStatus keptByTheVersionBefore(String... shards) {
    List<StreamStatus> streams =
        Stream.of(shards)
            .map(shard -> Records.reported(KEY, shard, "Copying", 10).stream())
            .toList();
    WorkflowStatus whole =
        WorkflowStatus.of("customer", "c2c")
            .with(draft -> {
              draft.phase = Phase.OBSERVED;
              draft.workflowType = "MoveTables";
              draft.targetShards = List.of(shards);
              draft.streams = streams;
            });
    driver
        .<String, byte[]>getKeyValueStore(AdmissionTopology.STATUSES)
        .put(KEY.toString(), bytes(whole));
    return whole;
  }

  /** Streams of other tools may have such names; no command can. */
  @Test
  void keepsApartWorkflowsWhoseNamesHaveASlash() {
    WorkflowKey slashed = new WorkflowKey("customer", "c2c/-80");
    stream(Records.reported(KEY, "-80", "Copying", 10));
    stream(Records.reported(slashed, "-80", "Running", 20));

    assertThat(last(KEY).streams()).extracting(StreamStatus::rowsCopied).containsExactly(10L);
    assertThat(last(slashed).streams()).extracting(StreamStatus::rowsCopied).containsExactly(20L);
  }

  /** Nor may those whose names have nothing in them. */
  @Test
  void goesOnBehindStreamsOfAWorkflowWithoutAName() {
    stream(Records.reported(new WorkflowKey("customer", ""), "-80", "Copying", 10));

    created(KEY);
    assertThat(tasks(Topics.TASKS_COPY)).containsExactly("c1", "(ended)");
  }

  @Test
  void whatAVersionBeforeLeftOfShardsThatTheSummaryDoesNotNameIsNotTaken() {
    stream(Records.reported(KEY, "-80", "Copying", 10));
    KeyValueStore<String, byte[]> store = foldedAnew();
    store.put(
        KEY + "/80-",
        bytes(
            new ShardStatus(
                "customer", "c2c", "80-", List.of(StreamStatus.of("80-", "zone1-0000000300", 7)))));

    stream(Records.reported(KEY, "80-", "Running", 20));

    assertThat(last(KEY).streams()).extracting(StreamStatus::id).containsExactly(1L, 1L);
  }

  /** Another instance has taken over, which has read nothing yet; its store. */
  private KeyValueStore<String, byte[]> foldedAnew() {
    Map<String, byte[]> kept = new HashMap<>();
    folding
        .<String, byte[]>getKeyValueStore(StreamFoldTopology.STREAMS)
        .all()
        .forEachRemaining(entry -> kept.put(entry.key, entry.value));
    folding.close();
    folding = newFoldingDriver(registry);
    KeyValueStore<String, byte[]> store = folding.getKeyValueStore(StreamFoldTopology.STREAMS);
    kept.forEach(store::put);
    return store;
  }

  /** As when streams of a version before were deleted before anybody had reported them again. */
  @Test
  void aStatusThatNamesStreamsWhichAreNotKnownIsSetRightByTheirRemoval() {
    keptByTheVersionBefore();
    tell(new CommandAdmitted(Records.event(KEY, "s1"), "SwitchTraffic", "switch", "", "", false));
    assertThat(last(KEY).shards()).containsExactly("-80", "80-");

    stream(removed("-80"));

    assertThat(last(KEY).shards()).isEmpty();
  }

  /** The fold may not stand still for it. */
  @Test
  void theStreamsOfAShardWhoseRecordIsLostAreKnownOnceTheyAreReported() {
    stream(Records.reported(KEY, "-80", "Copying", 10));
    stream(Records.reported(KEY, "80-", "Copying", 10));
    KeyValueStore<String, byte[]> store = foldedAnew();
    store.delete(KEY + "/-80");
    store.delete(KEY + "/80-");
    publishedKeys();

    stream(Records.reported(KEY, "-80", "Running", 20));
    stream(removed("80-"));

    assertThat(publishedKeys())
        .containsExactly("customer.c2c/-80", "customer.c2c", "-customer.c2c/80-", "customer.c2c");
    assertThat(deserializer.decode(store.get(KEY + "/-80")))
        .isInstanceOfSatisfying(
            ShardStatus.class,
            shard ->
                assertThat(shard.streams())
                    .extracting(StreamStatus::rowsCopied)
                    .containsExactly(20L));
  }

  /** The version before stored progress at once and published it a second later. */
  @Test
  void publishesWhatAnEarlierVersionHadNotYet() {
    stream(Records.reported(KEY, "Copying", 10));
    WorkflowStatus stored = last(KEY);
    assertThat(statusCount()).isZero();
    driver
        .<String, byte[]>getKeyValueStore(AdmissionTopology.UNTOLD)
        .put(KEY.toString(), new byte[] {1});

    driver.advanceWallClockTime(Duration.ofSeconds(1));

    assertThat(last(KEY)).isEqualTo(stored);
    driver.advanceWallClockTime(Duration.ofSeconds(5));
    assertThat(statusCount()).isZero();
  }

  private void created(WorkflowKey key) {
    send(Records.create(key, "c1"));
    tell(Records.created(key, "c1"));
    tell(Records.succeeded(key, "c1"));
  }

  /** These diffs have begun. */
  private void diffing(String... ids) {
    for (String id : ids) {
      send(Records.diff(KEY, id));
      tell(Records.diffStarted(KEY, id));
    }
  }

  /** How a command ended, each time that the log says so. */
  private List<Message> outcomes(String commandId) {
    return events().stream()
        .filter(event ->
            event instanceof CommandSucceeded
                || event instanceof CommandFailed
                || event instanceof CommandRefused)
        .filter(event -> ((Event) event).header().commandId().equals(commandId))
        .toList();
  }

  private void send(Command command) {
    raw(Topics.COMMANDS, WorkflowKey.of(command.header()).toString(), bytes(command));
  }

  private void tell(Event event) {
    raw(Topics.EVENTS, WorkflowKey.of(event.header()).toString(), bytes(event));
  }

  private void stream(StreamEvent event) {
    batch(WorkflowKey.of(event).toString(), bytes(StreamBatch.of(event)));
  }

  /** Folds reports, and brings admission what it is to know of them. */
  private void batch(@Nullable String key, byte @Nullable [] value) {
    drain(driver);
    raw(folding, Topics.STREAM_BATCHES, key, value);
    drain(folding);
    for (KeyValue<String, byte[]> summary :
        read(folding, Topics.STREAM_SUMMARIES).readKeyValuesToList()) {
      raw(Topics.STREAM_SUMMARIES, summary.key, summary.value);
    }
  }

  private void drain(TopologyTestDriver from) {
    written.addAll(
        read(from, from == driver ? Topics.WORKFLOWS : Topics.SHARDS).readKeyValuesToList());
    String changelog =
        from == driver
            ? "test-" + AdmissionTopology.STATUSES
            : "test-streams-" + StreamFoldTopology.STREAMS;
    logged.addAll(read(from, changelog + "-changelog").readKeyValuesToList());
  }

  private void raw(String topic, @Nullable String key, byte @Nullable [] value) {
    raw(driver, topic, key, value);
  }

  private static void raw(
      TopologyTestDriver to, String topic, @Nullable String key, byte @Nullable [] value) {
    TestInputTopic<String, byte[]> input =
        to.createInputTopic(topic, new StringSerializer(), new ByteArraySerializer());
    input.pipeInput(key, value);
  }

  private byte[] bytes(Message message) {
    return Objects.requireNonNull(serializer.serialize(null, message));
  }

  private List<Message> events() {
    return read(Topics.EVENTS).readValuesToList().stream().map(deserializer::decode).toList();
  }

  private List<String> refusals() {
    return events().stream()
        .filter(CommandRefused.class::isInstance)
        .map(CommandRefused.class::cast)
        .map(r -> r.header().commandId() + " " + r.code() + " " + r.message())
        .toList();
  }

  private List<Rejected> rejected() {
    return Stream.of(driver, folding)
        .flatMap(from -> read(from, Topics.REJECTED).readValuesToList().stream())
        .map(value -> (Rejected) deserializer.decode(value))
        .toList();
  }

  private List<String> tasks(String topic) {
    List<String> ids = new ArrayList<>();
    for (byte[] value : read(topic).readValuesToList()) {
      ids.add(
          value == null ? "(ended)" : ((Command) deserializer.decode(value)).header().commandId());
    }
    return ids;
  }

  private Map<String, byte[]> statuses() {
    Map<String, byte[]> statuses = new HashMap<>();
    published().forEach(record -> statuses.put(record.key, record.value));
    return statuses;
  }

  private int statusCount() {
    return published().size();
  }

  /** With its streams, by all that was published. */
  private WorkflowStatus last(WorkflowKey key) {
    published();
    return joiner.get(key).orElseThrow();
  }

  private List<KeyValue<String, byte[]>> published() {
    drain(driver);
    List<KeyValue<String, byte[]>> all = List.copyOf(written);
    written.clear();
    all.forEach(record -> joiner.take(record.key, deserializer.deserialize(null, record.value)));
    return all;
  }

  /** The keys that were published, in their order, with a minus in front of tombstones. */
  private List<String> publishedKeys() {
    return keys(published());
  }

  private List<String> loggedKeys() {
    drain(driver);
    List<String> keys = keys(logged);
    logged.clear();
    return keys;
  }

  private static List<String> keys(List<KeyValue<String, byte[]>> records) {
    return records.stream().map(record -> (record.value == null ? "-" : "") + record.key).toList();
  }

  private TestOutputTopic<String, byte[]> read(String topic) {
    return read(driver, topic);
  }

  private static TestOutputTopic<String, byte[]> read(TopologyTestDriver from, String topic) {
    return from.createOutputTopic(topic, new StringDeserializer(), new ByteArrayDeserializer());
  }
}
