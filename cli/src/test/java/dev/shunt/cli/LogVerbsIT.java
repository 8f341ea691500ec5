package dev.shunt.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shunt.command.CommandService;
import dev.shunt.command.CommandServiceConfig;
import dev.shunt.embedded.BoundProcess;
import dev.shunt.embedded.KafkaBroker;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StreamReported;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.HttpRegistryClient;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.TopoSettings;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.LockHolder;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoLock;
import dev.shunt.topo.Topos;
import dev.shunt.workflowstate.WorkflowStateConfig;
import dev.shunt.workflowstate.WorkflowStateService;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Sends, watches and replays on a real Kafka with the real admission of commands. */
class LogVerbsIT {
  @TempDir static Path directory;
  private static KafkaBroker broker;
  private static Topo topo;
  private static TabletClients tablets;
  private static CommandService command;
  private static HttpRegistryClient registry;
  private static WorkflowStateService state;

  private record Run(int exitCode, String out, String err) {
    JsonNode json() throws IOException {
      return new ObjectMapper().readTree(out.lines().toList().getLast());
    }
  }

  @BeforeAll
  static void start() {
    broker = KafkaBroker.start(directory.resolve("kafka"), 0);
    topo = Topos.local(directory.resolve("topo"));
    tablets = TabletClients.grpc(TabletClientConfig.DEFAULT);
    KafkaSettings kafka =
        KafkaSettings.defaults()
            .at(broker.bootstrapServers(), "")
            .withPartitions(Topics.EMBEDDED_PARTITIONS);
    command =
        CommandService.over(
            new CommandServiceConfig(
                "127.0.0.1", 0, 0, kafka, TopoSettings.defaults(), true, Duration.ofSeconds(60)),
            topo,
            tablets);
    command.start();
    registry = new HttpRegistryClient(registryUrl());
    WorkflowStateConfig defaults = WorkflowStateConfig.defaults();
    state =
        new WorkflowStateService(
            new WorkflowStateConfig(
                kafka.at(broker.bootstrapServers(), registryUrl()),
                defaults.applicationId(),
                directory.resolve("state").toString(),
                0,
                defaults.commitInterval()),
            registry);
    state.start();
  }

  @AfterAll
  static void stop() {
    state.close();
    registry.close();
    command.close();
    tablets.close();
    topo.close();
    broker.close();
  }

  private static String registryUrl() {
    return "http://127.0.0.1:" + command.httpPort();
  }

  private static Run run(String... words) {
    List<String> arguments = new ArrayList<>(List.of(words));
    arguments.add("--kafka=" + broker.bootstrapServers());
    arguments.add("--registry=" + registryUrl());
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine =
        Shunt.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int exitCode = commandLine.execute(arguments.toArray(String[]::new));
    return new Run(exitCode, out.toString(), err.toString());
  }

  @Test
  void sendsACommandFromAFileAndFindsItsRefusalInTheAuditLog() throws IOException {
    Path file = directory.resolve("command.json");
    Files.writeString(
        file,
        """
        {"type": "MoveTablesComplete", "keyspace": "customer", "workflow": "nowhere",
         "keepData": true}
        """);

    Run sent =
        run(
            "commands",
            "send",
            "--file",
            file.toString(),
            "--command-id",
            "id-1",
            "--issuer",
            "ann",
            "--format",
            "json");

    assertThat(sent.err()).isEmpty();
    assertThat(sent.exitCode()).isEqualTo(1);
    assertThat(sent.json().path("commandId").asText()).isEqualTo("id-1");
    assertThat(sent.json().path("result").asText()).isEqualTo("Refused");
    Run replayed = run("audit", "replay", "--workflow", "customer.nowhere", "--format", "json");
    assertThat(replayed.exitCode()).isZero();
    assertThat(replayed.json().path("type").asText()).isEqualTo("CommandRefused");
    assertThat(replayed.json().path("event").path("issuer").asText()).isEqualTo("ann");
    assertThat(run("audit", "replay", "--command", "id-1").out())
        .contains("customer.nowhere CommandRefused: MoveTablesComplete issued by ann")
        .contains("(command id-1, by ");
    assertThat(run("audit", "replay", "--until", "2020-01-01T00:00:00Z").out()).isEmpty();
  }

  @Test
  void replaysPastWhatIsNoEventAndSaysWhereItIs() throws Exception {
    assertThat(run(complete("odd", "odd-1")).exitCode()).isEqualTo(1);
    try (KafkaProducer<String, byte[]> anybody =
        new KafkaProducer<>(
            KafkaSettings.defaults().at(broker.bootstrapServers(), "").producer(),
            new StringSerializer(),
            new ByteArraySerializer())) {
      var unused =
          anybody
              .send(new ProducerRecord<>(Topics.EVENTS, "customer.odd", new byte[] {9, 9, 9}))
              .get();
    }
    assertThat(run(complete("odd", "odd-2")).exitCode()).isEqualTo(1);

    Run replayed = run("audit", "replay", "--workflow", "customer.odd");

    assertThat(replayed.out()).contains("(command odd-1,", "(command odd-2,");
    assertThat(replayed.err())
        .containsPattern("^Error: not an event, at partition \\d+ offset \\d+: ");
    assertThat(replayed.exitCode()).isEqualTo(1);
    Run other = run("audit", "replay", "--workflow", "customer.even");
    assertThat(other.err()).isEmpty();
    assertThat(other.exitCode()).isZero();
  }

