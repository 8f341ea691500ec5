package dev.shunt.command.reading;

import dev.shunt.tabletclient.TabletClients;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.util.List;
import tabletmanagerdata.Tabletmanagerdata;

/** Calls to tablets over gRPC. */
public final class ClientTablets implements TabletAccess {
  private final TabletClients clients;

  /** Uses clients that somebody else closes. */
  public ClientTablets(TabletClients clients) {
    this.clients = clients;
  }

  @Override
  public List<Tabletmanagerdata.ReadVReplicationWorkflowResponse> workflows(
      Topodata.Tablet tablet, Tabletmanagerdata.ReadVReplicationWorkflowsRequest request) {
    return clients.of(tablet).readVReplicationWorkflows(request);
  }

  @Override
  public Query.QueryResult query(Topodata.Tablet tablet, String sql, int maxRows) {
    return clients.of(tablet).executeFetchAsDba(sql, maxRows);
  }

  @Override
  public Tabletmanagerdata.SchemaDefinition schema(
      Topodata.Tablet tablet, Tabletmanagerdata.GetSchemaRequest request) {
    return clients.of(tablet).getSchema(request);
  }

  @Override
  public void refreshState(Topodata.Tablet tablet) {
    clients.of(tablet).refreshState();
  }
}
