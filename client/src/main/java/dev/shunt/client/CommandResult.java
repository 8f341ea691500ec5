package dev.shunt.client;

import java.util.List;
import java.util.Map;

/** What became of a command. */
public sealed interface CommandResult {
  /**
   * It did what it asked for.
   *
   * @param summary one sentence for a person
   * @param lines what a dry run would do, in order
   * @param attributes further results by name, for instance start_state and current_state
   * @param at when, milliseconds since the epoch
   */
  record Succeeded(String summary, List<String> lines, Map<String, String> attributes, long at)
      implements CommandResult {
    public Succeeded {
      lines = List.copyOf(lines);
      attributes = Map.copyOf(attributes);
    }
  }

  /**
   * It was refused; nothing was changed.
   *
   * @param code gRPC status code name, for instance FAILED_PRECONDITION
   * @param message one sentence: what, where, what to do
   */
  record Refused(String code, String message) implements CommandResult {}

  /**
   * It was taken up and could not be carried out; its effects were undone.
   *
   * @param code gRPC status code name
   * @param message one sentence: what, where, what to do
   */
  record Failed(String code, String message) implements CommandResult {}

  /**
   * It had not ended when the time to wait was over; it is still carried out. Await it again by its
   * id, or send it again: it acts once.
   *
   * @param admitted whether it was admitted; if not, it may still be refused
   */
  record Pending(boolean admitted) implements CommandResult {}
}
