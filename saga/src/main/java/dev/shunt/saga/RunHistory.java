package dev.shunt.saga;

import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.StepFailed;
import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.StepUndone;
import java.util.List;
import java.util.Optional;

/**
 * What earlier runs of a task did, as far as they told the log. The start of a step is on the log
 * before its effects, except within a quiet section, of which the first start is.
 *
 * @param events events of the command in log order
 */
public record RunHistory(List<Event> events) {
  public RunHistory {
    events = List.copyOf(events);
  }

  /** Whether an earlier run began a step. */
  public boolean begun() {
    return events.stream().anyMatch(StepStarted.class::isInstance);
  }

  /** Detail of the first start of a step. */
  public Optional<String> started(String step) {
    for (Event event : events) {
      if (event instanceof StepStarted started && started.step().equals(step)) {
        return Optional.of(started.detail());
      }
    }
    return Optional.empty();
  }

  /** Whether a step was started and, as far as the log tells, not taken back since. */
  public boolean stands(String step) {
    boolean stands = false;
    for (Event event : events) {
      if (event instanceof StepStarted started && started.step().equals(step)) {
        stands = true;
      } else if (event instanceof StepUndone undone && undone.step().equals(step)) {
        stands = false;
      }
    }
    return stands;
  }

  /** What the first end of a step found or did. */
  public Optional<String> finished(String step) {
    for (Event event : events) {
      if (event instanceof StepFinished finished && finished.step().equals(step)) {
        return Optional.of(finished.detail());
      }
    }
    return Optional.empty();
  }

  /** Why a step failed, each time it did. */
  public List<String> failures(String step) {
    return events.stream()
        .filter(event -> event instanceof StepFailed failed && failed.step().equals(step))
        .map(event -> ((StepFailed) event).error())
        .toList();
  }

  /** The outcome that an earlier run told. */
  public Optional<Event> outcome() {
    return events.stream()
        .filter(event ->
            event instanceof CommandSucceeded
                || event instanceof CommandFailed
                || event instanceof CommandRefused)
        .findFirst();
  }
}
