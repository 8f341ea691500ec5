package dev.shunt.cli.cluster;

import dev.shunt.cli.vtctld.Reads;
import io.vitess.proto.Topodata;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** The verbs on cells. */
public final class CellVerbs {
  private CellVerbs() {}

  /** {@code addcellinfo}. */
  @Command(name = "addcellinfo", description = "Adds a cell.")
  public static final class Add extends ClusterVerb {
    @Parameters(paramLabel = "CELL")
    String cell = "";

    @Option(
        names = {"-a", "--server-address"},
        defaultValue = "",
        description = "Addresses of the cell's topology server.")
    String address = "";

    @Option(
        names = {"-r", "--root"},
        required = true,
        description = "Root of the cell there.")
    String root = "";

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      var unused =
          vtctld.addCellInfo(
              Vtctldata.AddCellInfoRequest.newBuilder()
                  .setName(cell)
                  .setCellInfo(
                      Topodata.CellInfo.newBuilder().setServerAddress(address).setRoot(root))
                  .build());
      out().println("Created cell: " + cell);
    }
  }

  /** {@code updatecellinfo}. */
  @Command(
      name = "updatecellinfo",
      description = "Changes where a cell is; what is not named stays as it is.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class Update extends ClusterVerb {
    @Parameters(paramLabel = "CELL")
    String cell = "";

    @Option(
        names = {"-a", "--server-address"},
        defaultValue = "",
        description = "Addresses of the cell's topology server.")
    String address = "";

    @Option(
        names = {"-r", "--root"},
        defaultValue = "",
        description = "Root of the cell there.")
    String root = "";

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      Vtctldata.UpdateCellInfoResponse answer =
          vtctld.updateCellInfo(
              Vtctldata.UpdateCellInfoRequest.newBuilder()
                  .setName(cell)
                  .setCellInfo(
                      Topodata.CellInfo.newBuilder().setServerAddress(address).setRoot(root))
                  .build());
      out().println("Updated cell " + answer.getName() + ". New CellInfo:");
      print(answer.getCellInfo());
    }
  }

  /** {@code deletecellinfo}. */
  @Command(
      name = "deletecellinfo",
      description = "Forgets a cell; what is stored in the cell itself stays.")
  public static final class Delete extends ClusterVerb {
    @Parameters(paramLabel = "CELL")
    String cell = "";

    @Option(
        names = {"-f", "--force"},
        description = "Also when keyspaces are served there, or it can't be reached.")
    boolean force;

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      var unused =
          vtctld.deleteCellInfo(
              Vtctldata.DeleteCellInfoRequest.newBuilder().setName(cell).setForce(force).build());
      out().println("Deleted cell " + cell);
    }
  }

  /** {@code getcellinfonames}. */
  @Command(name = "getcellinfonames", description = "Lists the cells.")
  public static final class Names extends ClusterVerb {
    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      out()
          .println(
              String.join(
                  "\n",
                  vtctld
                      .getCellInfoNames(Vtctldata.GetCellInfoNamesRequest.getDefaultInstance())
                      .getNamesList()));
    }
  }

  /** {@code getcellinfo}. */
  @Command(name = "getcellinfo", description = "Shows a cell.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class Get extends ClusterVerb {
    @Parameters(paramLabel = "CELL")
    String cell = "";

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      print(
          vtctld
              .getCellInfo(Vtctldata.GetCellInfoRequest.newBuilder().setCell(cell).build())
              .getCellInfo());
    }
  }
}
