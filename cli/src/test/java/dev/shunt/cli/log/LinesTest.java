package dev.shunt.cli.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.JsonNodeType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shunt.cli.Shunt;
import dev.shunt.client.EventRecord;
import dev.shunt.client.WorkflowTable;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandDuplicate;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.CommandWaiting;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.SignalKind;
import dev.shunt.schemas.SignalSent;
import dev.shunt.schemas.SignalTaken;
import dev.shunt.schemas.StepFailed;
import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.StepUndone;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.TrafficSwitched;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.schemas.Waiting;
import dev.shunt.schemas.WorkflowCompleted;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.schemas.WorkflowDeleted;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What the verbs on the logs print, a line for each thing, and what they read of fields. */
class LinesTest {
  private static final EventHeader HEADER =
      new EventHeader("customer", "c2c", "c1", 1500, "copy-7-00ff", 3);

  private static String line(Event event) {
    return EventLine.of(new EventRecord(2, 41, event));
  }

  static List<Object[]> events() {
    TableDiff diff = new TableDiff("-80", "t", "completed", 9, 7, 1, 1, 0, "{}");
    return List.of(
        new Object[] {
          new CommandAdmitted(HEADER, "SwitchTraffic", "switcher", "ann", "", true),
          "SwitchTraffic for switcher (dry run), issued by ann"
        },
        new Object[] {
          new CommandAdmitted(HEADER, "SwitchTraffic", "switcher", "ann", "it is time", false),
          "SwitchTraffic for switcher, issued by ann because it is time"
        },
        new Object[] {
          new CommandRefused(HEADER, "SwitchTraffic", "ann", "", "ABORTED", "no"),
          "SwitchTraffic issued by ann: ABORTED: no"
        },
        new Object[] {
          new CommandWaiting(HEADER, "SwitchTraffic", "ann", "", "command c0", 0),
          "SwitchTraffic issued by ann waits for command c0"
        },
        new Object[] {
          new CommandDuplicate(HEADER, "SwitchTraffic", "ann", null),
          "SwitchTraffic sent again by ann"
        },
        new Object[] {
          new CommandSucceeded(HEADER, "SwitchTraffic", "done", List.of("l"), Map.of(), 1_999),
          "SwitchTraffic in 1 ms: done"
        },
        new Object[] {
          new CommandFailed(HEADER, "SwitchTraffic", "UNKNOWN", "why"),
          "SwitchTraffic: UNKNOWN: why"
        },
        new Object[] {new StepStarted(HEADER, "deny", "{}"), "deny {}"},
        new Object[] {new StepFinished(HEADER, "deny", "d", 2_000), "deny in 2 ms d"},
        new Object[] {new StepFailed(HEADER, "deny", "no", 999), "deny after 0 ms: no"},
        new Object[] {new StepUndone(HEADER, "deny", 5_000_000), "deny in 5000 ms"},
        new Object[] {
          new WorkflowCreated(
              HEADER,
              "MoveTables",
              "commerce",
              List.of("0"),
              List.of("0"),
              List.of("t"),
              List.of()),
          "MoveTables of [t] from commerce"
        },
        new Object[] {
          new TrafficSwitched(
              HEADER, Direction.FORWARD, List.of("PRIMARY"), List.of(), List.of(), true, 42_000),
          "FORWARD [PRIMARY], writes at the target, paused for 42 ms"
        },
        new Object[] {
          new TrafficSwitched(
              HEADER, Direction.BACKWARD, List.of("REPLICA"), List.of(), List.of(), false, 0),
          "BACKWARD [REPLICA], writes at the source, paused for 0 ms"
        },
        new Object[] {new WorkflowCompleted(HEADER, true), "source tables kept"},
        new Object[] {new WorkflowCompleted(HEADER, false), "source tables removed"},
        new Object[] {new WorkflowDeleted(HEADER, true), "target tables kept"},
        new Object[] {new WorkflowDeleted(HEADER, false), "target tables removed"},
        new Object[] {
          new VDiffStarted(HEADER, "u", List.of("t"), List.of("-80"), 0, true), "u of [t] on [-80]"
        },
        new Object[] {
          new VDiffTableFinished(HEADER, "u", diff), "u table t on -80: 9 rows, 7 equal"
        },
        new Object[] {
          new VDiffFinished(HEADER, "u", "completed", 9, true, ""),
          "u completed, 9 rows, with differences"
        },
        new Object[] {
          new VDiffFinished(HEADER, "u", "error", 2, false, "a tablet is away"),
          "u error, 2 rows, no differences: a tablet is away"
        },
        new Object[] {
          new SignalSent(
              HEADER,
              "vdiff",
              "ann",
              "too slow",
              "c0",
              SignalKind.RETUNE,
              Map.of("b", "2", "a", "1")),
          "RETUNE {a=1, b=2} to command c0 for vdiff, issued by ann because too slow"
        },
        new Object[] {
          new SignalTaken(HEADER, "s1", SignalKind.STOP, Map.of()), "STOP (signal s1)"
        });
  }

