package dev.shunt.saga.fake;

import dev.shunt.saga.EventHistory;
import dev.shunt.saga.EventSink;
import dev.shunt.saga.Task;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.StepFailed;
import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.StepUndone;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Keeps events, and words them shortly. */
public final class RecordingSink implements EventSink, EventHistory {
  public final List<Event> events = new CopyOnWriteArrayList<>();

  private Consumer<String> gate = event -> {};
  private Consumer<String> refusing = event -> {};

  /** Called with the short form of each event before it is kept; what it throws loses the event. */
  public void gate(Consumer<String> newGate) {
    gate = newGate;
  }

  /** As {@link #gate}, but what it throws is thrown to the sender. */
  public void refusing(Consumer<String> newGate) {
    refusing = newGate;
  }

  @Override
  public Future<?> send(Event event, String traceparent) {
    refusing.accept(word(event));
    try {
      gate.accept(word(event));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
    events.add(event);
    return CompletableFuture.completedFuture(true);
  }

  @Override
  public List<Event> of(Task task) {
    return events.stream()
        .filter(event -> event.header().commandId().equals(task.commandId()))
        // As on the log: what is told without a lock is no part of what the command did.
        .filter(event -> event.header().fence() > 0)
        .toList();
  }

  /** Events of a type. */
  public <T extends Event> List<T> ofType(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** Each event as a verb and its subject. */
  public List<String> told() {
    return events.stream().map(RecordingSink::word).toList();
  }

  private static String word(Event event) {
    return switch (event) {
      case StepStarted e -> "started " + e.step();
      case StepFinished e -> "finished " + e.step();
      case StepFailed e -> "failed " + e.step();
      case StepUndone e -> "undone " + e.step();
      case CommandSucceeded e -> "succeeded " + e.summary();
      case CommandFailed e -> "command failed " + e.code() + " " + e.message();
      case CommandRefused e -> "refused " + e.code() + " " + e.message();
      default -> event.getClass().getSimpleName();
    };
  }
}
