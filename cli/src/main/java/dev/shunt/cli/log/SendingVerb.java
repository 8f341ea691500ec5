package dev.shunt.cli.log;

import dev.shunt.client.CommandResult;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.WorkflowKey;
import java.util.LinkedHashMap;
import java.util.Map;

/** A verb that puts a command on the log. */
abstract class SendingVerb extends LogVerb {
  /** Prints what became of a command; the exit code that says so. */
  final int printOutcome(Command command, CommandResult result) {
    String id = command.header().commandId();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("commandId", id);
    tree.put("workflow", WorkflowKey.of(command.header()).toString());
    tree.put("result", result.getClass().getSimpleName());
    switch (result) {
      case CommandResult.Succeeded done -> {
        tree.put("summary", done.summary());
        tree.put("lines", done.lines());
        tree.put("attributes", done.attributes());
        String lines = done.lines().isEmpty() ? "" : "\n" + String.join("\n", done.lines());
        print(tree, "command " + id + " succeeded: " + done.summary() + lines);
        return 0;
      }
      case CommandResult.Refused refused -> {
        tree.put("code", refused.code());
        tree.put("message", refused.message());
        print(tree, "command %s refused: %s: %s".formatted(id, refused.code(), refused.message()));
      }
      case CommandResult.Failed failed -> {
        tree.put("code", failed.code());
        tree.put("message", failed.message());
        print(tree, "command %s failed: %s: %s".formatted(id, failed.code(), failed.message()));
      }
      case CommandResult.Pending pending -> {
        tree.put("admitted", pending.admitted());
        print(
            tree,
            "command "
                + id
                + (pending.admitted()
                    ? " has not ended yet; it is still carried out"
                    : " has not begun; `shunt commands list` shows what it waits for, `shunt"
                        + " commands cancel "
                        + id
                        + "` takes it back"));
      }
    }
    return 1;
  }

  final void print(Object tree, String text) {
    out().println(kafka.json() ? json(tree) : text);
  }
}
