package dev.shunt.cli.cluster;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.shunt.cli.render.GoJson;
import dev.shunt.cli.vtctld.Reads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vschema.Vschema;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** The verbs on VSchemas, rules and what cells serve. */
public final class ServingVerbs {
  private static final String CHECK_INPUT =
      "If this is not what you expected, check the input data (as JSON parsing will skip"
          + " unexpected fields).";

  private ServingVerbs() {}

  private static void parse(String json, Message.Builder into) {
    try {
      JsonFormat.parser().ignoringUnknownFields().merge(json, into);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("malformed JSON: " + e.getMessage(), e);
    }
  }

  /** {@code applyvschema}. */
  @Command(name = "applyvschema", description = "Replaces the VSchema of a keyspace.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class ApplyVSchema extends ClusterVerb {
    @Parameters(paramLabel = "KEYSPACE")
    String keyspace = "";

    @Option(names = "--cells", split = ",", description = "Rebuild only these cells.")
    List<String> cells = new ArrayList<>();

    @Option(
        names = "--dry-run",
        arity = "0..1",
        fallbackValue = "true",
        description = "Check and show it, but don't save it.")
    boolean dryRun;

    @Option(
        names = "--skip-rebuild",
        arity = "0..1",
        fallbackValue = "true",
        description = "Don't rebuild what cells serve.")
    boolean skipRebuild;

    @Option(
        names = "--strict",
        arity = "0..1",
        fallbackValue = "true",
        description = "Refuse unknown parameters of vindexes.")
    boolean strict;

    @Option(names = "--sql", hidden = true, defaultValue = "", description = "DDL on the VSchema.")
    String sql = "";

    @Option(
        names = "--sql-file",
        hidden = true,
        defaultValue = "",
        description = "File with such DDL.")
    String sqlFile = "";

    @Option(names = "--vschema", defaultValue = "", description = "VSchema as JSON.")
    String vschema = "";

    @Option(names = "--vschema-file", defaultValue = "", description = "File with the JSON.")
    String vschemaFile = "";

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) throws IOException {
      Vtctldata.ApplyVSchemaRequest.Builder request =
          Vtctldata.ApplyVSchemaRequest.newBuilder()
              .setKeyspace(keyspace)
              .setSkipRebuild(skipRebuild)
              .setDryRun(dryRun)
              .setStrict(strict)
              .addAllCells(cells);
      boolean ddl = !sql.isEmpty() || !sqlFile.isEmpty();
      boolean json = !vschema.isEmpty() || !vschemaFile.isEmpty();
      if (ddl == json) {
        throw refuse(
            "one of the sql, sql-file, vschema, or vschema-file flags must be specified when"
                + " calling the ApplyVSchema command");
      }
      if (ddl) {
        request.setSql(textOrFile("sql", sql, sqlFile));
      } else {
        parse(textOrFile("vschema", vschema, vschemaFile), request.getVSchemaBuilder());
      }
      Vtctldata.ApplyVSchemaResponse answer = vtctld.applyVSchema(request.build());
      out().println("New VSchema object:");
      print(answer.getVSchema());
      out().println(CHECK_INPUT);
      new TreeMap<>(answer.getUnknownVindexParamsMap())
          .forEach((vindex, unknown) ->
              warn(
                  "vindex %s: its type has no parameters %s; they have no effect"
                      .formatted(vindex, String.join(", ", unknown.getParamsList()))));
    }
  }

  /** {@code getvschema}. */
  @Command(name = "getvschema", description = "Shows the VSchema of a keyspace.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class GetVSchema extends ClusterVerb {
    @Parameters(paramLabel = "KEYSPACE")
    String keyspace = "";

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      print(
          vtctld
              .getVSchema(Vtctldata.GetVSchemaRequest.newBuilder().setKeyspace(keyspace).build())
              .getVSchema());
    }
  }

  /** {@code getsrvvschema}. */
  @Command(name = "getsrvvschema", description = "Shows all VSchemas and rules a cell serves.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class GetSrvVSchema extends ClusterVerb {
    @Parameters(paramLabel = "CELL")
    String cell = "";

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      print(
          vtctld
              .getSrvVSchema(Vtctldata.GetSrvVSchemaRequest.newBuilder().setCell(cell).build())
              .getSrvVSchema());
    }
  }

  /** {@code getsrvvschemas}. */
  @Command(name = "getsrvvschemas", description = "Shows all VSchemas and rules of cells.")
  public static final class GetSrvVSchemas extends ClusterVerb {
    @Parameters(paramLabel = "CELL", arity = "0..*")
    List<String> cells = new ArrayList<>();

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      out()
          .println(
              GoJson.plain(
                  new TreeMap<>(
                      vtctld
                          .getSrvVSchemas(
                              Vtctldata.GetSrvVSchemasRequest.newBuilder()
                                  .addAllCells(cells)
                                  .build())
                          .getSrvVSchemasMap())));
    }
  }

  /** {@code getsrvkeyspaces}. */
  @Command(name = "getsrvkeyspaces", description = "Shows what cells serve of a keyspace.")
  public static final class GetSrvKeyspaces extends ClusterVerb {
    @Parameters(paramLabel = "KEYSPACE", index = "0")
    String keyspace = "";

    @Parameters(paramLabel = "CELL", index = "1..*", arity = "0..*")
    List<String> cells = new ArrayList<>();

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      out()
          .println(
              GoJson.plain(
                  new TreeMap<>(
                      vtctld
                          .getSrvKeyspaces(
                              Vtctldata.GetSrvKeyspacesRequest.newBuilder()
                                  .setKeyspace(keyspace)
                                  .addAllCells(cells)
                                  .build())
                          .getSrvKeyspacesMap())));
    }
  }

  /** {@code getroutingrules}. */
  @Command(name = "getroutingrules", description = "Shows the routing rules of tables.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class GetRoutingRules extends ClusterVerb {
    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      print(
          vtctld
              .getRoutingRules(Vtctldata.GetRoutingRulesRequest.getDefaultInstance())
              .getRoutingRules());
    }
  }

  /** {@code getshardroutingrules}. */
  @Command(name = "getshardroutingrules", description = "Shows the routing rules of shards.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class GetShardRoutingRules extends ClusterVerb {
    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      print(
          vtctld
              .getShardRoutingRules(Vtctldata.GetShardRoutingRulesRequest.getDefaultInstance())
              .getShardRoutingRules());
    }
  }

  /** What both applies take. */
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  abstract static class ApplyRules extends ClusterVerb {
    @Option(
        names = {"-c", "--cells"},
        split = ",",
        description = "Rebuild only these cells.")
    List<String> cells = new ArrayList<>();

    @Option(
        names = {"-d", "--dry-run"},
        arity = "0..1",
        fallbackValue = "true",
        description = "Read and show the rules, but don't save them.")
    boolean dryRun;

    @Option(
        names = {"-r", "--rules"},
        defaultValue = "",
        description = "Rules as JSON.")
    String rules = "";

    @Option(
        names = {"-f", "--rules-file"},
        defaultValue = "",
        description = "File with the JSON.")
    String rulesFile = "";

    @Option(
        names = "--skip-rebuild",
        arity = "0..1",
        fallbackValue = "true",
        description = "Don't rebuild what cells serve.")
    boolean skipRebuild;

    abstract Message.Builder empty();

    abstract String kind();

    abstract void apply(VtctldGrpc.VtctldBlockingStub vtctld, Message rules);

    @Override
    protected final void run(VtctldGrpc.VtctldBlockingStub vtctld) throws IOException {
      Message.Builder parsed = empty();
      parse(textOrFile("rules", rules, rulesFile), parsed);
      if (dryRun) {
        out().println("[DRY RUN] Would have saved new " + kind() + " object:");
        print(parsed.build());
        out().println(rebuildSentence());
        return;
      }
      apply(vtctld, parsed.build());
      out().println("New " + kind() + " object:");
      print(parsed.build());
      out().println(CHECK_INPUT);
      if (skipRebuild) {
        out()
            .println(
                "Skipping rebuild of VSchema graph, will need to run RebuildVSchemaGraph for"
                    + " changes to take effect.");
      }
    }

    private String rebuildSentence() {
      if (skipRebuild) {
        return "[DRY RUN] Would not have rebuilt VSchema graph, would have required operator to"
            + " run RebuildVSchemaGraph for changes to take effect";
      }
      return "[DRY RUN] Would have rebuilt the VSchema graph"
          + (cells.isEmpty()
              ? " in all cells"
              : " in the following cells: " + String.join(", ", cells) + ".");
    }
  }

  /** {@code applyroutingrules}. */
  @Command(name = "applyroutingrules", description = "Replaces the routing rules of tables.")
  public static final class ApplyRoutingRules extends ApplyRules {
    @Override
    Message.Builder empty() {
      return Vschema.RoutingRules.newBuilder();
    }

    @Override
    String kind() {
      return "RoutingRules";
    }

    @Override
    void apply(VtctldGrpc.VtctldBlockingStub vtctld, Message rules) {
      var unused =
          vtctld.applyRoutingRules(
              Vtctldata.ApplyRoutingRulesRequest.newBuilder()
                  .setRoutingRules((Vschema.RoutingRules) rules)
                  .setSkipRebuild(skipRebuild)
                  .addAllRebuildCells(cells)
                  .build());
    }
  }

  /** {@code applyshardroutingrules}. */
  @Command(name = "applyshardroutingrules", description = "Replaces the routing rules of shards.")
  public static final class ApplyShardRoutingRules extends ApplyRules {
    @Override
    Message.Builder empty() {
      return Vschema.ShardRoutingRules.newBuilder();
    }

    @Override
    String kind() {
      return "ShardRoutingRules";
    }

    @Override
    void apply(VtctldGrpc.VtctldBlockingStub vtctld, Message rules) {
      var unused =
          vtctld.applyShardRoutingRules(
              Vtctldata.ApplyShardRoutingRulesRequest.newBuilder()
                  .setShardRoutingRules((Vschema.ShardRoutingRules) rules)
                  .setSkipRebuild(skipRebuild)
                  .addAllRebuildCells(cells)
                  .build());
    }
  }

  /** {@code rebuildvschemagraph}. */
  @Command(name = "rebuildvschemagraph", description = "Rebuilds the VSchemas that cells serve.")
  public static final class RebuildVSchemaGraph extends ClusterVerb {
    @Option(
        names = {"-c", "--cells"},
        split = ",",
        description = "Only these cells.")
    List<String> cells = new ArrayList<>();

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      var unused =
          vtctld.rebuildVSchemaGraph(
              Vtctldata.RebuildVSchemaGraphRequest.newBuilder().addAllCells(cells).build());
      out().println("RebuildVSchemaGraph: ok");
    }
  }

  /** {@code rebuildkeyspacegraph}. */
  @Command(name = "rebuildkeyspacegraph", description = "Rebuilds what cells serve of keyspaces.")
  public static final class RebuildKeyspaceGraph extends ClusterVerb {
    @Parameters(paramLabel = "KEYSPACE", arity = "1..*")
    List<String> keyspaces = new ArrayList<>();

    @Option(
        names = {"-c", "--cells"},
        split = ",",
        description = "Only these cells.")
    List<String> cells = new ArrayList<>();

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      for (String keyspace : keyspaces) {
        var unused =
            vtctld.rebuildKeyspaceGraph(
                Vtctldata.RebuildKeyspaceGraphRequest.newBuilder()
                    .setKeyspace(keyspace)
                    .addAllCells(cells)
                    .build());
      }
    }
  }
}
