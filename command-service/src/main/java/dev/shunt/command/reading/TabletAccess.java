package dev.shunt.command.reading;

import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.util.List;
import tabletmanagerdata.Tabletmanagerdata;

/** The few calls to tablets that answers need; failures as those of the tablet clients. */
public interface TabletAccess {
  /** Streams of a tablet, by workflow. */
  List<Tabletmanagerdata.ReadVReplicationWorkflowResponse> workflows(
      Topodata.Tablet tablet, Tabletmanagerdata.ReadVReplicationWorkflowsRequest request);

  /** Runs a query as the administrator. */
  Query.QueryResult query(Topodata.Tablet tablet, String sql, int maxRows);

  /** Tables of a tablet's database. */
  Tabletmanagerdata.SchemaDefinition schema(
      Topodata.Tablet tablet, Tabletmanagerdata.GetSchemaRequest request);

  /** Makes a tablet read its shard's record again. */
  void refreshState(Topodata.Tablet tablet);
}
