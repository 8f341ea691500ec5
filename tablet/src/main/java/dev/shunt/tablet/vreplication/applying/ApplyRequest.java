package dev.shunt.tablet.vreplication.applying;

import dev.shunt.mysql.Position;
import dev.shunt.tablet.vreplication.stream.StreamCopyState;
import dev.shunt.tablet.vreplication.stream.TableProgress;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How changes of the source are applied.
 *
 * @param leftOut target tables whose copy has not begun: their changes are not wanted yet
 * @param partlyCopied target tables in the middle of their copy, and how far it has come: a row
 *     that comes may be there
 * @param pauseAt end when this position is reached, leaving the state as it is; null for never
 * @param stopAt end when this position is reached, and set the state to Stopped; null for never
 * @param untilSecondsBehind end when the source's changes are no older; negative for never
 * @param foreignKeys whether foreign keys are checked as they were on the source
 * @param presenting as {@link StreamCopyState#presenting}, while something is to be copied; else
 *     empty
 */
public record ApplyRequest(
    Set<String> leftOut,
    Map<String, TableProgress> partlyCopied,
    @Nullable Position pauseAt,
    @Nullable Position stopAt,
    long untilSecondsBehind,
    boolean foreignKeys,
    String presenting) {
  public ApplyRequest {
    leftOut = Set.copyOf(leftOut);
    partlyCopied = Map.copyOf(partlyCopied);
  }

  /** Why it ended. */
  public enum End {
    /** The position to pause at is reached. */
    PAUSED,
    /** The source's changes are young enough. */
    CAUGHT_UP,
    /** The state is Stopped now. */
    STOPPED,
    /** A journal follows that the stream is to follow to other shards. */
    AT_JOURNAL,
    /** The target has more tables that the stream's patterns choose than it had. */
    MORE_TABLES,
    /** The controller was asked to end. */
    REQUESTED
  }

  /** Everything but some tables, for ever or up to a stop position. */
  public static ApplyRequest running(Set<String> leftOut, @Nullable Position stopAt) {
    return new ApplyRequest(leftOut, Map.of(), null, stopAt, -1, true, "");
  }

  /** The same, but it ends at a position, however old changes are. */
  public ApplyRequest pausingAt(Position position) {
    return new ApplyRequest(leftOut, partlyCopied, position, null, -1, foreignKeys, presenting);
  }
}
