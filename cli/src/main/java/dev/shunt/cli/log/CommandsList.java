package dev.shunt.cli.log;

import dev.shunt.cli.render.OneLine;
import dev.shunt.client.Connection;
import dev.shunt.client.WorkflowTable;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.Waiting;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code commands list}. */
@Command(
    name = "list",
    description =
        "Lists commands that have not ended: those that are carried out and those that wait.")
final class CommandsList extends LogVerb {
  static final Duration FIRST_READ = Duration.ofMinutes(1);

  @Option(
      names = {"-w", "--workflow"},
      defaultValue = "",
      paramLabel = "KEYSPACE.WORKFLOW",
      description = "Only those of this workflow.")
  String workflow = "";

  /**
   * A command that has not ended.
   *
   * @param since since when it is carried out or waits
   * @param detail the step that it is at, or what it waits for
   */
  record Open(
      String id,
      WorkflowKey workflow,
      String type,
      String issuer,
      boolean waits,
      long since,
      String detail) {

    static List<Open> of(WorkflowStatus status) {
      WorkflowKey key = new WorkflowKey(status.keyspace(), status.workflow());
      List<Open> open = new ArrayList<>();
      for (InFlight running : status.allInFlight()) {
        String step = running.step().isEmpty() ? "not begun yet" : "step " + running.step();
        open.add(
            new Open(
                running.commandId(),
                key,
                running.commandType(),
                running.issuer(),
                false,
                running.admittedAt(),
                step));
      }
      for (Waiting waiting : status.waiting()) {
        String until =
            waiting.beginBefore() == 0
                ? ""
                : ", not begun after " + Instant.ofEpochMilli(waiting.beginBefore());
        open.add(
            new Open(
                waiting.commandId(),
                key,
                waiting.commandType(),
                waiting.issuer(),
                true,
                waiting.since(),
                "behind " + waiting.behind() + until));
      }
      return open;
    }
  }

  @Override
  public Integer call() {
    WorkflowKey only = key(workflow);
    List<Open> open;
    try (Connection connection = kafka.connect();
        WorkflowTable table = new WorkflowTable(connection)) {
      table.start(FIRST_READ);
      open = open(table, only);
    }
    open.forEach(one -> out().println(kafka.json() ? json(tree(one)) : line(one)));
    if (open.isEmpty() && !kafka.json()) {
      out().println("every command has ended");
    }
    return 0;
  }

  static List<Open> open(WorkflowTable table, @Nullable WorkflowKey only) {
    return table.all().stream()
        .flatMap(status -> Open.of(status).stream())
        .filter(one -> only == null || one.workflow().equals(only))
        .toList();
  }

  static String line(Open one) {
    return OneLine.of(
        "%s %s %s by %s %s since %s: %s"
            .formatted(
                one.id(),
                one.workflow(),
                one.type(),
                one.issuer(),
                one.waits() ? "waits" : "is carried out",
                Instant.ofEpochMilli(one.since()),
                one.detail()));
  }

  private static Map<String, Object> tree(Open one) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("commandId", one.id());
    tree.put("workflow", one.workflow().toString());
    tree.put("type", one.type());
    tree.put("issuer", one.issuer());
    tree.put("state", one.waits() ? "waiting" : "running");
    tree.put("since", one.since());
    tree.put("detail", one.detail());
    return tree;
  }
}
