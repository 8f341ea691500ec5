package dev.shunt.local.demo;

import dev.shunt.client.CommandResult;
import dev.shunt.client.ShuntClient;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.ReshardCreate;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.service.Durations;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/** The commands of the demo. */
final class DemoCommands {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final ShuntClient client;
  private long sent;

  DemoCommands(ShuntClient client) {
    this.client = client;
  }

  long sent() {
    return sent;
  }

  /**
   * Sends a command and waits for its end.
   *
   * @throws IllegalStateException when it was refused, failed, or did not end in time
   */
  CommandResult.Succeeded run(Command command, Consumer<Event> listener) {
    sent++;
    return switch (client.execute(command, PATIENCE, listener)) {
      case CommandResult.Succeeded succeeded -> succeeded;
      case CommandResult.Refused refused ->
          throw failed(command, "was refused: " + refused.code() + " " + refused.message());
      case CommandResult.Failed failed ->
          throw failed(command, "failed: " + failed.code() + " " + failed.message());
      case CommandResult.Pending pending ->
          throw failed(
              command,
              "had not ended after %s (%s)"
                  .formatted(
                      Durations.text(PATIENCE),
                      pending.admitted() ? "admitted" : "not even admitted"));
    };
  }

  private static IllegalStateException failed(Command command, String what) {
    return new IllegalStateException(command.getClass().getSimpleName() + " " + what);
  }

  static CommandHeader header(WorkflowKey workflow, String reason) {
    return new CommandHeader(
        UUID.randomUUID().toString(),
        workflow.keyspace(),
        workflow.workflow(),
        "demo",
        reason,
        null,
        false,
        System.currentTimeMillis());
  }

  static MoveTablesCreate create(WorkflowKey workflow, String source, List<String> tables) {
    return MoveTablesCreate.of(header(workflow, "move the shop to its own shards"), source)
        .with(draft -> {
          draft.includeTables = tables;
          draft.tabletTypes = List.of("PRIMARY");
          draft.deferSecondaryKeys = false;
        });
  }

  static ReshardCreate reshard(WorkflowKey workflow, List<String> from, List<String> to) {
    return ReshardCreate.of(
            header(workflow, "%d shard(s) become %d".formatted(from.size(), to.size())), from, to)
        .with(draft -> draft.tabletTypes = List.of("PRIMARY"));
  }

  static SwitchTraffic switchTraffic(
      WorkflowKey workflow, String reason, Direction direction, List<String> types) {
    return new SwitchTraffic(
        header(workflow, reason), types, List.of(), direction, 30_000, 30_000, true, false, false);
  }

  static VDiffCreate diff(WorkflowKey workflow, String reason) {
    return VDiffCreate.of(header(workflow, reason))
        .with(draft -> {
          draft.uuid = UUID.randomUUID().toString();
          draft.tabletTypes = List.of("PRIMARY");
        });
  }

  static MoveTablesComplete complete(WorkflowKey workflow) {
    return new MoveTablesComplete(header(workflow, "nobody wants to go back"), false, false, false);
  }
}
