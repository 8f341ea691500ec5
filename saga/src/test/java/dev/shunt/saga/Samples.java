package dev.shunt.saga;

import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowKey;
import java.time.Duration;

/** Tasks and settings for tests. */
final class Samples {
  static final SagaSettings QUICK =
      new SagaSettings(
          Duration.ofSeconds(4),
          Duration.ofSeconds(1),
          3,
          Duration.ofMillis(1),
          Duration.ofMillis(5));

  private Samples() {}

  static Task task(String workflow, String commandId) {
    CommandHeader header =
        new CommandHeader(commandId, "customer", workflow, "tester", "", null, false, 1);
    return new Task(
        new WorkflowKey("customer", workflow), new WorkflowDelete(header, false, false), 0, 1);
  }
}
