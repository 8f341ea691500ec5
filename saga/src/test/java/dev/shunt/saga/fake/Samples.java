package dev.shunt.saga.fake;

import dev.shunt.saga.SagaSettings;
import dev.shunt.saga.Task;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowKey;
import java.time.Duration;
import java.util.List;

/** Tasks and settings for tests. */
public final class Samples {
  public static final SagaSettings QUICK =
      new SagaSettings(
          Duration.ofSeconds(4),
          Duration.ofSeconds(1),
          Duration.ofSeconds(1),
          3,
          Duration.ofMillis(1),
          Duration.ofMillis(5),
          Duration.ofSeconds(2));

  private Samples() {}

  /** Header of a command for customer.c2c. */
  public static CommandHeader header(String commandId) {
    return header(commandId, "c2c");
  }

  /** Header for a workflow of customer. */
  public static CommandHeader header(String commandId, String workflow) {
    return new CommandHeader(commandId, "customer", workflow, "tester", "", null, false, 1);
  }

  /** Header of a dry run for customer.c2c. */
  public static CommandHeader dryRun(String commandId) {
    return new CommandHeader(commandId, "customer", "c2c", "tester", "", null, true, 1);
  }

  /** A command that moves tables from commerce to customer.c2c. */
  public static MoveTablesCreate create(String commandId, String... tables) {
    return MoveTablesCreate.of(header(commandId), "commerce")
        .with(draft -> {
          draft.allTables = tables.length == 0;
          draft.includeTables = List.of(tables);
          draft.deferSecondaryKeys = false;
        });
  }

  /** The command, with foreign keys left out on the target. */
  public static MoveTablesCreate withoutForeignKeys(MoveTablesCreate create) {
    return create.with(draft -> draft.dropForeignKeys = true);
  }

  /** The command, with a time zone of the source. */
  public static MoveTablesCreate withTimeZone(MoveTablesCreate create, String zone) {
    return create.with(draft -> draft.sourceTimeZone = zone);
  }

  public static Task task(String workflow, String commandId) {
    CommandHeader header =
        new CommandHeader(commandId, "customer", workflow, "tester", "", null, false, 1);
    return new Task(
        new WorkflowKey("customer", workflow), new WorkflowDelete(header, false, false), 0, 1);
  }
}
