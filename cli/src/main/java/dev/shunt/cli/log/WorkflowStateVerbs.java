package dev.shunt.cli.log;

import dev.shunt.cli.render.OneLine;
import dev.shunt.client.Connection;
import dev.shunt.client.WorkflowTable;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code workflows watch}. */
@Command(
    name = "workflows",
    description = "Works with the states of workflows.",
    subcommands = WorkflowStateVerbs.Watch.class)
public final class WorkflowStateVerbs {
  private static final Duration FIRST_READ = Duration.ofMinutes(1);

  /** Prints states as they change. */
  @Command(
      name = "watch",
      description = "Prints the state of each workflow, then each change, a line each.")
  static final class Watch extends LogVerb {
    @Option(
        names = {"-w", "--workflow"},
        defaultValue = "",
        paramLabel = "KEYSPACE.WORKFLOW",
        description = "Only this workflow.")
    String workflow = "";

    @Option(
        names = "--count",
        defaultValue = "0",
        paramLabel = "N",
        description = "End after this many lines (default: never).")
    int count;

    @Override
    @SuppressWarnings("try") // the subscription is only to be ended
    public Integer call() throws InterruptedException {
      WorkflowKey only = key(workflow);
      CountDownLatch left = new CountDownLatch(count == 0 ? 1 : count);
      try (Connection connection = kafka.connect();
          WorkflowTable table = new WorkflowTable(connection)) {
        table.start(FIRST_READ);
        try (WorkflowTable.Subscription unused =
            table.subscribe(change -> printChange(change, only, left))) {
          left.await();
        }
      }
      return 0;
    }

    private void printChange(
        WorkflowTable.Change change, @Nullable WorkflowKey only, CountDownLatch left) {
      boolean enough = count > 0 && left.getCount() == 0;
      if (enough || (only != null && !only.equals(change.key()))) {
        return;
      }
      out().println(kafka.json() ? json(tree(change)) : line(change));
      if (isReaderGone()) {
        while (left.getCount() > 0) {
          left.countDown();
        }
      } else if (count > 0) {
        left.countDown();
      }
    }
  }

  private static Map<String, @Nullable Object> tree(WorkflowTable.Change change) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("workflow", change.key().toString());
    tree.put("status", change.status());
    return tree;
  }

  static String line(WorkflowTable.Change change) {
    WorkflowStatus status = change.status();
    if (status == null) {
      return change.key() + " gone";
    }
    String streams =
        status.streams().stream()
            .collect(
                Collectors.groupingBy(StreamStatus::state, TreeMap::new, Collectors.counting()))
            .entrySet()
            .stream()
            .map(state -> state.getKey() + "=" + state.getValue())
            .collect(Collectors.joining(","));
    return OneLine.of(
        "%s %s version=%d phase=%s source=%s streams=%s rows_copied=%d writes=%s command=%s"
            .formatted(
                Instant.ofEpochMilli(status.updatedAt()).truncatedTo(ChronoUnit.MILLIS),
                change.key(),
                status.version(),
                status.phase(),
                orDash(status.sourceKeyspace()),
                orDash(streams),
                status.streams().stream().mapToLong(StreamStatus::rowsCopied).sum(),
                status.writesSwitched() ? "target" : "source",
                status.inFlight() == null ? "-" : status.inFlight().commandType()));
  }

  private static String orDash(String text) {
    return text.isEmpty() ? "-" : text;
  }
}
