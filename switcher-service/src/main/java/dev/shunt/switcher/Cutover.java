package dev.shunt.switcher;

import binlogdata.Binlogdata.Journal;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamControl;
import dev.shunt.cluster.StreamControl.IfGone;
import dev.shunt.cluster.Traffic;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Failures;
import dev.shunt.saga.KeyspaceLocks;
import dev.shunt.saga.Run;
import dev.shunt.topo.TopoLock;
import dev.shunt.workflow.plan.SwitchAction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Switches the writes of a workflow, step by step. At no moment do both sides accept writes: the
 * source denies them before anything is read from it, the target until the journals stand.
 *
 * <pre>
 *            source    target
 *  before    open      denied
 *  deny      denied    denied     ┐
 *  journal   denied    denied     │ writes wait
 *  routing   denied    open       ┘
 * </pre>
 */
final class Cutover {
  private static final Duration STOP = Duration.ofSeconds(30);

  private final Cluster cluster;
  private final WorkflowView view;
  private final Traffic traffic;
  private final Duration timeout;
  private final PauseLimit limit;
  private final StockTablets stock;
  private final JournalWriter journals;
  private final CatchUp catchUp;
  private final MovedTables movedTables;
  private final AutoIncrements counters;
  private Map<String, Journal> standing = Map.of();
  private @Nullable KeyspaceLocks locks;
  private long pauseStart;
  private long pauseMicros;

  /** Whether this run has paused writes and has not begun to write journals. */
  private boolean undecided;

  /**
   * @param view the workflow whose streams run the way that traffic is to go
   * @param timeout limit of each wait before the pause, and of the time that writes are denied
   *     before it is decided
   */
  Cutover(Cluster cluster, WorkflowView view, Duration timeout, ReverseStreams reverse) {
    this.cluster = cluster;
    this.view = view;
    this.traffic = cluster.traffic(view.switchable(Prechecks.SWITCH));
    this.timeout = timeout;
    this.limit = new PauseLimit(timeout, cluster.time());
    this.stock = new StockTablets(cluster, view);
    this.journals = new JournalWriter(cluster, view, reverse, stock);
    this.movedTables = new MovedTables(cluster, view);
    this.catchUp = new CatchUp(cluster, view, movedTables, limit);
    this.counters = new AutoIncrements(cluster, view, movedTables, limit::left);
  }

  /** Where the traffic goes that it switches. */
  Traffic traffic() {
    return traffic;
  }

  private StreamControl streams(Run run, ShardPrimary target) {
    return cluster.streams(target, view.workflow(), run.fence());
  }

  private List<ShardPrimary> everywhere() {
    List<ShardPrimary> all = new ArrayList<>(view.sources());
    all.addAll(view.targets());
    return all;
  }

  /** Journals that stand, by source shard. */
  Map<String, Journal> journals() throws Exception {
    return journals.read();
  }

  /** Journals that an earlier run wrote: from them it goes on. */
  void resumeFrom(Map<String, Journal> written) {
    standing = Map.copyOf(written);
    written.values().stream()
        .findFirst()
        .ifPresent(journal -> catchUp.resumeFrom(JournalWriter.targetPositions(journal)));
  }

  /** What is left of the time that writes may be denied before it is decided. */
  Duration left() {
    return limit.left();
  }

  /** How long writes were denied, microseconds; 0 when this run did not deny them. */
  long pauseMicros() {
    return pauseMicros;
  }

  // --- before the pause ----------------------------------------------------------------------

  String lock(Run run, String action) {
    locks =
        KeyspaceLocks.during(
            run, cluster.topo(), action, List.of(view.sourceKeyspace(), view.keyspace()));
    return "";
  }

  String unlock() {
    if (locks != null) {
      locks.close();
    }
    return "";
  }

  /** Warms connections, shows the fence to all tablets and lets the streams catch up once. */
  String prepare(Run run) throws Exception {
    journals.rehearse();
    raiseFences(run);
    stock.probe();
    catchUp.readSources();
    catchUp.waitForStreams();
    // Here, where nobody waits, so that little is left to raise in the pause.
    String raised =
        new AutoIncrements(cluster, view, movedTables, () -> timeout).matchWhatIsFree(run.fence());
    if (!raised.isEmpty()) {
      // A stream whose table was raised has waited meanwhile.
      catchUp.readSources();
      catchUp.waitForStreams();
    }
    return "streams have caught up" + (raised.isEmpty() ? "" : ", raised " + raised);
  }

  /** Whoever ran before may only sleep: from here on the tablets refuse what it sends. */
  void raiseFences(Run run) throws Exception {
    Parallel.each(
        everywhere(),
        shard -> {
          cluster.control(shard).withFence(run.fence()).showFence();
        });
  }

  // --- the pause -----------------------------------------------------------------------------

  String denySource(Run run) throws Exception {
    undecided = true;
    pauseStart = cluster.time().nanoTime();
    limit.begin();
    traffic.deny(guards(run), view.sourceKeyspace(), shards(view.sources()));
    Parallel.each(
        view.sources(), source -> cluster.control(source).within(limit.left()).refreshState());
    return "";
  }

