package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandCancel;
import java.util.Locale;

/** The services that carry commands out. */
public enum ServiceName {
  COPY,
  SWITCH,
  VDIFF;

  /** Which one carries out a command; none does for {@link CommandCancel}. */
  public static ServiceName of(Command command) {
    return CommandKind.of(command)
        .map(CommandKind::service)
        .orElseThrow(
            () -> new IllegalArgumentException("admission carries out a cancel by itself"));
  }

  /** As in events and topic names: {@code copy}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
