package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandCancel;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowUpdate;
import java.util.Locale;

/** The services that carry commands out. */
public enum ServiceName {
  COPY,
  SWITCH,
  VDIFF;

  /** Which one carries out a command; none does for {@link CommandCancel}. */
  public static ServiceName of(Command command) {
    return switch (command) {
      case MoveTablesCreate _, MoveTablesComplete _, WorkflowDelete _, WorkflowUpdate _ -> COPY;
      case SwitchTraffic _ -> SWITCH;
      case VDiffCreate _ -> VDIFF;
      case CommandCancel _ ->
          throw new IllegalArgumentException("admission carries out a cancel by itself");
    };
  }

  /** As in events and topic names: {@code copy}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
