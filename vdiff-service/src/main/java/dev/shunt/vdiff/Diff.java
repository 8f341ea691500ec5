package dev.shunt.vdiff;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Failures;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunAgainException;
import dev.shunt.saga.RunHistory;
import dev.shunt.saga.SagaSettings;
import dev.shunt.saga.StoppedException;
import dev.shunt.saga.Success;
import dev.shunt.schemas.DiffState;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.vdiff.comparing.DiffReport;
import dev.shunt.vdiff.comparing.ReportSettings;
import dev.shunt.vdiff.comparing.TableComparison;
import dev.shunt.workflow.sql.SqlNames;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One run of one diff. */
final class Diff {
  private static final int MOST_ATTEMPTS = 3;

  private final Cluster cluster;
  private final VDiffCreate command;
  private final List<String> tables;
  private final SagaSettings settings;
  private final long waitingBytes;
  private final boolean begun;
  private final List<TableDiff> results;
  private final List<TableDiff> unpublished;
  private final Steering steering;
  private String failure = "it could not begin";

  /**
   * @param tables what is compared
   * @param history what earlier runs published, with the tables that they finished
   */
  Diff(
      Cluster cluster,
      VDiffCreate command,
      List<String> tables,
      RunHistory history,
      SagaSettings settings,
      long waitingBytes) {
    this.cluster = cluster;
    this.command = command;
    this.tables = tables;
    this.settings = settings;
    this.waitingBytes = waitingBytes;
    DiffProgress progress = DiffProgress.of(history);
    this.begun = progress.goesOn();
    this.results = new ArrayList<>(progress.finished());
    this.unpublished = begun ? progress.unpublished() : progress.finished();
    this.steering = new Steering(history, cluster.time());
  }

  /**
   * Emits that it has begun, unless an earlier run has and it goes on; where it begins anew, also
   * what was found before, which would be forgotten else. Returns what it compares.
   */
  String start(Run run, WorkflowView view) throws Exception {
    if (!begun) {
      run.emit(
          new VDiffStarted(
              run.header(),
              command.uuid(),
              tables,
              view.targets().stream().map(ShardPrimary::shard).toList(),
              limit(),
              tables.size() == cluster.tables(view).size()));
    }
    unpublished.forEach(
        result -> run.emit(new VDiffTableFinished(run.header(), command.uuid(), result)));
    return "%d tables".formatted(tables.size());
  }

  /** Emits that a diff which an earlier run began does not go on, with what was compared so far. */
  static void abandon(Run run, String why) {
    DiffProgress progress = DiffProgress.of(run.history());
    if (progress.goesOn()) {
      run.emit(
          new VDiffFinished(
              run.header(),
              progress.started().orElseThrow().uuid(),
              DiffState.ERROR.text(),
              rows(progress.finished()),
              mismatch(progress.finished()),
              why));
    }
  }

  /** Compares tables until all are or it is stopped; returns how many rows. */
  String compare(Run run) throws Exception {
    try {
      for (String table : tables) {
        if (!compare(run, table)) {
          break;
        }
      }
    } catch (Exception e) {
      throw failed(run, e);
    }
    return "%d rows".formatted(rows(results));
  }

  private Exception failed(Run run, Exception why) {
    if (run.stopRequested() && !(why instanceof RunAgainException)) {
      return new StoppedException("asked to stop");
    }
    failure = Failures.message(why);
    return why;
  }

  /** Emits that it has failed; by then its streams run again. */
  void fail(Run run) {
    run.emit(
        new VDiffFinished(
            run.header(),
            command.uuid(),
            DiffState.ERROR.text(),
            rows(results),
            mismatch(results),
            failure));
  }

  /** Emits how it ended, and words the outcome. */
  Success finish(Run run) {
    long rows = rows(results);
    boolean mismatch = mismatch(results);
    DiffState state = steering.stopped() ? DiffState.STOPPED : DiffState.COMPLETED;
    run.emit(new VDiffFinished(run.header(), command.uuid(), state.text(), rows, mismatch, ""));
    return Success.of(
        "VDiff %s of %s.%s %s%d rows: %s"
            .formatted(
                command.uuid(),
                command.header().keyspace(),
                command.header().workflow(),
                steering.stopped() ? "was stopped when it had compared " : "compared ",
                rows,
                mismatch ? "they differ" : "no differences"),
        Map.of(
            "uuid",
            command.uuid(),
            "state",
            state.text(),
            "has_mismatch",
            Boolean.toString(mismatch),
            "rows_compared",
            Long.toString(rows)));
  }