  @ParameterizedTest
  @MethodSource("events")
  void anEventSaysWhatHappenedWhereAndWhoTellsIt(Event event, String detail) {
    assertThat(line(event))
        .isEqualTo(
            "1970-01-01T00:00:01.500Z 2/41 customer.c2c %s: %s (command c1, by copy-7-00ff)"
                .formatted(event.getClass().getSimpleName(), detail));
  }

  @Test
  void eachKindOfEventHasItsLine() {
    assertThat(events().stream().<Object>map(each -> each[0].getClass()).distinct())
        .containsExactlyInAnyOrder((Object[]) Event.class.getPermittedSubclasses());
  }

  /** A reason is anybody's text: it must not pass for an event of its own. */
  @Test
  void noTextOfAnEventMakesALineOfItsOwn() {
    String forged = "x\n1970-01-01T00:00:00Z 0/1 customer.c2c CommandSucceeded: done";
    for (Event event :
        List.<Event>of(
            new CommandAdmitted(HEADER, "SwitchTraffic", "switcher", forged, forged, false),
            new CommandFailed(HEADER, "SwitchTraffic", "UNKNOWN", forged),
            new StepFailed(HEADER, "deny", "a\r\nb", 0))) {
      assertThat(line(event).lines()).hasSize(1);
    }
    CommandsList.Open open =
        new CommandsList.Open(
            "c1", new WorkflowKey("a", "b"), "T", forged, true, 0, "behind " + forged);
    assertThat(CommandsList.line(open).lines()).hasSize(1);
  }

  private static InFlight running(String id, String step) {
    return InFlight.of(id, "SwitchTraffic", "switcher", "ann", false, 1000).withStep(step);
  }

  @Test
  void commandsThatHaveNotEndedAreListedWithWhatTheyAreAt() {
    WorkflowStatus status =
        WorkflowStatus.of("customer", "c2c")
            .with(draft -> {
              draft.inFlight = running("c1", "");
              draft.inFlightDiffs = List.of(running("d1", "compare"));
              draft.waiting =
                  List.of(
                      new Waiting("w1", "WorkflowDelete", "bob", 2000, "command c1", 0),
                      new Waiting("w2", "WorkflowDelete", "bob", 3000, "command c1", 60_000));
            });

    List<String> lines = new ArrayList<>();
    CommandsList.Open.of(status).forEach(open -> lines.add(CommandsList.line(open)));

    assertThat(lines)
        .containsExactly(
            "c1 customer.c2c SwitchTraffic by ann is carried out since 1970-01-01T00:00:01Z: not"
                + " begun yet",
            "d1 customer.c2c SwitchTraffic by ann is carried out since 1970-01-01T00:00:01Z: step"
                + " compare",
            "w1 customer.c2c WorkflowDelete by bob waits since 1970-01-01T00:00:02Z: behind"
                + " command c1",
            "w2 customer.c2c WorkflowDelete by bob waits since 1970-01-01T00:00:03Z: behind"
                + " command c1, not begun after 1970-01-01T00:01:00Z");
    assertThat(CommandsList.Open.of(WorkflowStatus.of("a", "b"))).isEmpty();
  }

  private static StreamStatus stream(int id, String state, long rows) {
    return StreamStatus.of("-80", "zone1-0000000200", id)
        .with(draft -> {
          draft.state = state;
          draft.rowsCopied = rows;
        });
  }

