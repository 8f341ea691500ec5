package dev.shunt.command.cluster;

import dev.shunt.command.refusing.Refusals;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Versioned;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.sharding.VSchemaCheck;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import vschema.Vschema;
import vtctldata.Vtctldata;

/** The RPCs on VSchemas, routing rules and what cells serve. */
public final class ServingCalls {
  private final Topo topo;

  /** Works on a topology. */
  public ServingCalls(Topo topo) {
    this.topo = topo;
  }

  /** ApplyVSchema of a whole VSchema; DDL on VSchemas is not served. */
  public Vtctldata.ApplyVSchemaResponse apply(Vtctldata.ApplyVSchemaRequest request) {
    String keyspace = request.getKeyspace();
    if (topo.keyspace(keyspace).isEmpty()) {
      throw Refusals.noNode("keyspaces/" + keyspace + "/Keyspace");
    }
    if (request.hasVSchema() != request.getSql().isEmpty()) {
      throw Refusals.invalid("must pass exactly one of req.VSchema and req.Sql");
    }
    if (!request.getSql().isEmpty()) {
      throw Refusals.invalid("VSchema DDL is not supported: pass the whole VSchema");
    }
    check(keyspace, request.getVSchema());
    SortedMap<String, List<String>> unknown = VSchemaCheck.unknownParameters(request.getVSchema());
    if (request.getStrict() && !unknown.isEmpty()) {
      throw Refusals.invalid(
          "unknown vindex params: "
              + unknown.entrySet().stream()
                  .map(one -> one.getKey() + " (" + String.join(", ", one.getValue()) + ")")
                  .collect(Collectors.joining("; ")));
    }
    if (!request.getDryRun()) {
      topo.saveVSchema(keyspace, request.getVSchema());
      if (!request.getSkipRebuild()) {
        topo.rebuildSrvVSchema(request.getCellsList());
      }
    }
    Vtctldata.ApplyVSchemaResponse.Builder answer =
        Vtctldata.ApplyVSchemaResponse.newBuilder().setVSchema(request.getVSchema());
    unknown.forEach((vindex, parameters) ->
        answer.putUnknownVindexParams(
            vindex,
            Vtctldata.ApplyVSchemaResponse.ParamList.newBuilder()
                .addAllParams(parameters)
                .build()));
    return answer.build();
  }

  /** GetVSchema; NOT_FOUND without it. */
  public Vtctldata.GetVSchemaResponse vschema(Vtctldata.GetVSchemaRequest request) {
    return Vtctldata.GetVSchemaResponse.newBuilder()
        .setVSchema(
            topo.vschema(request.getKeyspace())
                .orElseThrow(
                    () -> Refusals.noNode("keyspaces/" + request.getKeyspace() + "/VSchema"))
                .value())
        .build();
  }

  /** GetSrvVSchema of a cell; NOT_FOUND without it. */
  public Vtctldata.GetSrvVSchemaResponse srvVSchema(Vtctldata.GetSrvVSchemaRequest request) {
    return Vtctldata.GetSrvVSchemaResponse.newBuilder()
        .setSrvVSchema(
            topo.srvVSchema(request.getCell())
                .orElseThrow(() -> Refusals.noNode("SrvVSchema"))
                .value())
        .build();
  }

  /** GetSrvVSchemas of the given cells, or of all. */
  public Vtctldata.GetSrvVSchemasResponse srvVSchemas(Vtctldata.GetSrvVSchemasRequest request) {
    Vtctldata.GetSrvVSchemasResponse.Builder answer = Vtctldata.GetSrvVSchemasResponse.newBuilder();
    for (String cell : cells(request.getCellsList())) {
      topo.srvVSchema(cell).ifPresent(record -> answer.putSrvVSchemas(cell, record.value()));
    }
    return answer.build();
  }

