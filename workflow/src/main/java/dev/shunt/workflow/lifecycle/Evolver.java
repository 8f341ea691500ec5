package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandDuplicate;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.CommandWaiting;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.Outcome;
import dev.shunt.schemas.OutcomeKind;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.Signal;
import dev.shunt.schemas.SignalSent;
import dev.shunt.schemas.SignalTaken;
import dev.shunt.schemas.StepFailed;
import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.StepUndone;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.StreamSummary;
import dev.shunt.schemas.TrafficSwitched;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.schemas.Waiting;
import dev.shunt.schemas.WorkflowCompleted;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.schemas.WorkflowDeleted;
import dev.shunt.schemas.WorkflowStatus;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Folds what happened into the state of a workflow; the only way that state changes.
 *
 * <p>Events are folded in the order of their log. An event is ignored when its command is not in
 * flight, or when it carries a lower fencing token than that command has shown: whoever publishes
 * it has been replaced. An event that changes something raises the version by one.
 *
 * <p>Stream reports are a part of their own ({@link FoldedStreams}), where the last report of a
 * stream wins. The two parts do not depend on each other, so the result is the same however the two
 * logs interleave.
 */
public final class Evolver {
  /** Fence of the end of a command that was abandoned: above that of every run of it. */
  public static final long ABANDONED = Long.MAX_VALUE;

  private Evolver() {}

  /**
   * The state after an event; the same object when the event changes nothing. Streams are neither
   * read nor changed: the summary of a status will do.
   *
   * @param status state before it; null when nothing is known of the workflow
   */
  public static @Nullable WorkflowStatus evolve(@Nullable WorkflowStatus status, Event event) {
    EventHeader header = event.header();
    WorkflowStatus.Draft next =
        new WorkflowStatus.Draft(
            status == null ? WorkflowStatus.of(header.keyspace(), header.workflow()) : status);
    boolean changed =
        switch (event) {
          case CommandAdmitted admitted -> admit(next, admitted);
          case SignalSent sent -> send(next, sent);
          case CommandRefused _,
              CommandDuplicate _,
              CommandWaiting _,
              StepStarted _,
              StepFinished _,
              StepFailed _,
              StepUndone _,
              CommandSucceeded _,
              CommandFailed _,
              WorkflowCreated _,
              TrafficSwitched _,
              WorkflowCompleted _,
              WorkflowDeleted _,
              VDiffStarted _,
              VDiffTableFinished _,
              VDiffFinished _,
              SignalTaken _ ->
              takeInFlight(next, event);
        };
    boolean waitsChanged = waits(next, event);
    if (!changed) {
      // What waits is no part of what commands are decided on, nor of the version they expect.
      return waitsChanged ? known(next.build()) : status;
    }
    ObservedStreams.describe(next);
    next.version++;
    next.updatedAt = Math.max(next.updatedAt, header.at());
    return next.build();
  }

  /**
   * The state after something has changed in the streams; the same object when it says nothing new.
   * The version stays.
   *
   * @param status the summary before it; null when nothing is known of the workflow
   * @return the summary; null when nothing is left to know
   */
  public static @Nullable WorkflowStatus evolve(
      @Nullable WorkflowStatus status, StreamSummary streams) {
    WorkflowStatus before =
        status == null ? WorkflowStatus.of(streams.keyspace(), streams.workflow()) : status;
    WorkflowStatus after = before.with(draft -> ObservedStreams.take(draft, streams));
    return after.equals(before) ? status : known(after);
  }

  /** Null where a status says nothing: whether there was something before must not matter. */
  private static @Nullable WorkflowStatus known(WorkflowStatus status) {
    return status.equals(WorkflowStatus.of(status.keyspace(), status.workflow())) ? null : status;
  }

  /**
   * The state with all its streams after stream reports; null when nothing is left to know.
   *
   * @param status state before them, with all its streams; null when nothing is known of the
   *     workflow
   */
  public static @Nullable WorkflowStatus evolve(
      @Nullable WorkflowStatus status, StreamBatch reports) {
    FoldedStreams before =
        status == null
            ? FoldedStreams.none(reports.keyspace(), reports.workflow())
            : FoldedStreams.of(status);
    FoldedStreams after = before.with(reports);
    return after.equals(before)
        ? status
        : new SplitStatus(evolve(SplitStatus.of(status).summary(), after.summary()), after.shards())
            .joined();
  }

