package dev.shunt.tablet.vreplication.stream;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The state of a stream's copy, read once when an attempt at it begins, and presented by all that
 * the attempt writes: rows, notes, positions, ends. A write goes through only while the attempt is
 * the stream's latest; so what an earlier one had sent, such as a late COMMIT, is either in here or
 * never happens.
 *
 * @param stream the stream
 * @param attempt distinguishes attempts
 * @param presenting a statement that finds one row only while the attempt is the latest, and keeps
 *     later ones off until the end of its transaction
 * @param position where the stream stands; empty before its first snapshot
 * @param tables how far the unfinished tables have come
 * @param bases what the copies of tables stand on, as far as it was kept
 */
public record StreamCopyState(
    int stream,
    String attempt,
    String presenting,
    String position,
    List<TableProgress> tables,
    Map<String, CopyBasis> bases) {
  public StreamCopyState {
    tables = List.copyOf(tables);
    bases = Map.copyOf(bases);
  }

  /** The same with what was kept since. */
  public StreamCopyState with(String table, CopyBasis basis) {
    Map<String, CopyBasis> more = new LinkedHashMap<>(bases);
    more.put(table, basis);
    return new StreamCopyState(stream, attempt, presenting, position, tables, more);
  }
}