  /** GetSrvKeyspaces of the given cells, or of all. */
  public Vtctldata.GetSrvKeyspacesResponse srvKeyspaces(Vtctldata.GetSrvKeyspacesRequest request) {
    Vtctldata.GetSrvKeyspacesResponse.Builder answer =
        Vtctldata.GetSrvKeyspacesResponse.newBuilder();
    for (String cell : cells(request.getCellsList())) {
      topo.srvKeyspace(cell, request.getKeyspace())
          .ifPresent(record -> answer.putSrvKeyspaces(cell, record.value()));
    }
    return answer.build();
  }

  /** GetRoutingRules. */
  public Vtctldata.GetRoutingRulesResponse rules() {
    return Vtctldata.GetRoutingRulesResponse.newBuilder()
        .setRoutingRules(topo.routingRules().value())
        .build();
  }

  /** ApplyRoutingRules: replaces all of them. */
  public Vtctldata.ApplyRoutingRulesResponse apply(Vtctldata.ApplyRoutingRulesRequest request) {
    topo.updateRoutingRules(old -> request.getRoutingRules());
    rebuild(request.getSkipRebuild(), request.getRebuildCellsList());
    return Vtctldata.ApplyRoutingRulesResponse.getDefaultInstance();
  }

  /** GetShardRoutingRules. */
  public Vtctldata.GetShardRoutingRulesResponse shardRules() {
    return Vtctldata.GetShardRoutingRulesResponse.newBuilder()
        .setShardRoutingRules(topo.shardRoutingRules().value())
        .build();
  }

  /** ApplyShardRoutingRules: replaces all of them. */
  public Vtctldata.ApplyShardRoutingRulesResponse apply(
      Vtctldata.ApplyShardRoutingRulesRequest request) {
    topo.updateShardRoutingRules(old -> request.getShardRoutingRules());
    rebuild(request.getSkipRebuild(), request.getRebuildCellsList());
    return Vtctldata.ApplyShardRoutingRulesResponse.getDefaultInstance();
  }

  /** RebuildVSchemaGraph in the given cells, or in all. */
  public Vtctldata.RebuildVSchemaGraphResponse rebuild(
      Vtctldata.RebuildVSchemaGraphRequest request) {
    topo.rebuildSrvVSchema(request.getCellsList());
    return Vtctldata.RebuildVSchemaGraphResponse.getDefaultInstance();
  }

  /** RebuildKeyspaceGraph in the given cells, or in all; NOT_FOUND without the keyspace. */
  public Vtctldata.RebuildKeyspaceGraphResponse rebuild(
      Vtctldata.RebuildKeyspaceGraphRequest request) {
    if (topo.keyspace(request.getKeyspace()).isEmpty()) {
      throw Refusals.noNode("keyspaces/" + request.getKeyspace() + "/Keyspace");
    }
    topo.rebuildSrvKeyspace(request.getKeyspace(), request.getCellsList());
    return Vtctldata.RebuildKeyspaceGraphResponse.getDefaultInstance();
  }

  private void rebuild(boolean skip, List<String> cells) {
    if (!skip) {
      topo.rebuildSrvVSchema(cells);
    }
  }

  private List<String> cells(List<String> requested) {
    return requested.isEmpty() ? topo.cells() : requested;
  }

  private void check(String keyspace, Vschema.Keyspace vschema) {
    Map<String, Vschema.Keyspace> others = new TreeMap<>();
    for (String other : topo.keyspaces()) {
      if (!other.equals(keyspace)) {
        others.put(
            other,
            topo.vschema(other)
                .map(Versioned::value)
                .orElse(Vschema.Keyspace.getDefaultInstance()));
      }
    }
    List<String> routed =
        topo.routingRules().value().getRulesList().stream()
            .map(Vschema.RoutingRule::getFromTable)
            .toList();
    try {
      VSchemaCheck.check(keyspace, vschema, others, routed);
    } catch (RefusedException e) {
      throw Refusals.of(e.refusal().code().name(), e.refusal().message());
    }
  }
}
