package dev.shunt.cli.log;

import dev.shunt.cli.vtctld.Reads;
import dev.shunt.client.Connection;
import dev.shunt.client.ShuntClient;
import dev.shunt.client.WorkflowTable;
import dev.shunt.schemas.CommandCancel;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.WorkflowKey;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes back a command that has not ended; itself a command, so that the audit log has it. */
@Reads({Reads.Group.WAITS, Reads.Group.ISSUES, Reads.Group.COMMANDS})
abstract class CancelVerb extends SendingVerb {
  @Parameters(paramLabel = "COMMAND_ID", description = "Id of the command, see commands list.")
  String target = "";

  @Option(
      names = {"-w", "--workflow"},
      defaultValue = "",
      paramLabel = "KEYSPACE.WORKFLOW",
      description = "Its workflow; looked up when it is left out.")
  String workflow = "";

  abstract boolean abandons();

  /** {@code commands cancel}. */
  @Command(
      name = "cancel",
      description = "Takes back a command that waits for others of its workflow.")
  static final class Cancel extends CancelVerb {
    @Override
    boolean abandons() {
      return false;
    }
  }

  /** {@code commands abandon}. */
  @Command(
      name = "abandon",
      description =
          "Ends a command that can't go on, where it is: a write pause is ended first if that can be"
              + " done; what else it has done stays. The next switch, cancel or complete of the"
              + " workflow takes it from there. For use when what it waits for will not come.")
  static final class Abandon extends CancelVerb {
    @Override
    boolean abandons() {
      return true;
    }
  }

  @Override
  public Integer call() {
    try (Connection connection = kafka.connect();
        ShuntClient client = new ShuntClient(connection)) {
      WorkflowKey key = workflowOf(connection);
      String id = options().commandId;
      CommandHeader header =
          new CommandHeader(
              id == null ? UUID.randomUUID().toString() : id,
              key.keyspace(),
              key.workflow(),
              options().issuer,
              options().reason,
              options().expectedVersion,
              false,
              System.currentTimeMillis());
      CommandCancel cancel = new CommandCancel(header, target, abandons());
      client.start();
      return tell(cancel, client.execute(cancel, options().actionTimeout));
    }
  }

  private WorkflowKey workflowOf(Connection connection) {
    WorkflowKey given = key(workflow);
    if (given != null) {
      return given;
    }
    try (WorkflowTable table = new WorkflowTable(connection)) {
      table.start(CommandsList.FIRST_READ);
      Optional<CommandsList.Open> found =
          CommandsList.open(table, null).stream()
              .filter(one -> one.id().equals(target))
              .findFirst();
      return found
          .orElseThrow(
              () -> refuse("no command " + target + " waits or is carried out; it may have ended"))
          .workflow();
    }
  }
}
