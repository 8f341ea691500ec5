package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.TableDiff;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * Keeps the status of a workflow below what Kafka takes as one record (8 MiB): a status that grew
 * beyond it could neither be stored nor told, and admission would stand still. Streams and diffs
 * have a budget each, as the two parts of a status must not depend on each other; the tables of a
 * workflow come in one event of at most 2 MiB. Sizes are upper bounds of the encoded bytes.
 */
final class StatusSize {
  /** Of all streams together, beyond which one is kept without its source. */
  static final long STREAMS = 7L * 512 * 1024;

  /** Of all streams together, those without their source included. */
  static final long STREAMS_AT_MOST = STREAMS + 1024 * 1024;

  /** Of all diffs together. */
  static final long DIFFS = 1024 * 1024;

  /** Characters of a sentence of an error or an outcome. */
  static final int LONGEST_SENTENCE = 16 * 1024;

  private static final String CUT = "...";
  private static final long FIXED = 128;

  private StatusSize() {}

  static long of(StreamStatus stream) {
    long texts =
        Stream.of(
                stream.shard(),
                stream.tablet(),
                stream.source(),
                stream.position(),
                stream.stopPosition(),
                stream.state(),
                stream.message(),
                stream.dbName(),
                stream.componentThrottled(),
                stream.tags(),
                stream.cells(),
                stream.tabletTypes(),
                stream.options())
            .mapToLong(StatusSize::of)
            .sum();
    return FIXED + texts + ofCopyStates(stream.copyStates());
  }

  private static long ofCopyStates(List<CopyState> states) {
    return states.stream().mapToLong(state -> of(state.table()) + of(state.lastPk())).sum();
  }

  /** A diff without its tables. */
  static long ofHead(DiffStatus diff) {
    return FIXED
        + of(diff.uuid())
        + of(diff.state())
        + of(diff.error())
        + of(diff.commandId())
        + diff.beside().stream().mapToLong(StatusSize::of).sum();
  }

  /** Tables of a diff without their reports. */
  static long ofTables(Collection<TableDiff> tables) {
    return tables.stream().mapToLong(StatusSize::ofTable).sum();
  }

  /** A table of a diff on a shard without its report. */
  static long ofTable(TableDiff table) {
    return FIXED + of(table.shard()) + of(table.table()) + of(table.state());
  }

  /** Bytes of a text in UTF-8 with its length. */
  static long of(String text) {
    long bytes = 5;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  /** A sentence, cut when it is longer than anybody reads. */
  static String sentence(String text) {
    return text.length() <= LONGEST_SENTENCE
        ? text
        : text.substring(0, LONGEST_SENTENCE - CUT.length()) + CUT;
  }
}
