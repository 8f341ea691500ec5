package dev.shunt.cli.vdiff;

import dev.shunt.cli.render.GoJson;
import dev.shunt.cli.render.Grid;
import dev.shunt.cli.vtctld.Format;
import dev.shunt.cli.workflows.Target;
import dev.shunt.tabletclient.ResultRow;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import vtctldata.Vtctldata;

/** Prints diffs as vtctldclient does. */
final class DiffPrinter {
  private static final List<String> LISTED =
      List.of("UUID", "Workflow", "Keyspace", "Shard", "State");

  private final PrintWriter out;
  private final Target target;
  private final boolean verbose;

  DiffPrinter(PrintWriter out, Target target, boolean verbose) {
    this.out = out;
    this.target = target;
    this.verbose = verbose;
  }

  /** Prints the answer to a show of all, the last, or one. */
  void show(String arg, Vtctldata.VDiffShowResponse answer) {
    if (arg.equals("all")) {
      list(answer);
      return;
    }
    String uuid =
        answer.getTabletResponsesMap().values().stream()
            .map(response -> response.getVdiffUuid())
            .filter(id -> !id.isEmpty())
            .findFirst()
            .orElse("");
    if (arg.equals("last") && uuid.isEmpty()) {
      out.println(
          json()
              ? "{}"
              : "No previous vdiff found for %s.%s".formatted(target.keyspace, target.workflow));
      return;
    }
    print(DiffSummary.of(target, arg.equals("last") ? uuid : arg, answer));
  }

  /** Prints one diff. */
  void print(DiffSummary summary) {
    out.println(json() ? GoJson.plain(tree(summary)) : text(summary));
    out.flush();
  }

