package dev.shunt.command.cluster;

import dev.shunt.command.Refusals;
import dev.shunt.topo.Topo;
import vtctldata.Vtctldata;

/** The RPCs on cells. */
public final class CellCalls {
  private final Topo topo;

  /** Works on a topology. */
  public CellCalls(Topo topo) {
    this.topo = topo;
  }

  /** AddCellInfo; ALREADY_EXISTS when there is a cell of that name. */
  public Vtctldata.AddCellInfoResponse add(Vtctldata.AddCellInfoRequest request) {
    if (request.getName().isBlank() || request.getName().equals(Topo.GLOBAL_CELL)) {
      throw Refusals.invalid("a cell needs a name other than " + Topo.GLOBAL_CELL);
    }
    topo.createCell(request.getName(), request.getCellInfo());
    return Vtctldata.AddCellInfoResponse.getDefaultInstance();
  }

  /** GetCellInfoNames, sorted. */
  public Vtctldata.GetCellInfoNamesResponse names() {
    return Vtctldata.GetCellInfoNamesResponse.newBuilder().addAllNames(topo.cells()).build();
  }

  /** GetCellInfo; NOT_FOUND without the cell. */
  public Vtctldata.GetCellInfoResponse get(Vtctldata.GetCellInfoRequest request) {
    return Vtctldata.GetCellInfoResponse.newBuilder()
        .setCellInfo(
            topo.cell(request.getCell())
                .orElseThrow(() -> Refusals.noNode("cells/" + request.getCell() + "/CellInfo")))
        .build();
  }
}
