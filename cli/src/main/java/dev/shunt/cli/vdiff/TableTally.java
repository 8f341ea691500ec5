package dev.shunt.cli.vdiff;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts of one table: of one shard, or summed over shards. */
final class TableTally {
  final String table;
  String state = "unknown";
  long rowsCompared;
  long matching;
  long mismatched;
  long extraSource;
  long extraTarget;
  boolean mismatch;

  TableTally(String table) {
    this.table = table;
  }

  /** Adds what one shard reports; its error sticks, and completed replaces only unknown. */
  void add(DiffRow row, JsonNode report) {
    boolean keeps =
        state.equals("error") || (row.tableState().equals("completed") && !state.equals("unknown"));
    if (!keeps) {
      state = row.tableState();
    }
    rowsCompared += report.path("ProcessedRows").asLong();
    matching += report.path("MatchingRows").asLong();
    mismatched += report.path("MismatchedRows").asLong();
    extraSource += report.path("ExtraRowsSource").asLong();
    extraTarget += report.path("ExtraRowsTarget").asLong();
    mismatch |= row.mismatch();
  }

  Map<String, Object> json(boolean withMismatch) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("TableName", table);
    json.put("State", state);
    json.put("RowsCompared", rowsCompared);
    json.put("MatchingRows", matching);
    json.put("MismatchedRows", mismatched);
    json.put("ExtraRowsSource", extraSource);
    json.put("ExtraRowsTarget", extraTarget);
    if (withMismatch) {
      json.put("HasMismatch", mismatch);
    }
    return json;
  }
}
