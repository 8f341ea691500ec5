package dev.shunt.saga.fake;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import java.util.List;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/** A row of {@code _vt.vreplication}. */
public final class FakeRow {
  public final int id;
  public final String workflow;
  public Binlogdata.BinlogSource source;
  public String position = "";
  public String stopPosition = "";
  public VReplicationWorkflowState state = VReplicationWorkflowState.Stopped;
  public String message = "";
  public String cells = "";
  public String tabletTypes = "";
  public String options = "{}";
  public Binlogdata.VReplicationWorkflowType type = Binlogdata.VReplicationWorkflowType.MoveTables;
  public Binlogdata.VReplicationWorkflowSubType subType =
      Binlogdata.VReplicationWorkflowSubType.None;

  /** Seconds since the stream was last alive. */
  public long age;

  FakeRow(int id, String workflow, Binlogdata.BinlogSource source) {
    this.id = id;
    this.workflow = workflow;
    this.source = source;
  }

  /** Streams of a workflow as a tablet tells of them. */
  static ReadVReplicationWorkflowResponse response(String workflow, List<FakeRow> rows) {
    ReadVReplicationWorkflowResponse.Builder response =
        ReadVReplicationWorkflowResponse.newBuilder()
            .setWorkflow(workflow)
            .setCells(rows.getFirst().cells)
            .setOptions(rows.getFirst().options)
            .setWorkflowType(rows.getFirst().type)
            .setWorkflowSubType(rows.getFirst().subType);
    rows.forEach(row -> response.addStreams(row.stream()));
    return response.build();
  }

  private ReadVReplicationWorkflowResponse.Stream stream() {
    return ReadVReplicationWorkflowResponse.Stream.newBuilder()
        .setId(id)
        .setBls(source)
        .setPos(position)
        .setStopPos(stopPosition)
        .setState(state)
        .setMessage(message)
        .setTimeUpdated(
            vttime.Vttime.Time.newBuilder().setSeconds(System.currentTimeMillis() / 1000 - age))
        .build();
  }
}
