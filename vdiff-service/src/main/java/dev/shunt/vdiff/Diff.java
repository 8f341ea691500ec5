package dev.shunt.vdiff;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Failures;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunHistory;
import dev.shunt.saga.SagaSettings;
import dev.shunt.saga.StopSignal;
import dev.shunt.saga.Success;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.TopoLock;
import dev.shunt.vdiff.comparing.DiffReport;
import dev.shunt.vdiff.comparing.ReportSettings;
import dev.shunt.vdiff.comparing.TableComparison;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.sql.SqlNames;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** One run of one diff. */
final class Diff {
  private static final int MOST_ATTEMPTS = 3;

  private final Cluster cluster;
  private final VDiffCreate command;
  private final SagaSettings settings;
  private final long waitingBytes;
  private final Supplier<TopoLock> locks;
  private final List<TableDiff> results = new ArrayList<>();
  private List<String> tables = List.of();

  /**
   * Describes it.
   *
   * @param locks takes the workflow's lock
   */
  Diff(
      Cluster cluster,
      VDiffCreate command,
      SagaSettings settings,
      long waitingBytes,
      Supplier<TopoLock> locks) {
    this.cluster = cluster;
    this.command = command;
    this.settings = settings;
    this.waitingBytes = waitingBytes;
    this.locks = locks;
  }

  private String keyspace() {
    return command.header().keyspace();
  }

  private String workflow() {
    return command.header().workflow();
  }

  /**
   * Under the lock: starts what a dead diff left stopped, checks the workflow, tells of the start.
   */
  void begin(Run run) throws Exception {
    cluster.vschema(keyspace());
    WorkflowView view = ready(run);
    tables = tables(view);
    results.addAll(finishedTables(run.history()));
    if (!begun(run.history())) {
      run.emit(
          new VDiffStarted(
              run.header(),
              command.uuid(),
              tables,
              view.targets().stream().map(ShardPrimary::shard).toList(),
              limit(),
              tables.size() == view.tables().size()));
      run.flush();
    }
  }

  /** Whether an earlier run told that the diff began. */
  static boolean begun(RunHistory history) {
    return history.events().stream().anyMatch(VDiffStarted.class::isInstance);
  }

  /** Tells that a diff which an earlier run began does not go on, with what was compared so far. */
  static void abandon(Run run, String why) {
    List<TableDiff> finished = finishedTables(run.history());
    for (Event event : run.history().events()) {
      if (event instanceof VDiffStarted started) {
        run.emit(
            new VDiffFinished(
                run.header(), started.uuid(), "error", rows(finished), mismatch(finished), why));
        return;
      }
    }
  }

  private static List<TableDiff> finishedTables(RunHistory history) {
    return history.events().stream()
        .filter(VDiffTableFinished.class::isInstance)
        .map(event -> ((VDiffTableFinished) event).result())
        .toList();
  }

  /** The workflow, its streams running. */
  private WorkflowView ready(Run run) throws Exception {
    WorkflowView view = cluster.requireWorkflow(keyspace(), workflow());
    if (view.frozen()) {
      throw Refusal.failedPrecondition(
              "invalid VDiff run: writes have been already been switched for workflow %s.%s",
              keyspace(), workflow())
          .exception();
    }
    StreamPause pause = new StreamPause(cluster, view);
    if (pause.left()) {
      pause.start(run);
      view = cluster.requireWorkflow(keyspace(), workflow());
    }
    boolean running =
        view.streams().stream()
            .allMatch(stream ->
                stream.stream().getState() == VReplicationWorkflowState.Running
                    && !stream.stream().getPos().isEmpty());
    if (!running) {
      throw Refusal.failedPrecondition(
              "not all streams are running in workflow %s.%s", keyspace(), workflow())
          .exception();
    }
    return view;
  }

  private List<String> tables(WorkflowView view) {
    if (command.tables().isEmpty()) {
      return view.tables();
    }
    Set<String> unknown = new TreeSet<>(command.tables());
    view.tables().forEach(unknown::remove);
    if (!unknown.isEmpty()) {
      throw Refusal.failedPrecondition(
              "no tables found to diff: workflow %s.%s has no %s",
              keyspace(), workflow(), String.join(",", unknown))
          .exception();
    }
    return List.copyOf(new TreeSet<>(command.tables()));
  }

  /** Compares all tables. */
  Success compare(Run run, StopSignal stop) throws Exception {
    for (String table : tables) {
      compare(run, stop, table);
    }
    long rows = rows(results);
    boolean mismatch = mismatch(results);
    run.emit(new VDiffFinished(run.header(), command.uuid(), "completed", rows, mismatch, ""));
    return Success.of(
        "VDiff %s of %s.%s compared %d rows: %s"
            .formatted(
                command.uuid(),
                keyspace(),
                workflow(),
                rows,
                mismatch ? "they differ" : "no differences"),
        Map.of(
            "uuid",
            command.uuid(),
            "has_mismatch",
            Boolean.toString(mismatch),
            "rows_compared",
            Long.toString(rows)));
  }

  /** Tells that the diff did not complete. */
  void failed(Run run, Exception why) {
    run.emit(
        new VDiffFinished(
            run.header(),
            command.uuid(),
            "error",
            rows(results),
            mismatch(results),
            Failures.message(why)));
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

  private void compare(Run run, StopSignal stop, String table) throws Exception {
    for (int attempt = 1; ; attempt++) {
      stop.check();
      try {
        for (TableDiff result : attempt(run, stop, table)) {
          results.add(result);
          run.emit(new VDiffTableFinished(run.header(), command.uuid(), result));
        }
        run.flush();
        return;
      } catch (TabletException e) {
        boolean again =
            command.autoRetry()
                && e.transientFailure()
                && attempt < MOST_ATTEMPTS
                && !stop.requested();
        if (!again) {
          throw e;
        }
        run.pause(settings.backoff(attempt));
      }
    }
  }

  private List<TableDiff> attempt(Run run, StopSignal stop, String table) throws Exception {
    List<Snapshots.Pair> pairs;
    try (TopoLock lock = locks.get()) {
      run.adopt(lock);
      run.stopWhenLost(lock);
      WorkflowView view = ready(run);
      List<ShardPrimary> open = unfinished(view, table);
      if (open.isEmpty()) {
        return List.of();
      }
      if (command.updateTableStats()) {
        Parallel.each(open, shard -> analyze(shard, table));
      }
      pairs = new Snapshots(cluster, view, command, settings).open(run, table, open);
    }
    try {
      return Parallel.map(pairs, pair -> compare(pair, table, stop));
    } finally {
      pairs.forEach(Snapshots.Pair::close);
    }
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

  private TableDiff compare(Snapshots.Pair pair, String table, StopSignal stop) {
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
            .run(stop::check);
    return new TableDiff(
        pair.shard().shard(),
        table,
        "completed",
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
