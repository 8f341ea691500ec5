package dev.shunt.topowatcher;

import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.StreamStatus;
import java.util.List;

/** What of a stream is worth a report. */
final class Streams {
  private Streams() {}

  /** The status without what changes while nothing happens. */
  static StreamStatus withoutTimes(StreamStatus status) {
    return with(status, status.position(), status.rowsCopied(), status.copyStates());
  }

  /** The status without what changes while the stream just goes on. */
  static StreamStatus withoutProgress(StreamStatus status) {
    return with(
        status,
        "",
        0,
        status.copyStates().stream().map(state -> new CopyState(state.table(), "")).toList());
  }

  private static StreamStatus with(
      StreamStatus status, String position, long rowsCopied, List<CopyState> copyStates) {
    return new StreamStatus(
        status.shard(),
        status.tablet(),
        status.id(),
        status.source(),
        position,
        status.stopPosition(),
        status.state(),
        status.message(),
        status.dbName(),
        0,
        0,
        0,
        0,
        "",
        rowsCopied,
        status.tags(),
        status.cells(),
        status.tabletTypes(),
        status.workflowType(),
        status.workflowSubType(),
        status.deferSecondaryKeys(),
        status.options(),
        copyStates);
  }
}
