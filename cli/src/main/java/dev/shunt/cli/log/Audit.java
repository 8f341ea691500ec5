package dev.shunt.cli.log;

import dev.shunt.client.AuditLog;
import dev.shunt.client.AuditQuery;
import dev.shunt.client.Connection;
import dev.shunt.client.EventRecord;
import dev.shunt.schemas.UndecodableException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code audit replay}. */
@Command(
    name = "audit",
    description = "Works with the log of what happened.",
    subcommands = Audit.Replay.class)
public final class Audit {
  /** Prints the events. */
  @Command(
      name = "replay",
      description = {
        "Prints every event from the beginning, in the order of its log, a line each.",
        "Says on the error stream where a record is no event, and ends with exit code 1 then."
      })
  static final class Replay extends LogVerb {
    @Option(
        names = {"-w", "--workflow"},
        defaultValue = "",
        paramLabel = "KEYSPACE.WORKFLOW",
        description = "Only events of this workflow.")
    String workflow = "";

    @Option(
        names = "--command",
        defaultValue = "",
        paramLabel = "UUID",
        description = "Only events of this command.")
    String command = "";

    @Option(
        names = "--since",
        defaultValue = "",
        paramLabel = "TIME",
        description = "Only events from then on, for instance 2026-11-22T05:48:37Z.")
    String since = "";

    @Option(
        names = "--until",
        defaultValue = "",
        paramLabel = "TIME",
        description = "Only events up to then.")
    String until = "";

    @Override
    public Integer call() {
      AuditQuery query =
          new AuditQuery(
              key(workflow),
              command.isEmpty() ? null : command,
              time("--since", since),
              time("--until", until));
      try (Connection connection = kafka.connect();
          AuditLog audit = new AuditLog(connection)) {
        List<UndecodableException> unreadable = new ArrayList<>();
        audit.replay(
            query,
            record -> {
              out().println(kafka.json() ? json(tree(record)) : EventLine.of(record));
              if (isReaderGone()) {
                throw new CancellationException();
              }
            },
            left -> {
              unreadable.add(left);
              err().println("Error: not an event, at " + left.getMessage());
            });
        return unreadable.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
      } catch (CancellationException _) {
        return CommandLine.ExitCode.OK; // nobody wants the rest
      }
    }

    private @Nullable Instant time(String flag, String text) {
      try {
        return text.isEmpty() ? null : Instant.parse(text);
      } catch (DateTimeParseException e) {
        throw refuse(flag + " is not a time like 2026-11-22T05:48:37Z: " + text);
      }
    }
  }

  private static Map<String, Object> tree(EventRecord record) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("partition", record.partition());
    tree.put("offset", record.offset());
    tree.put("type", record.event().getClass().getSimpleName());
    tree.put("event", record.event());
    return tree;
  }
}
