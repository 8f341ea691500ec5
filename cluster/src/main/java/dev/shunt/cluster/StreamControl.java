package dev.shunt.cluster;

import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import tabletmanagerdata.Tabletmanagerdata.CreateVReplicationWorkflowRequest;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowRequest;

/**
 * What commands do to the streams of one workflow on the primary of one shard. Each call blocks;
 * failures are the tablet's, as TabletException. Where a verb says that it fails as streams are
 * gone, that is a {@link StreamsGoneException}. Behind it stand calls to the tablet and SQL, or a
 * fake.
 */
public interface StreamControl {
  /** What it means that streams which are to be changed are not there. */
  enum IfGone {
    /** The change fails: somebody has deleted them, or the database is another one. */
    FAIL,
    /** There is no more to do, as where something is taken back or behind a decision. */
    ACCEPT
  }

  /** Name of the workflow. */
  String workflow();

  /** The same with a limit for each call. */
  StreamControl within(Duration limit);

  /** The streams, with what they have in common; empty when there are none. */
  Optional<ReadVReplicationWorkflowResponse> read();

  /** Writes streams, stopped. */
  void create(CreateVReplicationWorkflowRequest request);

  /** Changes all streams in the way of a tablet's own call. */
  void update(UpdateVReplicationWorkflowRequest request);

  /** Sets the state of all streams; it is theirs from then on, whatever stopped them before. */
  default void setState(VReplicationWorkflowState state) {
    update(StreamUpdates.update(workflow()).setState(state).build());
  }

  /**
   * Removes the streams, with what diffs left of them.
   *
   * @return whether any was there
   */
  boolean delete();

  /** Waits until a stream has applied everything up to a position; fails when it is stopped. */
  void awaitPosition(int id, String position);

  /** Whether one of these streams still copies a table. */
  boolean copying(Collection<Integer> ids);

  // --- start and stop ------------------------------------------------------------------------

  /**
   * Stops the streams for a switch.
   *
   * @param count how many there are
   */
  void stopForCutover(int count, IfGone ifGone);

  /** Starts again what {@link #stopForCutover} stopped, as far as it is there. */
  void startAfterCutover();

  /** Starts the streams; fails when there are fewer than this. */
  void start(int count);

  /** Starts one stream, without a position at which it would stop; fails when it is gone. */
  void startWithoutEnd(int id);

  /** Stops one stream, if it is there, as somebody who wants it to stay so. */
  void stop(int id);

  /** As {@link #startWithoutEnd}, if it is there. */
  void resume(int id);

  /** Marks the streams as those of a switch that is finished; fails when there are fewer. */
  void freeze(int count);

  /**
   * Stops the streams for a diff, but those that a switch has stopped or written, which stay its
   * own; fails when there are fewer streams.
   */
  void stopForDiff(int count);

  /** Lets a stream that a diff stopped run to a position and no further. */
  void runTo(int id, String position);

  /**
   * Starts again what {@link #stopForDiff} and {@link #runTo} left, as far as it is there; what
   * somebody else has stopped since stays so.
   */
  void startAfterDiff(int count);

  // --- streams that are brought along when their shard is replaced ---------------------------

  /**
   * Stops those of the streams for a switch of the shard that they write which run without a
   * position at which they would stop; others are somebody else's. Fails when there are fewer
   * streams, but says nothing of their state.
   */
  void stopForMigration(int count);

  /** Lets a stream that was stopped so run to a position and no further. */
  void runToForMigration(int id, String position);

  /** Takes a stream that has stopped at such a position for stopped as by the first verb again. */
  void standForMigration(int id, String position);

  /**
   * Starts again what {@link #stopForMigration} and {@link #runToForMigration} left, as far as it
   * is there; what somebody else has stopped since stays so.
   */
  void startAfterMigration(int count);

  /**
   * Starts drafts, as far as they are there: those of ours and those of other tools, which are
   * stopped without a message.
   */
  void startDrafts();

  // --- the decision of a switch --------------------------------------------------------------

  /**
   * In one transaction: streams in place of any of the workflow's, and a journal. Fails with
   * MySQL's 1062, and with INVALID_ARGUMENT where the tablet takes no transactions; nothing has
   * changed then.
   */
  void replaceWithJournal(List<NewStream> streams, long key, Journal journal);

  /** Streams ahead of their journal, beside any of the workflow's; in place of earlier drafts. */
  void draft(List<NewStream> streams);

  /** Removes drafts; what else has the workflow's name stays. */
  void deleteDrafts();

  /** Removes frozen streams; what else has the workflow's name stays. */
  void deleteFrozen();
}
