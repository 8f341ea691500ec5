package dev.shunt.command.cluster;

import dev.shunt.command.refusing.Refusals;
import dev.shunt.topo.Topo;
import io.vitess.proto.Topodata;
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
    requireRoot(request.getName(), request.getCellInfo());
    topo.createCell(request.getName(), request.getCellInfo());
    return Vtctldata.AddCellInfoResponse.getDefaultInstance();
  }

  private static Topodata.CellInfo requireRoot(String cell, Topodata.CellInfo info) {
    if (info.getRoot().isBlank()) {
      throw Refusals.invalid("cell " + cell + " needs a root in its topology server: --root PATH");
    }
    return info;
  }

  /** UpdateCellInfo: fields that are empty stay as they are; a cell that is not there is added. */
  public Vtctldata.UpdateCellInfoResponse update(Vtctldata.UpdateCellInfoRequest request) {
    String cell = request.getName();
    if (cell.isBlank() || cell.equals(Topo.GLOBAL_CELL)) {
      throw Refusals.invalid("a cell needs a name other than " + Topo.GLOBAL_CELL);
    }
    Topodata.CellInfo changed =
        topo.updateCell(
            cell,
            present -> {
              Topodata.CellInfo.Builder merged = present.toBuilder();
              if (!request.getCellInfo().getServerAddress().isEmpty()) {
                merged.setServerAddress(request.getCellInfo().getServerAddress());
              }
              if (!request.getCellInfo().getRoot().isEmpty()) {
                merged.setRoot(request.getCellInfo().getRoot());
              }
              return requireRoot(cell, merged.build());
            });
    return Vtctldata.UpdateCellInfoResponse.newBuilder().setName(cell).setCellInfo(changed).build();
  }

  /** DeleteCellInfo; INVALID_ARGUMENT while the cell is in use, unless forced. */
  public Vtctldata.DeleteCellInfoResponse delete(Vtctldata.DeleteCellInfoRequest request) {
    topo.deleteCell(request.getName(), request.getForce());
    return Vtctldata.DeleteCellInfoResponse.getDefaultInstance();
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
