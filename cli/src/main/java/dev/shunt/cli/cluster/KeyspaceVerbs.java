package dev.shunt.cli.cluster;

import dev.shunt.cli.render.GoJson;
import dev.shunt.cli.vtctld.Reads;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** The verbs on keyspaces and shards. */
public final class KeyspaceVerbs {
  private KeyspaceVerbs() {}

  /** {@code createkeyspace}. */
  @Command(name = "createkeyspace", description = "Creates a keyspace.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class Create extends ClusterVerb {
    @Parameters(paramLabel = "KEYSPACE")
    String keyspace = "";

    @Option(
        names = {"-e", "--allow-empty-vschema"},
        arity = "0..1",
        fallbackValue = "true",
        description = "Allow it to have no VSchema.")
    boolean allowEmptyVSchema;

    @Option(names = "--base-keyspace", defaultValue = "", description = "Of a snapshot keyspace.")
    String baseKeyspace = "";

    @Option(
        names = "--durability-policy",
        defaultValue = "none",
        description = "Durability policy (default: ${DEFAULT-VALUE}).")
    String durabilityPolicy = "none";

    @Option(
        names = {"-f", "--force"},
        arity = "0..1",
        fallbackValue = "true",
        description = "Go on when it exists.")
    boolean force;

    @Option(
        names = "--sidecar-db-name",
        defaultValue = "_vt",
        description = "Database of the tablets' own tables (default: ${DEFAULT-VALUE}).")
    String sidecar = "_vt";

    @Option(names = "--type", defaultValue = "NORMAL", description = "NORMAL or SNAPSHOT.")
    String type = "NORMAL";

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      Vtctldata.CreateKeyspaceResponse answer =
          vtctld.createKeyspace(
              Vtctldata.CreateKeyspaceRequest.newBuilder()
                  .setName(keyspace)
                  .setForce(force)
                  .setAllowEmptyVSchema(allowEmptyVSchema)
                  .setType(type())
                  .setBaseKeyspace(baseKeyspace)
                  .setDurabilityPolicy(durabilityPolicy)
                  .setSidecarDbName(sidecar)
                  .build());
      out().println("Successfully created keyspace " + keyspace + ". Result:");
      print(answer.getKeyspace());
    }

    private Topodata.KeyspaceType type() {
      for (Topodata.KeyspaceType one : Topodata.KeyspaceType.values()) {
        if (one != Topodata.KeyspaceType.UNRECOGNIZED && one.name().equalsIgnoreCase(type)) {
          return one;
        }
      }
      throw refuse("invalid type: " + type + ", want NORMAL or SNAPSHOT");
    }
  }

  /** {@code getkeyspaces}. */
  @Command(name = "getkeyspaces", description = "Shows all keyspaces.")
  public static final class All extends ClusterVerb {
    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      out()
          .println(
              GoJson.plain(
                  vtctld
                      .getKeyspaces(Vtctldata.GetKeyspacesRequest.getDefaultInstance())
                      .getKeyspacesList()));
    }
  }

  /** {@code getkeyspace}. */
  @Command(name = "getkeyspace", description = "Shows a keyspace.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class Get extends ClusterVerb {
    @Parameters(paramLabel = "KEYSPACE")
    String keyspace = "";

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      print(
          vtctld
              .getKeyspace(Vtctldata.GetKeyspaceRequest.newBuilder().setKeyspace(keyspace).build())
              .getKeyspace());
    }
  }

  /** {@code createshard}. */
  @Command(name = "createshard", description = "Creates a shard.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class CreateShard extends ClusterVerb {
    @Parameters(paramLabel = "KEYSPACE/SHARD")
    String path = "";

    @Option(
        names = {"-f", "--force"},
        arity = "0..1",
        fallbackValue = "true",
        description = "Go on when it exists.")
    boolean force;

    @Option(
        names = {"-p", "--include-parent"},
        arity = "0..1",
        fallbackValue = "true",
        description = "Create the keyspace as well.")
    boolean includeParent;

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      String[] parts = keyspaceShard(path);
      print(
          vtctld.createShard(
              Vtctldata.CreateShardRequest.newBuilder()
                  .setKeyspace(parts[0])
                  .setShardName(parts[1])
                  .setForce(force)
                  .setIncludeParent(includeParent)
                  .build()));
    }
  }

  /** {@code getshard}. */
  @Command(name = "getshard", description = "Shows a shard.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class GetShard extends ClusterVerb {
    @Parameters(paramLabel = "KEYSPACE/SHARD")
    String path = "";

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      String[] parts = keyspaceShard(path);
      print(
          vtctld
              .getShard(
                  Vtctldata.GetShardRequest.newBuilder()
                      .setKeyspace(parts[0])
                      .setShardName(parts[1])
                      .build())
              .getShard());
    }
  }

  /** {@code setshardtabletcontrol}. */
  @Command(
      name = "setshardtabletcontrol",
      description =
          "Denies tables on the primary of a shard, or serves them again. For after a complete or"
              + " cancel that kept the data.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class SetShardTabletControl extends ClusterVerb {
    @Parameters(index = "0", paramLabel = "KEYSPACE/SHARD")
    String path = "";

    @Parameters(index = "1", paramLabel = "TABLET_TYPE", description = "primary")
    String type = "";

    @Option(names = "--denied-tables", split = ",", description = "The tables, comma-separated.")
    List<String> tables = new ArrayList<>();

    @Option(
        names = {"-r", "--remove"},
        arity = "0..1",
        fallbackValue = "true",
        description = "Serve the tables again.")
    boolean remove;

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      String[] parts = keyspaceShard(path);
      if (!type.equalsIgnoreCase("primary")) {
        throw refuse("tables are denied on the primary only, not on " + type);
      }
      print(
          vtctld
              .setShardTabletControl(
                  Vtctldata.SetShardTabletControlRequest.newBuilder()
                      .setKeyspace(parts[0])
                      .setShard(parts[1])
                      .setTabletType(Topodata.TabletType.PRIMARY)
                      .addAllDeniedTables(tables)
                      .setRemove(remove)
                      .build())
              .getShard());
    }
  }

  /** {@code findallshardsinkeyspace}. */
  @Command(name = "findallshardsinkeyspace", description = "Shows the shards of a keyspace.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class Shards extends ClusterVerb {
    @Parameters(paramLabel = "KEYSPACE")
    String keyspace = "";

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      print(
          vtctld.findAllShardsInKeyspace(
              Vtctldata.FindAllShardsInKeyspaceRequest.newBuilder().setKeyspace(keyspace).build()));
    }
  }
}