  /** As {@link #evolve(WorkflowStatus, StreamBatch)}, after one report. */
  public static @Nullable WorkflowStatus evolve(
      @Nullable WorkflowStatus status, StreamEvent event) {
    return evolve(status, StreamBatch.of(event));
  }

  /** Whether other commands wait behind it. */
  private static boolean waits(WorkflowStatus.Draft next, Event event) {
    EventHeader header = event.header();
    List<Waiting> left = new ArrayList<>(next.waiting);
    switch (event) {
      case CommandWaiting waiting ->
          left.add(
              new Waiting(
                  header.commandId(),
                  waiting.commandType(),
                  waiting.issuer(),
                  header.at(),
                  waiting.behind(),
                  waiting.beginBefore()));
      case CommandAdmitted _, CommandRefused _ ->
          left.removeIf(waiting -> waiting.commandId().equals(header.commandId()));
      case CommandDuplicate _,
          StepStarted _,
          StepFinished _,
          StepFailed _,
          StepUndone _,
          CommandSucceeded _,
          CommandFailed _,
          WorkflowCreated _,
          TrafficSwitched _,
          WorkflowCompleted _,
          WorkflowDeleted _,
          VDiffStarted _,
          VDiffTableFinished _,
          VDiffFinished _,
          SignalSent _,
          SignalTaken _ -> {}
    }
    boolean changed = left.size() != next.waiting.size();
    next.waiting = left;
    return changed;
  }

  private static boolean admit(WorkflowStatus.Draft next, CommandAdmitted admitted) {
    EventHeader header = admitted.header();
    InFlight inFlight =
        InFlight.of(
                header.commandId(),
                admitted.commandType(),
                admitted.service(),
                admitted.issuer(),
                admitted.dryRun(),
                header.at())
            .withFence(header.fence());
    if (ServiceName.VDIFF.text().equals(admitted.service())) {
      if (find(next, header.commandId()) != null) {
        return false;
      }
      List<InFlight> diffs = new ArrayList<>(next.inFlightDiffs);
      diffs.add(inFlight);
      next.inFlightDiffs = diffs;
      return true;
    }
    if (next.inFlight != null) {
      return false;
    }
    next.inFlight = inFlight;
    if (isCreate(inFlight)) {
      next.phase = Phase.CREATING;
    }
    return true;
  }

  private static boolean isCreate(InFlight inFlight) {
    return !inFlight.dryRun()
        && CommandKind.ofType(inFlight.commandType()).filter(CommandKind::creates).isPresent();
  }

  private static boolean send(WorkflowStatus.Draft next, SignalSent sent) {
    InFlight target = find(next, sent.target());
    if (target == null || target.signals().size() >= Decider.MOST_SIGNALS) {
      return false; // admission, which finds it missing, refuses it
    }
    EventHeader header = sent.header();
    List<Signal> signals = new ArrayList<>(target.signals());
    signals.add(new Signal(header.commandId(), sent.signal(), sent.issuer(), header.at()));
    put(next, target.withSignals(signals));
    return true;
  }

  private static boolean take(WorkflowStatus.Draft next, InFlight inFlight, SignalTaken taken) {
    List<Signal> left = new ArrayList<>(inFlight.signals());
    if (!left.removeIf(signal -> signal.id().equals(taken.signalId()))) {
      return false;
    }
    put(next, inFlight.withSignals(left));
    return true;
  }

  /** Folds an event of a command in flight. */
  private static boolean takeInFlight(WorkflowStatus.Draft next, Event event) {
    EventHeader header = event.header();
    InFlight inFlight = find(next, header.commandId());
    if (inFlight == null || header.fence() < inFlight.fence()) {
      return false;
    }
    boolean fenceRose = header.fence() > inFlight.fence();
    if (fenceRose) {
      inFlight = inFlight.withFence(header.fence());
      put(next, inFlight);
    }
    return apply(next, inFlight, event) || fenceRose;
  }

