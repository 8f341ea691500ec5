package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.Command;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The services that carry commands out. */
public enum ServiceName {
  COPY,
  SWITCH,
  VDIFF;

  /** The one that a text names; empty for one of a later version, or none. */
  public static Optional<ServiceName> of(String text) {
    return Arrays.stream(values()).filter(name -> name.text().equals(text)).findFirst();
  }

  /** Which one carries out a command; none does for those that are about other commands. */
  public static ServiceName of(Command command) {
    return CommandKind.of(command)
        .map(CommandKind::service)
        .orElseThrow(() ->
            new IllegalArgumentException("admission carries out what is about other commands"));
  }

  /** As in events and topic names: {@code copy}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
