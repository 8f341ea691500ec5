package dev.shunt.saga;

import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.SignalTaken;
import dev.shunt.schemas.StepFailed;
import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.StepUndone;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.workflow.plan.DiffAction;
import dev.shunt.workflow.plan.PlanAction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What earlier runs of a task did, as far as they published it. The start of a step is on the log
 * before its effects, except within a quiet section, of which the first start is.
 *
 * <p>What a run published after a later one had begun to publish does not count, as for the
 * workflow's status and for clients; but its starts do, for what it started may have to be taken
 * back.
 *
 * @param events events of the command in log order
 */
public record RunHistory(List<Event> events) {
  /** Of versions before, in which diffs had no steps, only their start says that these began. */
  private static final Set<String> OF_DIFFS =
      Set.of(DiffAction.START_DIFF.stepName(), DiffAction.COMPARE_TABLES.stepName());

  public RunHistory {
    events = withoutSuperseded(events);
  }

  private static List<Event> withoutSuperseded(List<Event> published) {
    List<Event> left = new ArrayList<>(published.size());
    long highest = Long.MIN_VALUE;
    for (Event event : published) {
      if (event.header().fence() >= highest || event instanceof StepStarted) {
        left.add(event);
      }
      highest = Math.max(highest, event.header().fence());
    }
    return List.copyOf(left);
  }

  /** This history with one more event. */
  RunHistory with(Event event) {
    List<Event> more = new ArrayList<>(events);
    more.add(event);
    return new RunHistory(more);
  }

  /** Whether an earlier run began a step. */
  public boolean begun() {
    return events.stream()
        .anyMatch(event -> event instanceof StepStarted || event instanceof VDiffStarted);
  }

  /** Detail of the first start of a step. */
  public Optional<String> started(PlanAction step) {
    for (Event event : events) {
      if (event instanceof StepStarted started && of(started.step(), step.stepName())) {
        return Optional.of(started.detail());
      }
    }
    return Optional.empty();
  }

  /** Details of all starts of a step, in log order; those of a superseded run among them. */
  public List<String> starts(PlanAction step) {
    return starts(step.stepName());
  }

  List<String> starts(String step) {
    return events.stream()
        .filter(event -> event instanceof StepStarted started && of(started.step(), step))
        .map(event -> ((StepStarted) event).detail())
        .toList();
  }

  /** Whether a step was started and, as far as the log says, not taken back since. */
  public boolean stands(PlanAction step) {
    return stands(step.stepName(), Set.of(step.stepName()));
  }

  /**
   * Whether a step may have been started and not taken back since, when the log need not say more
   * than one start of the section that it is in.
   *
   * @param section names of the steps of the section, the step's own among them
   */
  boolean stands(String step, Set<String> section) {
    boolean stands = false;
    for (Event event : events) {
      if (event instanceof StepStarted started && section.contains(spelled(started.step()))) {
        stands = true;
      } else if (event instanceof VDiffStarted && !Collections.disjoint(section, OF_DIFFS)) {
        stands = true;
      } else if (event instanceof StepUndone undone && of(undone.step(), step)) {
        stands = false;
      }
    }
    return stands;
  }

  /** What the first end of a step found or did. */
  public Optional<String> finished(PlanAction step) {
    for (Event event : events) {
      if (event instanceof StepFinished finished && of(finished.step(), step.stepName())) {
        return Optional.of(finished.detail());
      }
    }
    return Optional.empty();
  }

  /** Why a step, or what else has this name in events, failed each time it did. */
  List<String> failures(String step) {
    return events.stream()
        .filter(event -> event instanceof StepFailed failed && failed.step().equals(step))
        .map(event -> ((StepFailed) event).error())
        .toList();
  }

  /** The signals that runs have taken, in log order; each counts from then on. */
  public List<SignalTaken> signals() {
    return events.stream()
        .filter(SignalTaken.class::isInstance)
        .map(SignalTaken.class::cast)
        .toList();
  }

  private static boolean of(String stepName, String step) {
    return spelled(stepName).equals(step);
  }

  /** The names of some steps had blanks in logs of earlier versions. */
  private static String spelled(String stepName) {
    return stepName.replace(' ', '-');
  }

  /** The outcome that an earlier run published. */
  public Optional<Event> outcome() {
    return events.stream()
        .filter(event ->
            event instanceof CommandSucceeded
                || event instanceof CommandFailed
                || event instanceof CommandRefused)
        .findFirst();
  }
}
