package dev.shunt.command;

import com.google.protobuf.ByteString;
import dev.shunt.command.reading.TabletAccess;
import dev.shunt.tabletclient.TabletException;
import io.grpc.Status;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tabletmanagerdata.Tabletmanagerdata;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/** Tablets by uid with canned streams; queries are answered by a part of their text. */
final class FakeTablets implements TabletAccess {
  private final Map<Integer, ReadVReplicationWorkflowResponse> streams = new LinkedHashMap<>();
  private final Map<String, Query.QueryResult> results = new LinkedHashMap<>();
  private final Set<Integer> away = new HashSet<>();
  private final List<String> queries = new ArrayList<>();

  synchronized void holds(int uid, ReadVReplicationWorkflowResponse workflow) {
    streams.put(uid, workflow);
  }

  synchronized void holdsNothing(int uid) {
    streams.remove(uid);
  }

  synchronized void away(int uid) {
    away.add(uid);
  }

  synchronized void answers(String partOfQuery, Query.QueryResult result) {
    results.put(partOfQuery, result);
  }

  synchronized List<String> queries() {
    return List.copyOf(queries);
  }

  /** A result of text columns. */
  static Query.QueryResult table(List<String> columns, List<List<String>> rows) {
    Query.QueryResult.Builder table = Query.QueryResult.newBuilder();
    columns.forEach(name -> table.addFields(Query.Field.newBuilder().setName(name)));
    for (List<String> row : rows) {
      Query.Row.Builder packed = Query.Row.newBuilder();
      row.forEach(value -> packed.addLengths(ByteString.copyFromUtf8(value).size()));
      table.addRows(packed.setValues(ByteString.copyFromUtf8(String.join("", row))));
    }
    return table.build();
  }

  @Override
  public synchronized List<ReadVReplicationWorkflowResponse> workflows(
      Topodata.Tablet tablet, Tabletmanagerdata.ReadVReplicationWorkflowsRequest request) {
    if (away.contains(tablet.getAlias().getUid())) {
      throw new TabletException(Status.Code.UNAVAILABLE, "gone", new IllegalStateException());
    }
    ReadVReplicationWorkflowResponse found = streams.get(tablet.getAlias().getUid());
    return found != null
            && (request.getIncludeWorkflowsCount() == 0
                || request.getIncludeWorkflowsList().contains(found.getWorkflow()))
        ? List.of(found)
        : List.of();
  }

  @Override
  public synchronized Query.QueryResult query(Topodata.Tablet tablet, String sql, int maxRows) {
    queries.add(sql);
    return results.entrySet().stream()
        .filter(result -> sql.contains(result.getKey()))
        .findFirst()
        .map(Map.Entry::getValue)
        .orElse(Query.QueryResult.getDefaultInstance());
  }

  @Override
  public Tabletmanagerdata.SchemaDefinition schema(
      Topodata.Tablet tablet, Tabletmanagerdata.GetSchemaRequest request) {
    return Tabletmanagerdata.SchemaDefinition.newBuilder()
        .addTableDefinitions(
            Tabletmanagerdata.TableDefinition.newBuilder()
                .setName("customer")
                .setSchema("create table customer (id int)")
                .setType("BASE TABLE")
                .setRowCount(7))
        .build();
  }

  @Override
  public void refreshState(Topodata.Tablet tablet) {}
}
