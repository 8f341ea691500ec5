package dev.shunt.schemas;

import java.util.List;
import java.util.Map;

/**
 * A command did what it asked for.
 *
 * @param header Workflow, cause, time and teller.
 * @param commandType Record name of the command.
 * @param summary One sentence for a person.
 * @param lines Dry-run lines, in order.
 * @param attributes Further results by name, for instance start_state and current_state.
 * @param durationMicros From taking up the task to here, microseconds.
 */
public record CommandSucceeded(
    EventHeader header,
    String commandType,
    String summary,
    List<String> lines,
    Map<String, String> attributes,
    long durationMicros)
    implements Event {
  public CommandSucceeded {
    lines = List.copyOf(lines);
    attributes = Map.copyOf(attributes);
  }
}
