package dev.shunt.topo;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.vitess.proto.Topodata;
import java.util.Map;
import java.util.Optional;
import vschema.Vschema;

/** Which message a record holds, known from its path. */
public final class RecordKinds {
  private static final Map<String, Message> BY_NAME =
      Map.ofEntries(
          Map.entry("CellInfo", Topodata.CellInfo.getDefaultInstance()),
          Map.entry("CellsAlias", Topodata.CellsAlias.getDefaultInstance()),
          Map.entry("Keyspace", Topodata.Keyspace.getDefaultInstance()),
          Map.entry("Shard", Topodata.Shard.getDefaultInstance()),
          Map.entry("ShardReplication", Topodata.ShardReplication.getDefaultInstance()),
          Map.entry("SrvKeyspace", Topodata.SrvKeyspace.getDefaultInstance()),
          Map.entry("SrvVSchema", Vschema.SrvVSchema.getDefaultInstance()),
          Map.entry("Tablet", Topodata.Tablet.getDefaultInstance()),
          Map.entry("VSchema", Vschema.Keyspace.getDefaultInstance()),
          Map.entry("RoutingRules", Vschema.RoutingRules.getDefaultInstance()),
          Map.entry("ShardRoutingRules", Vschema.ShardRoutingRules.getDefaultInstance()),
          Map.entry("MirrorRules", Vschema.MirrorRules.getDefaultInstance()));

  private RecordKinds() {}

  /** The empty message of the kind that a path holds; empty for paths that hold none. */
  public static Optional<Message> of(String path) {
    if (path.equals(Paths.KEYSPACE_ROUTING_RULES)) {
      return Optional.of(Vschema.KeyspaceRoutingRules.getDefaultInstance());
    }
    return Optional.ofNullable(BY_NAME.get(path.substring(path.lastIndexOf('/') + 1)));
  }

  /**
   * Reads a record.
   *
   * @throws TopoException INVALID when the bytes are not of that kind
   */
  public static Optional<Message> parse(String path, byte[] bytes) {
    return of(path)
        .map(kind -> {
          try {
            return kind.getParserForType().parseFrom(bytes);
          } catch (InvalidProtocolBufferException e) {
            throw new TopoException(
                TopoException.Kind.INVALID, "unreadable topology record " + path, e);
          }
        });
  }
}
