package dev.shunt.cli.vdiff;

import dev.shunt.tabletclient.ResultRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tabletmanagerdata.Tabletmanagerdata.VDiffResponse;
import vtctldata.Vtctldata;

/**
 * A row of the summary result set that a shard answers VDiff show with: one for each table, or one
 * with an empty table name when there is none yet.
 */
record DiffRow(
    String shard,
    String diffState,
    String error,
    String table,
    String tableState,
    long tableRows,
    String startedAt,
    long rowsCompared,
    String completedAt,
    boolean mismatch,
    String report) {

  /** Rows of all shards that answered with output, sorted by shard. */
  static List<DiffRow> of(Vtctldata.VDiffShowResponse answer) {
    List<DiffRow> rows = new ArrayList<>();
    new TreeMap<>(answer.getTabletResponsesMap())
        .forEach((shard, response) -> {
          if (response.hasOutput()) {
            ResultRow.of(response.getOutput()).forEach(row -> rows.add(of(shard, row)));
          }
        });
    return rows;
  }

  /** Shards that answered with output, sorted. */
  static List<String> shards(Vtctldata.VDiffShowResponse answer) {
    return new TreeMap<>(answer.getTabletResponsesMap())
        .entrySet().stream()
            .filter(entry -> hasOutput(entry.getValue()))
            .map(Map.Entry::getKey)
            .toList();
  }

  private static boolean hasOutput(VDiffResponse response) {
    return response.hasOutput();
  }

  private static DiffRow of(String shard, ResultRow row) {
    return new DiffRow(
        shard,
        row.text("vdiff_state").toLowerCase(Locale.ROOT),
        row.text("last_error"),
        row.text("table_name"),
        row.text("table_state").toLowerCase(Locale.ROOT),
        row.number("table_rows"),
        row.text("started_at"),
        row.number("rows_compared"),
        row.text("completed_at"),
        row.number("has_mismatch") != 0,
        row.text("report"));
  }
}
