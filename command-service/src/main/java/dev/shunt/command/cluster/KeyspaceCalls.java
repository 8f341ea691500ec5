package dev.shunt.command.cluster;

import dev.shunt.command.refusing.Refusals;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.Versioned;
import dev.shunt.workflow.WorkflowNames;
import io.vitess.proto.Topodata;
import java.util.List;
import java.util.Optional;
import vtctldata.Vtctldata;

/** The RPCs on keyspaces and shards. */
public final class KeyspaceCalls {
  private final Topo topo;

  /** Works on a topology. */
  public KeyspaceCalls(Topo topo) {
    this.topo = topo;
  }

  /** CreateKeyspace; ALREADY_EXISTS when it is there, unless forced. */
  public Vtctldata.CreateKeyspaceResponse create(Vtctldata.CreateKeyspaceRequest request) {
    String name = request.getName();
    if (!WorkflowNames.isKeyspace(name)) {
      throw Refusals.invalid(
          "the name of a keyspace is made of letters, digits, '_' and '-' and does not begin with"
              + " '-', got '%s'".formatted(name));
    }
    if (request.getType() != Topodata.KeyspaceType.NORMAL) {
      throw Refusals.invalid("only NORMAL keyspaces can be created, not " + request.getType());
    }
    if (!request.getBaseKeyspace().isEmpty() || request.hasSnapshotTime()) {
      throw Refusals.invalid("a base keyspace and a snapshot time are for SNAPSHOT keyspaces only");
    }
    Topodata.Keyspace record =
        Topodata.Keyspace.newBuilder()
            .setKeyspaceType(request.getType())
            .setDurabilityPolicy(orElse(request.getDurabilityPolicy(), "none"))
            .setSidecarDbName(orElse(request.getSidecarDbName(), "_vt"))
            .build();
    try {
      topo.createKeyspace(name, record);
    } catch (TopoException e) {
      if (e.kind() != TopoException.Kind.NODE_EXISTS || !request.getForce()) {
        throw e;
      }
    }
    topo.rebuildSrvVSchema(List.of());
    return Vtctldata.CreateKeyspaceResponse.newBuilder().setKeyspace(keyspace(name)).build();
  }

  /** GetKeyspaces, sorted. */
  public Vtctldata.GetKeyspacesResponse all() {
    Vtctldata.GetKeyspacesResponse.Builder answer = Vtctldata.GetKeyspacesResponse.newBuilder();
    for (String name : topo.keyspaces()) {
      topo.keyspace(name).ifPresent(record -> answer.addKeyspaces(named(name, record.value())));
    }
    return answer.build();
  }

  /** GetKeyspace; NOT_FOUND without it. */
  public Vtctldata.GetKeyspaceResponse get(Vtctldata.GetKeyspaceRequest request) {
    return Vtctldata.GetKeyspaceResponse.newBuilder()
        .setKeyspace(keyspace(request.getKeyspace()))
        .build();
  }

  /** CreateShard; with include_parent the keyspace as well. */
  public Vtctldata.CreateShardResponse createShard(Vtctldata.CreateShardRequest request) {
    String keyspace = request.getKeyspace();
    if (request.getIncludeParent() && topo.keyspace(keyspace).isEmpty()) {
      create(Vtctldata.CreateKeyspaceRequest.newBuilder().setName(keyspace).setForce(true).build());
    }
    Vtctldata.Keyspace parent = keyspace(keyspace);
    Vtctldata.CreateShardResponse.Builder answer =
        Vtctldata.CreateShardResponse.newBuilder().setKeyspace(parent);
    Optional<Versioned<Topodata.Shard>> present = topo.shard(keyspace, request.getShardName());
    if (present.isPresent()) {
      if (!request.getForce()) {
        throw new TopoException(
            TopoException.Kind.NODE_EXISTS,
            "node already exists: keyspaces/%s/shards/%s/Shard"
                .formatted(keyspace, request.getShardName()));
      }
      return answer
          .setShardAlreadyExists(true)
          .setShard(named(keyspace, request.getShardName(), present.get().value()))
          .build();
    }
    Topodata.Shard made = topo.createShard(keyspace, request.getShardName()).value();
    return answer.setShard(named(keyspace, request.getShardName(), made)).build();
  }

  /** GetShard; NOT_FOUND without it. */
  public Vtctldata.GetShardResponse shard(Vtctldata.GetShardRequest request) {
    Topodata.Shard record =
        topo.shard(request.getKeyspace(), request.getShardName())
            .orElseThrow(() ->
                Refusals.noNode(
                    "keyspaces/%s/shards/%s/Shard"
                        .formatted(request.getKeyspace(), request.getShardName())))
            .value();
    return Vtctldata.GetShardResponse.newBuilder()
        .setShard(named(request.getKeyspace(), request.getShardName(), record))
        .build();
  }

  /** FindAllShardsInKeyspace; NOT_FOUND without the keyspace. */
  public Vtctldata.FindAllShardsInKeyspaceResponse shards(
      Vtctldata.FindAllShardsInKeyspaceRequest request) {
    keyspace(request.getKeyspace());
    Vtctldata.FindAllShardsInKeyspaceResponse.Builder answer =
        Vtctldata.FindAllShardsInKeyspaceResponse.newBuilder();
    topo.shards(request.getKeyspace())
        .forEach((name, record) ->
            answer.putShards(name, named(request.getKeyspace(), name, record.value())));
    return answer.build();
  }

  private Vtctldata.Keyspace keyspace(String name) {
    return named(
        name,
        topo.keyspace(name)
            .orElseThrow(() -> Refusals.noNode("keyspaces/" + name + "/Keyspace"))
            .value());
  }

  private static Vtctldata.Keyspace named(String name, Topodata.Keyspace record) {
    return Vtctldata.Keyspace.newBuilder().setName(name).setKeyspace(record).build();
  }

  private static Vtctldata.Shard named(String keyspace, String name, Topodata.Shard record) {
    return Vtctldata.Shard.newBuilder()
        .setKeyspace(keyspace)
        .setName(name)
        .setShard(record)
        .build();
  }

  private static String orElse(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
  }
}