  private static boolean apply(WorkflowStatus.Draft next, InFlight inFlight, Event event) {
    return switch (event) {
      case StepStarted step -> start(next, inFlight, step);
      case StepFinished _, StepFailed _, StepUndone _ -> false;
      case CommandSucceeded done ->
          end(next, inFlight, OutcomeKind.SUCCEEDED, "OK", done.summary(), done.header());
      case CommandFailed failed ->
          end(next, inFlight, OutcomeKind.FAILED, failed.code(), failed.message(), failed.header());
      case CommandRefused refused ->
          end(
              next,
              inFlight,
              OutcomeKind.REFUSED,
              refused.code(),
              refused.message(),
              refused.header());
      case SignalTaken taken -> take(next, inFlight, taken);
      case WorkflowCreated created -> !inFlight.dryRun() && create(next, created);
      case TrafficSwitched switched -> !inFlight.dryRun() && switchTraffic(next, switched);
      case WorkflowCompleted _ -> !inFlight.dryRun() && become(next, Phase.COMPLETED);
      case WorkflowDeleted _ -> !inFlight.dryRun() && become(next, Phase.DELETED);
      case VDiffStarted started -> Diffs.start(next, started);
      case VDiffTableFinished table -> Diffs.finishTable(next, table);
      case VDiffFinished finished -> Diffs.finish(next, finished);
      case CommandAdmitted _, CommandDuplicate _, CommandWaiting _, SignalSent _ -> false;
    };
  }

  private static boolean start(WorkflowStatus.Draft next, InFlight inFlight, StepStarted step) {
    if (inFlight.step().equals(step.step())) {
      return false;
    }
    put(next, inFlight.withStep(step.step()));
    return true;
  }

  private static boolean end(
      WorkflowStatus.Draft next,
      InFlight inFlight,
      OutcomeKind kind,
      String code,
      String message,
      EventHeader header) {
    next.lastOutcome =
        new Outcome(
            inFlight.commandId(),
            inFlight.commandType(),
            kind,
            code,
            StatusSize.sentence(message),
            header.at());
    if (isBeside(next, inFlight)) {
      List<InFlight> others = new ArrayList<>(next.inFlightDiffs);
      others.removeIf(diff -> diff.commandId().equals(inFlight.commandId()));
      next.inFlightDiffs = others;
      if (kind != OutcomeKind.SUCCEEDED) {
        Diffs.leave(next, inFlight.commandId(), message, header.at());
      }
      return true;
    }
    next.inFlight = null;
    if (next.phase == Phase.CREATING) {
      next.phase = LifecycleState.restingPhase(next.build());
      if (header.fence() == ABANDONED) {
        // Nobody says any more which tables it made: none may be taken for its own by a cancel.
        next.createdTables = List.of();
        next.createdAt = header.at();
      }
    }
    return true;
  }

  private static boolean create(WorkflowStatus.Draft next, WorkflowCreated created) {
    next.phase = Phase.ACTIVE;
    next.workflowType = created.workflowType();
    next.sourceKeyspace = created.sourceKeyspace();
    next.sourceShards = created.sourceShards();
    next.targetShards = created.targetShards();
    next.tables = created.tables();
    next.createdTables = created.createdTables();
    next.replicaCellsSwitched = List.of();
    next.rdonlyCellsSwitched = List.of();
    next.writesSwitched = false;
    next.diffs = Diffs.ofAnEarlierWorkflow(next);
    next.createdAt = created.header().at();
    return true;
  }

  private static boolean switchTraffic(WorkflowStatus.Draft next, TrafficSwitched switched) {
    next.replicaCellsSwitched = switched.replicaCellsSwitched();
    next.rdonlyCellsSwitched = switched.rdonlyCellsSwitched();
    next.writesSwitched = switched.writesSwitched();
    return true;
  }

  private static boolean become(WorkflowStatus.Draft next, Phase phase) {
    next.phase = phase;
    return true;
  }

  private static @Nullable InFlight find(WorkflowStatus.Draft next, String commandId) {
    if (next.inFlight != null && next.inFlight.commandId().equals(commandId)) {
      return next.inFlight;
    }
    return next.inFlightDiffs.stream()
        .filter(diff -> diff.commandId().equals(commandId))
        .findFirst()
        .orElse(null);
  }

  private static boolean isBeside(WorkflowStatus.Draft next, InFlight inFlight) {
    return next.inFlight == null || !next.inFlight.commandId().equals(inFlight.commandId());
  }

  private static void put(WorkflowStatus.Draft next, InFlight changed) {
    if (!isBeside(next, changed)) {
      next.inFlight = changed;
      return;
    }
    List<InFlight> diffs = new ArrayList<>(next.inFlightDiffs);
    diffs.replaceAll(diff -> diff.commandId().equals(changed.commandId()) ? changed : diff);
    next.inFlightDiffs = diffs;
  }
}
