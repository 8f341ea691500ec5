package dev.shunt.command.reading;

import dev.shunt.tabletclient.ResultRow;
import dev.shunt.topo.Topo;
import io.vitess.proto.Topodata;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import vtctldata.Vtctldata;

/**
 * How far the copy of each table is that has not ended: the databases' own estimates of rows and
 * bytes on both sides, as Vitess; percentages stop at 100.
 */
final class CopyProgress {
  private final Topo topo;
  private final TabletAccess tablets;

  CopyProgress(Topo topo, TabletAccess tablets) {
    this.topo = topo;
    this.tablets = tablets;
  }

  /** Rows and bytes that a database says a table has. */
  private record Size(long rows, long bytes) {
    static final Size NONE = new Size(0, 0);

    Size plus(Size other) {
      return new Size(rows + other.rows, bytes + other.bytes);
    }
  }

  /** Progress by table, sorted; empty outside the copy phase. */
  SortedMap<String, Vtctldata.WorkflowStatusResponse.TableCopyState> of(
      Collection<StreamAnswer> streams, Collection<Topodata.Tablet> targets) {
    SortedSet<String> tables = new TreeSet<>();
    Set<String> sourceShards = new HashSet<>();
    String sourceKeyspace = "";
    for (StreamAnswer view : streams) {
      if (!view.status().copyStates().isEmpty()) {
        view.status().copyStates().forEach(copy -> tables.add(copy.table()));
        sourceShards.add(view.source().getShard());
        sourceKeyspace = view.source().getKeyspace();
      }
    }
    SortedMap<String, Vtctldata.WorkflowStatusResponse.TableCopyState> progress = new TreeMap<>();
    if (tables.isEmpty()) {
      return progress;
    }
    String keyspace = sourceKeyspace;
    List<Topodata.Tablet> sources =
        sourceShards.stream().flatMap(shard -> topo.primary(keyspace, shard).stream()).toList();
    Map<String, Size> copied = sizes(targets, tables);
    Map<String, Size> total = sizes(sources, tables);
    for (String table : tables) {
      progress.put(
          table,
          state(copied.getOrDefault(table, Size.NONE), total.getOrDefault(table, Size.NONE)));
    }
    return progress;
  }

  private Map<String, Size> sizes(Collection<Topodata.Tablet> of, Collection<String> tables) {
    Map<String, Size> sum = new HashMap<>();
    for (Map<String, Size> part : FanOut.map(of, tablet -> sizes(tablet, tables))) {
      part.forEach((table, size) -> sum.merge(table, size, Size::plus));
    }
    return sum;
  }

  private Map<String, Size> sizes(Topodata.Tablet tablet, Collection<String> tables) {
    String sql =
        ("select table_name as table_name, table_rows as table_rows, data_length as data_length"
                + " from information_schema.tables where table_schema = %s and table_name in (%s)")
            .formatted(
                literal(database(tablet)),
                tables.stream().map(CopyProgress::literal).collect(Collectors.joining(",")));
    Map<String, Size> sizes = new HashMap<>();
    for (ResultRow row : ResultRow.of(tablets.query(tablet, sql, tables.size()))) {
      sizes.put(
          row.text("table_name"), new Size(row.number("table_rows"), row.number("data_length")));
    }
    return sizes;
  }

  private static Vtctldata.WorkflowStatusResponse.TableCopyState state(Size copied, Size total) {
    return Vtctldata.WorkflowStatusResponse.TableCopyState.newBuilder()
        .setRowsCopied(copied.rows())
        .setRowsTotal(total.rows())
        .setRowsPercentage(percent(copied.rows(), total.rows()))
        .setBytesCopied(copied.bytes())
        .setBytesTotal(total.bytes())
        .setBytesPercentage(percent(copied.bytes(), total.bytes()))
        .build();
  }

  private static float percent(long part, long whole) {
    return whole == 0 ? 0 : Math.min(100f, 100f * part / whole);
  }

  private static String database(Topodata.Tablet tablet) {
    return tablet.getDbNameOverride().isEmpty()
        ? "vt_" + tablet.getKeyspace()
        : tablet.getDbNameOverride();
  }

  private static String literal(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
  }
}