  /** What this pause is about, for whoever has to take it back. */
  Pause pause() {
    return Pause.of(view, view.switchable(Prechecks.SWITCH));
  }

  /** The way back, as long as nothing is decided. */
  WayBack wayBack() {
    return WayBack.ofOwn(cluster, pause(), limit.whole(), this::guards, undecided);
  }

  private List<TopoLock> guards(Run run) {
    return locks == null ? List.of(run.lock()) : locks.guards();
  }

  /** Behind the drain the position of each source is final. */
  String drain() throws Exception {
    catchUp.drain(stock.anySource());
    return "";
  }

  String sourcePositions() {
    return CatchUp.text(catchUp.sources());
  }

  /** No id that a source has given out is given out by a target, also when its row is gone. */
  String matchAutoIncrements(Run run) throws Exception {
    String raised = counters.match(run.fence());
    if (!raised.isEmpty()) {
      catchUp.readTargets();
    }
    return raised;
  }

  /** The sources' counters, which are final by now, are read meanwhile. */
  String waitForStreams() throws Exception {
    List<Callable<String>> both =
        List.of(
            catchUp::waitForStreams,
            () -> {
              counters.readSources();
              return "";
            });
    return Parallel.map(both, Callable::call).getFirst();
  }

  String targetPositions() {
    return CatchUp.text(catchUp.targets());
  }

  /**
   * Stops the streams. Where any tablet is stock they are stopped before the journal: a stream of a
   * stock target that saw it would follow it. Our own stop at the journal by themselves, so it may
   * be written meanwhile.
   */
  String stopStreams(Run run) throws Exception {
    if (!stock.any()) {
      return "together with the journals";
    }
    Parallel.each(
        view.targets(),
        target -> {
          streams(run, target)
              .within(limit.left())
              .stopForCutover(view.streamsTo(target).size(), IfGone.FAIL);
        });
    catchUp.readTargets();
    return "";
  }

  /**
   * Beside and behind the decision: there is no limit but that of the call, and streams that are
   * gone have ended, behind all that the sources had to give.
   */
  private void stopWhatIsLeft(Run run) throws Exception {
    Parallel.each(
        view.targets(),
        target -> {
          streams(run, target)
              .within(STOP)
              .stopForCutover(view.streamsTo(target).size(), IfGone.ACCEPT);
        });
  }

  /** Writes the journals and meanwhile stops the streams; returns when both hold. */
  String writeJournals(Run run) throws Exception {
    undecided = false;
    run.lock().check();
    boolean resumed = !standing.isEmpty();
    if (!resumed) {
      var unused = limit.left();
    } else {
      stock.probe();
      catchUp.readSources();
    }
    try (ExecutorService beside = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> stopping =
          resumed || !stock.any()
              ? beside.submit(() -> {
                stopWhatIsLeft(run);
                return "";
              })
              : CompletableFuture.completedFuture("");
      if (stock.any()) {
        untilStopped(run, stopping);
      }
      journals.write(run, standing, catchUp.sources(), catchUp.targets());
      untilStopped(run, stopping);
    }
    return "migration " + view.migrationId();
  }

  private void untilStopped(Run run, Future<?> stopping) throws Exception {
    try {
      stopping.get();
    } catch (ExecutionException e) {
      Decided.passOnSuperseded(e.getCause());
      Decided.untilItHolds(run, SwitchAction.WRITE_JOURNALS, () -> stopWhatIsLeft(run));
    }
  }

  String switchRouting(Run run) throws Exception {
    traffic.routeWrites(
        guards(run),
        shards(view.sources()),
        shards(view.targets()),
        shards(view.sources().stream().filter(stock::contains).toList()));
    return "";
  }

  private static List<String> shards(List<ShardPrimary> primaries) {
    return primaries.stream().map(ShardPrimary::shard).toList();
  }

  /** The target primaries and the serving VSchema of all cells learn of it, both at once. */
  String refreshTargets() throws Exception {
    List<Callable<String>> both =
        List.of(
            () -> {
              Parallel.each(view.targets(), target -> cluster.control(target).refreshState());
              return "";
            },
            () -> cluster.publishWrites(view.switchable(Prechecks.SWITCH)));
    List<String> done = Parallel.map(both, Callable::call);
    if (pauseStart != 0) {
      pauseMicros = (cluster.time().nanoTime() - pauseStart) / 1000;
    }
    return done.getLast();
  }

  // --- after the pause -----------------------------------------------------------------------

  String startReverse(Run run) throws Exception {
    Parallel.each(
        view.sources(),
        source -> {
          cluster
              .streams(source, view.reverseName(), run.fence())
              .start(view.streamsFrom(source).size());
        });
    return view.reverseName();
  }

  String freeze(Run run) throws Exception {
    Parallel.each(
        view.targets(),
        target -> {
          streams(run, target).freeze(view.streamsTo(target).size());
        });
    return "";
  }

  /** Tablets that only serve reads learn of it too; no matter if some can't be reached. */
  void refreshOthers() {
    try {
      cluster.refresh(everywhere());
    } catch (Exception e) {
      if (Failures.interrupted(e)) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
