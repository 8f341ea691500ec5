package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.TableDiff;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * Keeps each record of the status of a workflow below what Kafka takes (8 MiB): one that grew
 * beyond it could neither be stored nor published, and admission would stand still. Sizes are upper
 * bounds of the encoded bytes.
 *
 * <p>The summary has diffs, the names of target shards with streams, the names of what these read
 * where no command created the workflow, and tables, which then come in one event of at most 2 MiB.
 * Each of these has a budget of its own, as the part of a status that comes of events and the one
 * that comes of reports must not depend on each other. Names of shards and of what is read may
 * stand there twice. The streams of a target shard have a record to themselves.
 *
 * <p>So 65,536 streams fit, be it 256 of up to 24 KiB each into every one of 256 shards or one into
 * every one of 65,536 shards. Streams beyond a budget are shortened, and those beyond even that are
 * left out.
 */
public final class StatusSize {
  /** Of the streams of a target shard, beyond which one is kept without its source. */
  static final long STREAMS = 6L * 1024 * 1024;

  /** Of the streams of a target shard, those without their source included. */
  static final long STREAMS_AT_MOST = STREAMS + 1024 * 1024;

  /** Of the names of all target shards with streams. */
  static final long SHARDS = 1536 * 1024;

  /** Characters of the name of a shard; it stands in a key as well. */
  static final int LONGEST_SHARD = 512;

  /** Of the names of all that the streams of a workflow read. */
  static final long SOURCES = 1024 * 1024;

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

  /** A name with how often it was counted. */
  static long ofCounted(String name) {
    return 5 + of(name);
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
  public static String sentence(String text) {
    return text.length() <= LONGEST_SENTENCE
        ? text
        : text.substring(0, LONGEST_SENTENCE - CUT.length()) + CUT;
  }
}
