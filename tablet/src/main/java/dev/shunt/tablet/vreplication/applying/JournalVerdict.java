package dev.shunt.tablet.vreplication.applying;

import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.MigrationType;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.tablet.TabletIdentity;
import java.util.Set;

/**
 * What a journal, by which traffic was switched away from what a stream reads, is to the stream.
 */
sealed interface JournalVerdict {
  String ANEW = ": delete it and create it anew";

  /** It is about other tables. */
  record Pass() implements JournalVerdict {}

  /** The stream ends there. */
  record Stop(String message) implements JournalVerdict {}

  /** The stream goes on from the shards that the journal names. */
  record Follow() implements JournalVerdict {}

  /**
   * Judges a journal.
   *
   * @param tablet where the stream is
   * @param type kind of its workflow
   * @param sources tables of the source that it reads
   * @param copying whether its copy is not finished
   * @param placedBySource whether it reads a key range by what places rows in the source keyspace
   */
  static JournalVerdict of(
      Journal journal,
      TabletIdentity tablet,
      VReplicationWorkflowType type,
      Set<String> sources,
      boolean copying,
      boolean placedBySource) {
    if (ofTables(journal)) {
      long concerned = sources.stream().filter(journal.getTablesList()::contains).count();
      if (concerned == 0) {
        return new Pass();
      }
      if (concerned < sources.size()) {
        return new Stop("unable to handle journal event: tables were partially matched");
      }
    }
    String moved = "the source of this stream was moved by journal " + journal.getId();
    if (isOfItsSwitch(journal, tablet, type)) {
      return new Stop(moved);
    }
    if (copying) {
      return new Stop(moved + " before its copy was finished" + ANEW);
    }
    return ofTables(journal) ? otherKeyspace(journal, moved, placedBySource) : new Follow();
  }

  /** Tables that have gone to another keyspace may be spread otherwise there. */
  private static JournalVerdict otherKeyspace(
      Journal journal, String moved, boolean placedBySource) {
    if (journal.getShardGtidsCount() > 1) {
      return new Stop(
          moved
              + " to several shards, and a row of a reference table would come from each of them"
              + ANEW);
    }
    return placedBySource
        ? new Stop(
            moved + " to another keyspace, which places rows otherwise than its rules say" + ANEW)
        : new Follow();
  }

  private static boolean ofTables(Journal journal) {
    return journal.getMigrationType() == MigrationType.TABLES;
  }

  /** Whether it was this stream whose traffic was switched: its tablet serves now. */
  private static boolean isOfItsSwitch(
      Journal journal, TabletIdentity tablet, VReplicationWorkflowType type) {
    boolean switches =
        ofTables(journal)
            ? type == VReplicationWorkflowType.MoveTables
                || type == VReplicationWorkflowType.Migrate
            : type == VReplicationWorkflowType.Reshard;
    return switches
        && journal.getShardGtidsList().stream()
            .anyMatch(target ->
                target.getKeyspace().equals(tablet.keyspace())
                    && target.getShard().equals(tablet.shard()));
  }
}