  private static long rows(List<TableDiff> results) {
    return results.stream().mapToLong(TableDiff::processedRows).sum();
  }

  private static boolean mismatch(List<TableDiff> results) {
    return results.stream()
        .anyMatch(result ->
            result.mismatchedRows() > 0
                || result.extraRowsSource() > 0
                || result.extraRowsTarget() > 0);
  }

  /** Compares a table; false when it was stopped before it had. */
  private boolean compare(Run run, String table) throws Exception {
    int failures = 0;
    while (steering.awaitTurn(run)) {
      run.checkStop();
      try {
        Optional<List<TableDiff>> found = attempt(run, table);
        if (found.isEmpty()) {
          continue; // broken off for a signal: from the table's beginning, if at all
        }
        for (TableDiff result : found.get()) {
          results.add(result);
          run.emit(new VDiffTableFinished(run.header(), command.uuid(), result));
        }
        run.flush();
        return true;
      } catch (TabletException e) {
        failures++;
        boolean again =
            command.autoRetry()
                && e.transientFailure()
                && failures < MOST_ATTEMPTS
                && !run.stopRequested();
        if (!again) {
          throw e;
        }
        run.pause(settings.backoff(failures));
      }
    }
    return false;
  }

  /** The results of the shards that have none yet; empty when a signal broke it off. */
  private Optional<List<TableDiff>> attempt(Run run, String table) throws Exception {
    List<Snapshots.Pair> pairs = new ArrayList<>();
    try {
      if (!run.underLock(() -> open(run, table, pairs), steering::goesOn)) {
        return Optional.empty();
      }
      return run.takingSignals(
          () -> Parallel.map(pairs, pair -> compare(run, pair, table)), steering::goesOn);
    } finally {
      pairs.forEach(Snapshots.Pair::close);
    }
  }

  /** Opens the snapshots of a table of the shards that have no result yet; under the lock. */
  private void open(Run run, String table, List<Snapshots.Pair> pairs) throws Exception {
    WorkflowView view = new ComparableStreams(cluster, command).running(run);
    List<ShardPrimary> open = unfinished(view, table);
    if (open.isEmpty()) {
      return;
    }
    if (command.updateTableStats()) {
      Parallel.each(open, shard -> analyze(shard, table));
    }
    pairs.addAll(new Snapshots(cluster, view, command, settings).open(run, table, open));
  }

  private List<ShardPrimary> unfinished(WorkflowView view, String table) {
    Set<String> done = new HashSet<>();
    for (TableDiff result : results) {
      if (result.table().equals(table)) {
        done.add(result.shard());
      }
    }
    return view.targets().stream().filter(shard -> !done.contains(shard.shard())).toList();
  }

  private void analyze(ShardPrimary shard, String table) {
    var unused =
        cluster
            .client(shard)
            .executeFetchAsDba(
                "analyze table %s.%s"
                    .formatted(SqlNames.quoted(shard.database()), SqlNames.quoted(table)),
                100);
  }

  private TableDiff compare(Run run, Snapshots.Pair pair, String table)
      throws InterruptedException {
    DiffReport report =
        new TableComparison(
                table,
                pair.sources(),
                pair.target(),
                new TableComparison.Limits(limit(), waitingBytes),
                new ReportSettings(
                    Math.min(command.maxExtraRowsToCompare(), sampleRows()),
                    command.maxReportSampleRows(),
                    command.onlyPks(),
                    command.debugQuery(),
                    command.columnTruncateAt()))
            .run(rows -> {
              run.checkStop();
              steering.pace().took(rows);
            });
    return new TableDiff(
        pair.shard().shard(),
        table,
        DiffState.COMPLETED.text(),
        report.processed(),
        report.matchingRows(),
        report.mismatchedRows(),
        report.extraRowsSource(),
        report.extraRowsTarget(),
        report.json());
  }

  private long sampleRows() {
    return command.maxReportSampleRows() < 1 ? Long.MAX_VALUE : command.maxReportSampleRows();
  }

  private long limit() {
    return command.limit() == Long.MAX_VALUE ? 0 : command.limit();
  }
}
