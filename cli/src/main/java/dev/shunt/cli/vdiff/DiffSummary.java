package dev.shunt.cli.vdiff;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shunt.cli.workflows.Target;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import vtctldata.Vtctldata;

/** One diff, summed over shards and tables by vtctldclient's rules. */
final class DiffSummary {
  private static final ObjectMapper JSON = new ObjectMapper();

  final String keyspace;
  final String workflow;
  final String uuid;
  final List<String> shards;
  final SortedMap<String, TableTally> tables = new TreeMap<>();
  final SortedMap<String, ShardTally> byShard = new TreeMap<>();
  final SortedMap<String, SortedMap<String, JsonNode>> reports = new TreeMap<>();
  final SortedMap<String, String> errors = new TreeMap<>();
  String state = "unknown";
  String startedAt = "";
  String completedAt = "";
  long rowsCompared;
  long tableRows;
  boolean mismatch;

  /** What one shard says of the diff. */
  static final class ShardTally {
    String state = "";
    String startedAt = "";
    String completedAt = "";
    String error = "";
    final SortedMap<String, TableTally> tables = new TreeMap<>();
  }

  private DiffSummary(Target target, String uuid, Vtctldata.VDiffShowResponse answer) {
    this.keyspace = target.keyspace;
    this.workflow = target.workflow;
    this.uuid = uuid;
    this.shards = DiffRow.shards(answer);
    List<DiffRow> rows = DiffRow.of(answer);
    rows.forEach(this::add);
    state = state(rows);
    if (!state.equals("completed")) {
      completedAt = "";
    }
  }

  static DiffSummary of(Target target, String uuid, Vtctldata.VDiffShowResponse answer) {
    return new DiffSummary(target, uuid, answer);
  }

  /** Whether nothing more is to come. */
  boolean ended() {
    return state.equals("completed") || state.equals("stopped") || state.equals("error");
  }

  /** How much of the rows is compared, 0 to 100, two digits. */
  double percentage() {
    if (state.equals("completed")) {
      return 100;
    }
    if (rowsCompared < 1 || tableRows < 1) {
      return 0;
    }
    return Math.round(Math.min(100.0 * rowsCompared / tableRows, 100) * 100) / 100.0;
  }

  private void add(DiffRow row) {
    JsonNode report = parse(row.report());
    ShardTally shard = byShard.computeIfAbsent(row.shard(), name -> new ShardTally());
    if (shard.state.isEmpty()) {
      shard.state = row.diffState();
      shard.startedAt = row.startedAt();
      shard.completedAt = row.completedAt();
      shard.error = row.error();
      startedAt = startedAt.isEmpty() ? row.startedAt() : min(startedAt, row.startedAt());
      completedAt = completedAt.compareTo(row.completedAt()) > 0 ? completedAt : row.completedAt();
      if (!row.error().isEmpty()) {
        errors.put(row.shard(), row.error());
      }
    }
    rowsCompared += row.rowsCompared();
    tableRows += row.tableRows();
    mismatch |= row.mismatch();
    if (!row.table().isEmpty()) {
      tables.computeIfAbsent(row.table(), TableTally::new).add(row, report);
      shard.tables.computeIfAbsent(row.table(), TableTally::new).add(row, report);
      reports.computeIfAbsent(row.table(), name -> new TreeMap<>()).put(row.shard(), report);
    }
  }

  private String state(List<DiffRow> rows) {
    if (byShard.values().stream().anyMatch(shard -> shard.state.equals("stopped"))) {
      return "stopped";
    }
    if (byShard.values().stream().anyMatch(shard -> shard.state.equals("error"))
        || rows.stream().anyMatch(row -> row.tableState().equals("error"))) {
      return "error";
    }
    for (String running : List.of("started", "pending")) {
      if (rows.stream().anyMatch(row -> row.tableState().equals(running))) {
        return running;
      }
    }
    if (!rows.isEmpty() && rows.stream().allMatch(row -> row.tableState().equals("completed"))) {
      boolean all = byShard.values().stream().allMatch(shard -> shard.state.equals("completed"));
      return all ? "completed" : "started";
    }
    return "unknown";
  }

  private static String min(String a, String b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  private static JsonNode parse(String json) {
    try {
      return json.isEmpty() ? JSON.createObjectNode() : JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the server sent a malformed report: " + json, e);
    }
  }

  /** A report as maps and lists, its rows sorted by column. */
  static Object plain(JsonNode node) {
    return JSON.convertValue(node, Object.class) instanceof Map<?, ?> map ? map : Map.of();
  }
}
