package dev.shunt.tablet.vreplication.applying;

import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The changes of a batch. Rows of tables with independent rows are known by their keys, so that
 * those which nobody else changes can be written before earlier batches have committed; everything
 * else is a text of statements in the source's order. Does not change any more.
 *
 * @param net what the changes of tables with independent rows come to
 * @param ordered the other statements
 * @param tables all tables that change
 * @param inSequence whether all of it has to wait for all that was before, and all that follows for
 *     it
 */
record Changes(
    List<NetChanges> net, SqlBuffer ordered, Set<TargetTable> tables, boolean inSequence) {
  Changes {
    net = List.copyOf(net);
    tables = Set.copyOf(tables);
  }

  /** Whether it changes a row. */
  private boolean has(RowKey key) {
    return net.stream().anyMatch(changes -> changes.has(key));
  }

  /** The rows that one of the others changes as well. */
  Set<RowKey> sharedWith(Iterable<Changes> others) {
    Set<RowKey> shared = new HashSet<>();
    for (Changes other : others) {
      for (NetChanges changes : net) {
        for (RowKey key : changes.keys()) {
          if (other.has(key)) {
            shared.add(key);
          }
        }
      }
    }
    return shared;
  }

  /** Writes the statements for all rows that are not shared. */
  void appendFree(SqlBuffer sql, Set<RowKey> shared) {
    net.forEach(changes -> changes.appendTo(sql, key -> !shared.contains(key)));
  }

  /** Writes all other statements. */
  void appendRest(SqlBuffer sql, Set<RowKey> shared) {
    if (ordered.size() > 0) {
      sql.append(ordered);
    }
    if (!shared.isEmpty()) {
      net.forEach(changes -> changes.appendTo(sql, shared::contains));
    }
  }

  /** Writes all statements. */
  void appendTo(SqlBuffer sql) {
    appendRest(sql, Set.of());
    appendFree(sql, Set.of());
  }
}