  private static String[] complete(String workflow, String commandId) {
    return new String[] {
      "commands",
      "send",
      "--type",
      "MoveTablesComplete",
      "-w",
      "customer." + workflow,
      "--set",
      "keepData=true",
      "--command-id",
      commandId
    };
  }

  @Test
  void returnsWithoutWaitingWhenToldTo() throws IOException {
    Run sent =
        run(
            "commands",
            "send",
            "--type",
            "SwitchTraffic",
            "--workflow",
            "customer.other",
            "--set",
            "direction=BACKWARD",
            "--set",
            "tabletTypes=[\"REPLICA\"]",
            "--no-wait",
            "--format",
            "json");

    assertThat(sent.err()).isEmpty();
    assertThat(sent.exitCode()).isZero();
    assertThat(sent.json().path("commandId").asText()).hasSize(36);
  }

  /** Nobody carries them out here. */
  @Test
  void listsTakesBackAndAbandonsCommands() {
    String[] create = {
      "commands",
      "send",
      "--type",
      "MoveTablesCreate",
      "-w",
      "customer.open",
      "--no-wait",
      "--command-id",
      "first",
      "--set",
      "sourceKeyspace=commerce",
      "--set",
      "includeTables=[\"t\"]"
    };
    assertThat(run(create).exitCode()).isZero();
    String[] cancel = {
      "commands",
      "send",
      "--type",
      "WorkflowDelete",
      "-w",
      "customer.open",
      "--no-wait",
      "--command-id",
      "second"
    };
    assertThat(run(cancel).exitCode()).isZero();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(list())
                .hasSize(2)
                .anyMatch(line ->
                    line.startsWith("first customer.open MoveTablesCreate by ")
                        && line.contains(" is carried out since "))
                .anyMatch(line ->
                    line.startsWith("second customer.open WorkflowDelete by ")
                        && line.contains(" waits since ")
                        && line.endsWith(": behind first")));

