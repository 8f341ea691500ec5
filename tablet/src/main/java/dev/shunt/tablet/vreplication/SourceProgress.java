package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.Position;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import io.grpc.Status;
import java.time.Duration;

/**
 * Sees to it that a source's tablet has what the stream has. Rows of a snapshot that is older than
 * the stream would undo what was applied, for good.
 */
final class SourceProgress {
  /** A replica that is further behind than this is given up for another tablet. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private SourceProgress() {}

  /**
   * Waits until a tablet's server has a position.
   *
   * @throws SourceBehindException when it has not in ten seconds
   */
  static void await(TabletClient source, Position stream) {
    if (stream.isEmpty()) {
      return;
    }
    try {
      source.withDeadline(PATIENCE).waitForPosition(stream.encoded());
    } catch (TabletException e) {
      if (e.code() == Status.Code.DEADLINE_EXCEEDED) {
        throw new SourceBehindException(
            source, "it did not catch up within " + PATIENCE.toSeconds() + " s", stream, e);
      }
      // Whoever can't be asked refuses what is asked next, or its answer is looked at.
      if (e.code() != Status.Code.UNIMPLEMENTED) {
        throw e;
      }
    }
  }

  /**
   * Lets a snapshot pass that has everything the stream has.
   *
   * @throws SourceBehindException for another
   */
  static void demand(TabletClient source, Position snapshot, Position stream) {
    if (!snapshot.atLeast(stream)) {
      throw new SourceBehindException(
          source, "its snapshot is of " + snapshot.encoded(), stream, null);
    }
  }
}