  @Test
  void aWorkflowIsALineOfWords() {
    WorkflowKey key = new WorkflowKey("customer", "c2c");
    WorkflowStatus status =
        WorkflowStatus.of("customer", "c2c")
            .with(draft -> {
              draft.version = 7;
              draft.phase = Phase.ACTIVE;
              draft.sourceKeyspace = "commerce";
              draft.streams =
                  List.of(stream(1, "Running", 5), stream(2, "Error", 6), stream(3, "Running", 7));
              draft.writesSwitched = true;
              draft.updatedAt = 1234;
              draft.inFlight = running("c1", "deny");
            });

    assertThat(WorkflowStateVerbs.line(new WorkflowTable.Change(key, status)))
        .isEqualTo(
            "1970-01-01T00:00:01.234Z customer.c2c version=7 phase=ACTIVE source=commerce"
                + " streams=Error=1,Running=2 rows_copied=18 writes=target command=SwitchTraffic");
    assertThat(
            WorkflowStateVerbs.line(
                new WorkflowTable.Change(key, WorkflowStatus.of("customer", "c2c"))))
        .isEqualTo(
            "1970-01-01T00:00:00Z customer.c2c version=0 phase=UNKNOWN source=- streams=-"
                + " rows_copied=0 writes=source command=-");
    assertThat(WorkflowStateVerbs.line(new WorkflowTable.Change(key, null)))
        .isEqualTo("customer.c2c gone");
  }

  // --- fields of a command that is sent ------------------------------------------------------

  private static CommandVerbs.Send send(String... arguments) {
    List<String> words = new ArrayList<>(List.of("commands", "send"));
    words.addAll(List.of(arguments));
    CommandLine.ParseResult parsed =
        Shunt.commandLine("commands").parseArgs(words.toArray(String[]::new));
    return (CommandVerbs.Send) parsed.subcommand().subcommand().commandSpec().userObject();
  }

  /** It is JSON where all of it is, and a text otherwise. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "7            | NUMBER  | 7",
        "-1.5         | NUMBER  | -1.5",
        "true         | BOOLEAN | true",
        "null         | NULL    | null",
        "[\"a\"]      | ARRAY   | ``",
        "\"7\"        | STRING  | 7",
        "``           | STRING  | ``",
        "word         | STRING  | word",
        "007          | STRING  | 007",
        "2 shards     | STRING  | 2 shards",
        "true story   | STRING  | true story",
        "null and void| STRING  | null and void",
        "[a]          | STRING  | [a]",
        "{} x         | STRING  | {} x",
        "1-2          | STRING  | 1-2",
      })
  void aFieldIsWhatIsWritten(String given, JsonNodeType type, String text) throws IOException {
    ObjectNode tree = send("--type", "SwitchTraffic", "--set", "reason=" + given).tree();

    assertThat(tree.get("reason").getNodeType()).isEqualTo(type);
    assertThat(tree.get("reason").asText()).isEqualTo(text);
  }

  @Test
  void aFileHasOneCommandAndFlagsWinOverIt(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("c.json");
    Files.writeString(
        file, "{\"type\": \"SwitchTraffic\", \"keyspace\": \"a\", \"force\": true}\n");
    ObjectNode tree =
        send("-f", file.toString(), "-w", "customer.c2c", "--dry-run", "--set", "force=false")
            .tree();
    assertThat(tree.get("keyspace").asText()).isEqualTo("customer");
    assertThat(tree.get("workflow").asText()).isEqualTo("c2c");
    assertThat(tree.get("force").asBoolean()).isFalse();
    assertThat(tree.get("dryRun").asBoolean()).isTrue();

    Files.writeString(file, "{\"type\": \"SwitchTraffic\"} {\"type\": \"WorkflowDelete\"}");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> send("-f", file.toString()).tree());
    Files.writeString(file, "[1]");
    assertThatExceptionOfType(CommandLine.ParameterException.class)
        .isThrownBy(() -> send("-f", file.toString()).tree())
        .withMessage("a command is a JSON object");
  }

  @Test
  void eitherAFileOrATypeIsGiven() {
    for (String[] words : new String[][] {{}, {"-f", "x", "--type", "T"}}) {
      assertThatExceptionOfType(CommandLine.ParameterException.class)
          .isThrownBy(() -> send(words).tree())
          .withMessage("give either --file with a command, or --type and its fields");
    }
    assertThatExceptionOfType(CommandLine.ParameterException.class)
        .isThrownBy(() -> send("--type", "T", "-w", "customer").tree())
        .withMessage("not a workflow key (keyspace.workflow): customer");
  }
}
