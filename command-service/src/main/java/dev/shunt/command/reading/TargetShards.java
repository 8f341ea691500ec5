package dev.shunt.command.reading;

import dev.shunt.command.refusing.Refusals;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Versioned;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Shards of a keyspace as they are in the topology now.
 *
 * @param keyspace the keyspace
 * @param records the shards that were asked for
 */
record TargetShards(String keyspace, SortedMap<String, Topodata.Shard> records)
    implements WorkflowMapper.Shards {

  /**
   * Reads shards; NOT_FOUND without the keyspace or one of the shards.
   *
   * @param only these shards; empty means all
   */
  static TargetShards read(Topo topo, String keyspace, Collection<String> only) {
    if (keyspace.isBlank()) {
      throw Refusals.invalid("keyspace must be given");
    }
    if (topo.keyspace(keyspace).isEmpty()) {
      throw Refusals.noNode("keyspaces/" + keyspace + "/Keyspace");
    }
    SortedMap<String, Versioned<Topodata.Shard>> all = topo.shards(keyspace);
    SortedMap<String, Topodata.Shard> records = new TreeMap<>();
    for (String shard : only.isEmpty() ? all.keySet() : only) {
      Versioned<Topodata.Shard> record = all.get(shard);
      if (record == null) {
        throw Refusals.notFound("shard " + shard + " not found in keyspace " + keyspace);
      }
      records.put(shard, record.value());
    }
    return new TargetShards(keyspace, records);
  }

  @Override
  public Topodata.Shard get(String shard) {
    return records.getOrDefault(shard, Topodata.Shard.getDefaultInstance());
  }

  /** The primary of a shard; INTERNAL when it has none. */
  Topodata.Tablet primary(Topo topo, String shard) {
    return topo.primary(keyspace, shard)
        .orElseThrow(() ->
            Status.INTERNAL
                .withDescription("no primary found for shard " + keyspace + "/" + shard)
                .asRuntimeException());
  }
}