    Run refused = run("commands", "cancel", "first");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.out() + refused.err())
        .contains("command first is being carried out")
        .contains("abandon it");
    assertThat(run("commands", "cancel", "second").exitCode()).isZero();
    await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(list()).hasSize(1));
    assertThat(run("audit", "replay", "--command", "second").out()).contains("CommandRefused");

    assertThat(run("commands", "abandon", "first", "--reason", "its source is gone").exitCode())
        .isZero();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(list()).containsExactly("every command has ended"));
    assertThat(run("audit", "replay", "--command", "first").out())
        .contains("CommandFailed")
        .contains("its source is gone");
  }

  private static List<String> list() {
    return run("commands", "list", "-w", "customer.open").out().lines().toList();
  }

  @Test
  void refusesACommandThatIsNone() {
    Run sent = run("commands", "send", "--type", "DropEverything", "--workflow", "a.b");

    assertThat(sent.exitCode()).isEqualTo(1);
    assertThat(sent.err()).startsWith("Error: unknown type of command 'DropEverything': one of ");
    assertThat(
            run("commands", "send", "--type", "WorkflowDelete", "-w", "a.b", "--set", "x=1").err())
        .contains("malformed WorkflowDelete");
  }

  /** What the tablets say of a workflow that nobody created here. */
  private static void report(String workflow) {
    StreamStatus stream =
        StreamStatus.of("0", "zone1-0000000200", 5)
            .with(draft -> {
              draft.source = "keyspace:\"commerce\" shard:\"0\"";
              draft.state = "Running";
              draft.dbName = "vt_customer";
              draft.rowsCopied = 42;
              draft.tabletTypes = "replica";
              draft.workflowType = 1;
              draft.deferSecondaryKeys = true;
              draft.options = "{}";
            });
    try (KafkaProducer<String, Message> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers()),
            new StringSerializer(),
            new MessageSerializer(registry))) {
      var unused =
          producer.send(
              new ProducerRecord<>(
                  Topics.STREAMS,
                  "customer." + workflow,
                  new StreamReported("customer", workflow, 1, stream)));
    }
  }

  @Test
  void watchesStates() {
    report("seen");

    Run watched = run("workflows", "watch", "--workflow", "customer.seen", "--count", "1");

    assertThat(watched.err()).isEmpty();
    assertThat(watched.out())
        .contains("customer.seen version=")
        .contains("phase=OBSERVED")
        .contains("streams=Running=1 rows_copied=42 writes=source");
  }

  /** What a pipe to {@code head} is when that has ended. */
  private static final class GoneReader extends Writer {
    private int lines;

    @Override
    public void write(char[] text, int from, int length) throws IOException {
      lines += length > 1 ? 1 : 0; // else the end of one
      throw new IOException("Broken pipe");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  @Timeout(60)
  void endWhenNobodyReadsOn() {
    report("left");
    for (int i = 0; i < 2; i++) {
      Run sent =
          run("commands", "send", "--type", "MoveTablesComplete", "--workflow", "customer.none");
      assertThat(sent.exitCode()).isOne(); // refused, which is an event each
    }
    for (String verb : List.of("audit replay", "workflows watch")) {
      GoneReader reader = new GoneReader();
      List<String> words = new ArrayList<>(List.of(verb.split(" ", -1)));
      words.add("--kafka=" + broker.bootstrapServers());
      words.add("--registry=" + registryUrl());

      int exitCode =
          Shunt.commandLine()
              .setOut(new PrintWriter(reader, true))
              .execute(words.toArray(String[]::new));

      assertThat(exitCode).isZero();
      assertThat(reader.lines).as(verb).isOne();
    }
  }

  private static Run alone(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine =
        Shunt.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int exitCode = commandLine.execute(words);
    return new Run(exitCode, out.toString(), err.toString());
  }

  @Test
  void listsLocksAndBreaksTheOneThatIsNamed() {
    try (TopoLock held =
        topo.lockName("customer/c2c", "VDiff", Duration.ofMinutes(5), Duration.ofSeconds(1))) {
      LockHolder holder = topo.locks().getFirst();
      Run listed = alone("locks", "list", "--http", registryUrl());
      assertThat(listed.err()).isEmpty();
      assertThat(listed.exitCode()).isZero();
      assertThat(listed.out()).contains(holder.key(), "held", "VDiff", " s ");
      held.check();

      String[] breaking = {
        "locks",
        "break",
        holder.key(),
        "--http",
        registryUrl(),
        "--issuer",
        "ann",
        "--reason",
        "its host is gone"
      };
      Run broken = alone(breaking);
      assertThat(broken.err()).isEmpty();
      assertThat(broken.exitCode()).isZero();
      assertThat(broken.out()).startsWith("Broke " + holder.key() + ": VDiff by ");
      assertThatThrownBy(held::check).hasMessageContaining("no longer held");
      assertThat(alone("locks", "list", "--http", registryUrl()).out()).isEqualTo("no locks\n");
      assertThat(run("audit", "replay", "--workflow", "customer.c2c").out())
          .contains("break lock " + holder.key())
          .contains("asked for by ann because its host is gone");

      Run again = alone(breaking);
      assertThat(again.exitCode()).isOne();
      assertThat(again.err()).startsWith("Error: ").contains(holder.key());
    }
  }

  /** In a process of its own, which is ended while the verb waits. */
  @Test
  void aVerbSaysWhatItsCommandWaitsForAndWhenItIsInterruptedHowToTakeItBack() throws Exception {
    assertThat(
            run(
                    "commands",
                    "send",
                    "--type",
                    "MoveTablesCreate",
                    "-w",
                    "customer.held",
                    "--no-wait",
                    "--command-id",
                    "ahead",
                    "--set",
                    "sourceKeyspace=commerce",
                    "--set",
                    "includeTables=[\"t\"]")
                .exitCode())
        .isZero(); // nobody carries it out
    Path errors = directory.resolve("interrupted.err");
    Process verb =
        BoundProcess.start(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.shunt.cli.Shunt",
                    "--server",
                    "127.0.0.1:" + command.grpcPort(),
                    "workflow",
                    "--keyspace",
                    "customer",
                    "delete",
                    "--workflow",
                    "held")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(errors.toFile()));
    try {
      Matcher waits =
          await()
              .atMost(Duration.ofSeconds(60))
              .until(
                  () ->
                      Pattern.compile(
                              "shunt: command (\\S+) \\(WorkflowDelete of customer.held\\) is"
                                  + " admitted to the line of its workflow and waits since \\S+"
                                  + " behind ahead \\(MoveTablesCreate\\), not begun yet; it is"
                                  + " not begun after \\S+\n")
                          .matcher(Files.readString(errors)),
                  Matcher::find);
      String id = waits.group(1);
      int whileItWaited = waits.end();

      verb.destroy();

      verb.onExit().get(30, TimeUnit.SECONDS);
      assertThat(Files.readString(errors).substring(whileItWaited))
          .startsWith(
              "shunt: stopped waiting. command " + id + " (WorkflowDelete of customer.held)")
          .contains("waits since ", " behind ahead (MoveTablesCreate), not begun yet")
          .contains("`shunt commands cancel " + id + "` takes it back as long as it waits")
          .hasLineCount(1);
      Run cancelled = run("commands", "cancel", id);
      assertThat(cancelled.exitCode()).as(cancelled.out() + cancelled.err()).isZero();
      assertThat(run("audit", "replay", "--command", id).out()).contains("CommandRefused");
    } finally {
      verb.destroyForcibly();
    }
  }
}
