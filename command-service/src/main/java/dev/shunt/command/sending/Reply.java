package dev.shunt.command.sending;

import java.util.List;
import java.util.Map;

/** What became of a command within the time its sender waited. */
public sealed interface Reply {
  /** It was admitted and goes on by itself; only {@link CommandGateway#submit} says so. */
  record Admitted() implements Reply {}

  /**
   * It did what it asked for.
   *
   * @param summary one sentence for a person
   * @param lines dry-run lines
   * @param attributes further results by name
   * @param at when, milliseconds since the epoch
   */
  record Succeeded(String summary, List<String> lines, Map<String, String> attributes, long at)
      implements Reply {
    public Succeeded {
      lines = List.copyOf(lines);
      attributes = Map.copyOf(attributes);
    }
  }

  /**
   * It was refused, or its effects were undone.
   *
   * @param code gRPC status code name
   * @param message what, where, what to do
   */
  record Rejected(String code, String message) implements Reply {}

  /** Nothing was heard in time; the command may still be carried out. */
  record Unheard() implements Reply {}
}
