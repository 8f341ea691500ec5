package dev.shunt.topowatcher;

import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.StreamStatus;

/** What of a stream is worth a report. */
final class StatusComparison {
  private StatusComparison() {}

  /** The status without what changes while nothing happens. */
  static StreamStatus withoutTimes(StreamStatus status) {
    return status.with(draft -> {
      draft.transactionTimestamp = 0;
      draft.timeUpdated = 0;
      draft.timeHeartbeat = 0;
      draft.timeThrottled = 0;
      draft.componentThrottled = "";
    });
  }

  /** The status without what changes while the stream just goes on. */
  static StreamStatus withoutProgress(StreamStatus status) {
    return withoutTimes(status)
        .with(draft -> {
          draft.position = "";
          draft.rowsCopied = 0;
          draft.copyStates =
              status.copyStates().stream().map(state -> new CopyState(state.table(), "")).toList();
        });
  }
}
