package dev.shunt.cli.log;

import dev.shunt.cli.vtctld.Reads;
import dev.shunt.client.Connection;
import dev.shunt.client.ShuntClient;
import dev.shunt.client.WorkflowTable;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.WorkflowKey;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Is about a command that has not ended; itself a command, so that the audit log has it. */
@Reads({Reads.Group.WAITS, Reads.Group.ISSUES, Reads.Group.COMMANDS})
abstract class OpenCommandVerb extends SendingVerb {
  @Parameters(
      index = "0",
      paramLabel = "COMMAND_ID",
      description = "Id of the command, see commands list.")
  String target = "";

  @Option(
      names = {"-w", "--workflow"},
      defaultValue = "",
      paramLabel = "KEYSPACE.WORKFLOW",
      description = "Its workflow; looked up when it is left out.")
  String workflow = "";

  /** Makes the command that is sent; refuses arguments that make no sense. */
  abstract Function<CommandHeader, Command> command();

  @Override
  public final Integer call() {
    Function<CommandHeader, Command> make = command();
    try (Connection connection = kafka.connect();
        ShuntClient client = new ShuntClient(connection)) {
      WorkflowKey key = workflowOf(connection);
      String id = options().commandId;
      Command command =
          make.apply(
              new CommandHeader(
                  id == null ? UUID.randomUUID().toString() : id,
                  key.keyspace(),
                  key.workflow(),
                  options().issuer,
                  options().reason,
                  options().expectedVersion,
                  false,
                  System.currentTimeMillis()));
      client.start();
      return printOutcome(command, client.execute(command, options().actionTimeout));
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
