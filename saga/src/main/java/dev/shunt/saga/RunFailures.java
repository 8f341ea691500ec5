package dev.shunt.saga;

import dev.shunt.schemas.WorkflowKey;
import dev.shunt.service.Sentences;
import dev.shunt.topo.TopoException;
import io.grpc.Status;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs why runs end without an outcome: once for each new reason of a workflow, as they are run
 * again every few seconds, and once when there is an outcome after all. The stack trace is for what
 * nobody has put into a sentence.
 */
public final class RunFailures {
  private static final Logger log = LoggerFactory.getLogger(RunFailures.class);

  private final Map<WorkflowKey, String> last = new ConcurrentHashMap<>();

  /** A run has ended without an outcome. */
  public void ended(Task task, RuntimeException why) {
    if (TopoException.storeAway(why)) {
      return; // logged where the connection is kept
    }
    String reason = Failures.message(why);
    String said = task.commandId() + " " + Sentences.withoutNumbers(reason);
    if (said.equals(last.put(task.key(), said))) {
      return;
    }
    log.atWarn()
        .addKeyValue("workflow", task.key())
        .addKeyValue("command", task.commandId())
        .addKeyValue("reason", reason)
        .setCause(understood(why) ? null : why)
        .log("run ended without an outcome, to be run again until there is one");
  }

  private static boolean understood(RuntimeException why) {
    Throwable cause = why.getCause();
    return why instanceof RunAgainException
        ? cause == null || Failures.code(cause) != Status.Code.INTERNAL
        : Failures.code(why) != Status.Code.INTERNAL;
  }

  /** A run has ended with an outcome. */
  public void over(Task task) {
    if (last.remove(task.key()) != null) {
      log.atInfo()
          .addKeyValue("workflow", task.key())
          .addKeyValue("command", task.commandId())
          .log("run ended with an outcome after all");
    }
  }
}
