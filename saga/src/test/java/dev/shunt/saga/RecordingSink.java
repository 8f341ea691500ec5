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
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps events, and words them shortly. */
final class RecordingSink implements EventSink {
  final List<Event> events = new CopyOnWriteArrayList<>();

  @Override
  public void send(Event event) {
    events.add(event);
  }

  @Override
  public void flush() {}

  /** Each event as a verb and its subject. */
  List<String> told() {
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
