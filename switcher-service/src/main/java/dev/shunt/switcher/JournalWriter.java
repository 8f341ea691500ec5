package dev.shunt.switcher;

import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.ShardGtid;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.NewStream;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.PrimaryControl;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamControl;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.FailedException;
import dev.shunt.saga.Failures;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunAgainException;
import dev.shunt.tabletclient.CallEffect;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.plan.SwitchAction;
import dev.shunt.workflow.streams.MigrationId;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the decision of a switch: on each source primary, in one transaction, the reverse streams
 * in place of any of their name, and the journal. The first journal decides. Where the tablet takes
 * one statement a call (a stock vttablet) the streams come first, as drafts, and the journal last.
 */
final class JournalWriter {
  /** MySQL's error number of a duplicate key. */
  private static final int DUPLICATE = 1062;

  private final Cluster cluster;
  private final WorkflowView view;
  private final ReverseStreams reverse;
  private final StockTablets stock;

  /**
   * @param stock which tablets are stock; to be probed before anything is written
   */
  JournalWriter(Cluster cluster, WorkflowView view, ReverseStreams reverse, StockTablets stock) {
    this.cluster = cluster;
    this.view = view;
    this.reverse = reverse;
    this.stock = stock;
  }

  /** How a write ended. */
  enum Result {
    WRITTEN,
    NOT_WRITTEN,
    UNKNOWN
  }

  private record Attempt(Result result, @Nullable RuntimeException failure) {}

  /** Journals that stand, by source shard. */
  Map<String, Journal> read() throws Exception {
    return WayBack.journals(cluster, view.migrationId(), view.sources());
  }

  /** Positions of the targets as a journal names them, by shard. */
  static Map<String, String> targetPositions(Journal journal) {
    Map<String, String> positions = new HashMap<>();
    for (ShardGtid gtid : journal.getShardGtidsList()) {
      positions.put(gtid.getShard(), gtid.getGtid());
    }
    return positions;
  }

  /** Words the statements once: refuses what can't be worded. */
  void rehearse() {
    reverse.rehearse();
  }

  /**
   * Writes the journals that are missing.
   *
   * @param standing source shards that have theirs
   * @throws FailedException when surely none was written
   * @throws RunAgainException when it is not known whether one was written
   */
  void write(
      Run run,
      Map<String, Journal> standing,
      Map<String, String> sourcePositions,
      Map<String, String> targetPositions)
      throws Exception {
    List<ShardPrimary> missing = new ArrayList<>(view.sources());
    missing.removeIf(source -> standing.containsKey(source.shard()));
    boolean decided = !standing.isEmpty();
    long began = run.clock().nanoTime();
    for (int attempt = 0; !missing.isEmpty(); attempt++) {
      if (attempt > 0) {
        Decided.pause(run, attempt);
      }
      long now = run.clock().instant().getEpochSecond();
      List<Attempt> attempts =
          Parallel.map(
              missing, source -> attempt(run, source, sourcePositions, targetPositions, now));
      decided |= attempts.stream().anyMatch(one -> one.result() == Result.WRITTEN);
      if (!decided) {
        throw failure(attempts);
      }
      passOnSuperseded(attempts);
      List<ShardPrimary> left = new ArrayList<>();
      for (int i = 0; i < attempts.size(); i++) {
        if (attempts.get(i).result() != Result.WRITTEN) {
          left.add(missing.get(i));
          RuntimeException why = attempts.get(i).failure();
          if (why != null) {
            Decided.failed(run, SwitchAction.WRITE_JOURNALS, why, began);
          }
        }
      }
      missing = left;
    }
    Decided.untilItHolds(run, SwitchAction.WRITE_JOURNALS, () -> cleanUp(run));
  }

  private Attempt attempt(
      Run run,
      ShardPrimary source,
      Map<String, String> sourcePositions,
      Map<String, String> targetPositions,
      long now) {
    PrimaryControl primary = cluster.control(source).withFence(run.fence());
    StreamControl control = primary.streams(view.reverseName());
    String position = sourcePositions.getOrDefault(source.shard(), "");
    Journal journal = reverse.journal(position, targetPositions);
    List<NewStream> streams = reverse.streams(source, targetPositions, now);
    try {
      if (!stock.contains(source)) {
        control.replaceWithJournal(streams, view.migrationId(), journal);
      } else {
        control.draft(streams);
        primary.writeJournal(view.migrationId(), journal);
      }
      return new Attempt(Result.WRITTEN, null);
    } catch (RuntimeException e) {
      boolean refused = judge(e) == Result.NOT_WRITTEN;
      if (refused && e instanceof TabletException tablet && tablet.mysqlErrno() == DUPLICATE) {
        return standsAlready(primary, source, streams, journal);
      }
      return new Attempt(judge(e), e);
    }
  }

  /**
   * A journal of the id stands. It may be our own; or that of another source shard whose database
   * is on the same server, for the table knows one journal an id: then it decides for both, and
   * this one stands under a key of its own, for those who read the shard.
   */
  private Attempt standsAlready(
      PrimaryControl primary, ShardPrimary source, List<NewStream> streams, Journal journal) {
    try {
      if (primary.journal(view.migrationId()).isEmpty()) {
        long key = MigrationId.beside(view.migrationId(), source.database());
        if (stock.contains(source)) { // whose streams were drafted
          primary.writeJournal(key, journal);
        } else {
          primary.streams(view.reverseName()).replaceWithJournal(streams, key, journal);
        }
      }
      return new Attempt(Result.WRITTEN, null);
    } catch (RuntimeException e) {
      return new Attempt(Result.UNKNOWN, e);
    }
  }

  /**
   * An answer of the tablet or its server that refuses is sure, unless it came after the COMMIT
   * went out; any other failure is not.
   */
  static Result judge(RuntimeException e) {
    if (!(e instanceof TabletException tablet) || tablet.effect() != CallEffect.NONE) {
      return Result.UNKNOWN;
    }
    if (tablet.mysqlErrno() >= 1000 && tablet.mysqlErrno() < 2000) {
      return Result.NOT_WRITTEN; // the server's own answer; numbers from 2000 on are of clients
    }
    return switch (tablet.code()) {
      case INVALID_ARGUMENT, FAILED_PRECONDITION, UNIMPLEMENTED, PERMISSION_DENIED ->
          Result.NOT_WRITTEN;
      default -> Result.UNKNOWN;
    };
  }

  private static Exception failure(List<Attempt> attempts) throws Exception {
    passOnSuperseded(attempts);
    RuntimeException first = null;
    boolean sure = true;
    for (Attempt attempt : attempts) {
      first = first == null ? attempt.failure() : first;
      sure &= attempt.result() == Result.NOT_WRITTEN;
    }
    RuntimeException cause = first == null ? new IllegalStateException("no attempt") : first;
    return sure
        ? new FailedException(
            Status.Code.ABORTED, "could not write the journal: " + Failures.message(cause), cause)
        : new RunAgainException("unknown whether a journal was written", cause);
  }

  private static void passOnSuperseded(List<Attempt> attempts) {
    attempts.forEach(attempt -> Decided.passOnSuperseded(attempt.failure()));
  }

  /** Where streams were drafted one by one: the frozen ones of that name are replaced by now. */
  private void cleanUp(Run run) throws Exception {
    Parallel.each(
        view.sources(),
        source -> {
          if (stock.contains(source)) {
            cluster.streams(source, view.reverseName(), run.fence()).deleteFrozen();
          }
        });
  }
}