  /** Prints what an action that has no answer did. */
  void action(String action, String status) {
    if (json()) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("Action", action);
      tree.put("Status", status);
      out.println(GoJson.plain(tree));
    } else {
      out.println("VDiff " + action + " " + status);
    }
  }

  private void list(Vtctldata.VDiffShowResponse answer) {
    List<Map<String, Object>> listings = new ArrayList<>();
    new TreeMap<>(answer.getTabletResponsesMap())
        .forEach((shard, response) -> {
          if (response.hasOutput()) {
            ResultRow.of(response.getOutput()).forEach(row -> listings.add(listing(row)));
          }
        });
    if (json()) {
      out.println(GoJson.plain(listings));
    } else if (listings.isEmpty()) {
      out.println("No vdiffs found for %s.%s".formatted(target.keyspace, target.workflow));
    } else {
      List<List<String>> rows = new ArrayList<>();
      rows.add(LISTED);
      listings.forEach(
          listing -> rows.add(listing.values().stream().map(String::valueOf).toList()));
      out.println(Grid.of(rows));
    }
  }

  private static Map<String, Object> listing(ResultRow row) {
    Map<String, Object> listing = new LinkedHashMap<>();
    listing.put("UUID", row.text("vdiff_uuid"));
    listing.put("Workflow", row.text("workflow"));
    listing.put("Keyspace", row.text("keyspace"));
    listing.put("Shard", row.text("shard"));
    listing.put("State", row.text("state"));
    return listing;
  }

  private Map<String, Object> tree(DiffSummary summary) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("Workflow", summary.workflow);
    tree.put("Keyspace", summary.keyspace);
    tree.put("State", summary.state);
    tree.put("UUID", summary.uuid);
    tree.put("RowsCompared", summary.rowsCompared);
    tree.put("HasMismatch", summary.mismatch);
    tree.put("Shards", String.join(",", summary.shards));
    putUnlessEmpty(tree, "StartedAt", summary.startedAt);
    putUnlessEmpty(tree, "CompletedAt", summary.completedAt);
    if (verbose || summary.mismatch) {
      putUnlessEmpty(tree, "ShardSummaries", shards(summary));
      putUnlessEmpty(tree, "TableSummary", tables(summary.tables, false));
      putUnlessEmpty(tree, "Reports", reports(summary));
    }
    putUnlessEmpty(tree, "Errors", summary.errors);
    if (summary.state.equals("started")) {
      tree.put("Progress", progress(summary));
    }
    return tree;
  }

  private static Map<String, Object> progress(DiffSummary summary) {
    Map<String, Object> progress = new LinkedHashMap<>();
    progress.put("Percentage", summary.percentage());
    putUnlessEmpty(progress, "ETA", Eta.of(summary));
    return progress;
  }

  private static Map<String, Object> shards(DiffSummary summary) {
    Map<String, Object> shards = new TreeMap<>();
    summary.byShard.forEach((name, tally) -> {
      Map<String, Object> shard = new LinkedHashMap<>();
      shard.put("State", tally.state);
      putUnlessEmpty(shard, "StartedAt", tally.startedAt);
      putUnlessEmpty(shard, "CompletedAt", tally.completedAt);
      putUnlessEmpty(shard, "LastError", tally.error);
      putUnlessEmpty(shard, "TableStates", tables(tally.tables, true));
      shards.put(name, shard);
    });
    return shards;
  }

  private static Map<String, Object> tables(Map<String, TableTally> tallies, boolean ofShard) {
    Map<String, Object> tables = new TreeMap<>();
    tallies.forEach((name, tally) -> tables.put(name, tally.json(ofShard)));
    return tables;
  }

  private static Map<String, Object> reports(DiffSummary summary) {
    Map<String, Object> reports = new TreeMap<>();
    summary.reports.forEach((table, byShard) -> {
      Map<String, Object> shards = new TreeMap<>();
      byShard.forEach((shard, report) -> shards.put(shard, DiffSummary.plain(report)));
      reports.put(table, shards);
    });
    return reports;
  }

  private String text(DiffSummary summary) {
    StringBuilder text =
        new StringBuilder(
            "\nVDiff Summary for %s.%s (%s)\nState:        %s\n"
                .formatted(summary.keyspace, summary.workflow, summary.uuid, summary.state));
    summary.errors.forEach((shard, error) ->
        text.append("              Error: (shard %s) %s\n".formatted(shard, error)));
    text.append("RowsCompared: ").append(summary.rowsCompared);
    text.append("\nHasMismatch:  ").append(summary.mismatch);
    text.append("\nStartedAt:    ").append(summary.startedAt).append('\n');
    if (summary.state.equals("started")) {
      String eta = Eta.of(summary);
      text.append(
          "Progress:     %.2f%%%s\n"
              .formatted(summary.percentage(), eta.isEmpty() ? "" : ", ETA: " + eta));
    }
    if (!summary.completedAt.isEmpty()) {
      text.append("CompletedAt:  ").append(summary.completedAt).append('\n');
    }
    if (verbose || summary.mismatch) {
      summary.tables.values().forEach(table -> append(text, table));
    }
    return text.append(" \nUse \"--format=json\" for more detailed output.\n").toString();
  }

  private static void append(StringBuilder text, TableTally table) {
    text.append(" \nTable ").append(table.table);
    text.append(":\n\tState:            ").append(table.state);
    text.append("\n\tProcessedRows:    ").append(table.rowsCompared);
    text.append("\n\tMatchingRows:     ").append(table.matching).append('\n');
    appendUnlessZero(text, "\tMismatchedRows:   ", table.mismatched);
    appendUnlessZero(text, "\tExtraRowsSource:  ", table.extraSource);
    appendUnlessZero(text, "\tExtraRowsTarget:  ", table.extraTarget);
  }

  private static void appendUnlessZero(StringBuilder text, String label, long count) {
    if (count != 0) {
      text.append(label).append(count).append('\n');
    }
  }

  private static void putUnlessEmpty(Map<String, Object> tree, String name, Object value) {
    boolean empty =
        value instanceof String text ? text.isEmpty() : value instanceof Map<?, ?> m && m.isEmpty();
    if (!empty) {
      tree.put(name, value);
    }
  }

  private boolean json() {
    return target.format == Format.JSON;
  }
}
