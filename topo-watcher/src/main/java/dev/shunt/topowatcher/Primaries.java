package dev.shunt.topowatcher;

import dev.shunt.topo.RecordKinds;
import dev.shunt.topo.TopoEvent;
import io.vitess.proto.Topodata;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Knows from topology events which tablets are the primaries of their shards. */
final class Primaries {
  private record ShardName(String keyspace, String shard) implements Comparable<ShardName> {
    @Override
    public int compareTo(ShardName other) {
      int byKeyspace = keyspace.compareTo(other.keyspace);
      return byKeyspace != 0 ? byKeyspace : shard.compareTo(other.shard);
    }
  }

  private final Map<ShardName, Topodata.TabletAlias> shards = new TreeMap<>();
  private final Map<String, Topodata.Tablet> tablets = new TreeMap<>();

  void accept(TopoEvent event) {
    String[] parts = event.path().split("/", -1);
    if (parts.length == 5 && parts[0].equals("keyspaces") && parts[4].equals("Shard")) {
      ShardName name = new ShardName(parts[1], parts[3]);
      Optional<Topodata.Shard> shard = read(event, Topodata.Shard.class);
      if (shard.isPresent() && shard.get().hasPrimaryAlias()) {
        shards.put(name, shard.get().getPrimaryAlias());
      } else {
        shards.remove(name);
      }
    } else if (parts.length == 3 && parts[0].equals("tablets") && parts[2].equals("Tablet")) {
      read(event, Topodata.Tablet.class)
          .ifPresentOrElse(tablet -> tablets.put(parts[1], tablet), () -> tablets.remove(parts[1]));
    }
  }

  private static <T> Optional<T> read(TopoEvent event, Class<T> type) {
    byte[] value = event.value();
    return value == null
        ? Optional.empty()
        : RecordKinds.parse(event.path(), value).map(type::cast);
  }

  /** The primaries whose address is known, by alias. */
  Map<String, Primary> current() {
    Map<String, Primary> primaries = new TreeMap<>();
    shards.forEach((name, alias) -> {
      Topodata.Tablet tablet = tablets.get(Primary.alias(alias));
      if (tablet != null
          && !tablet.getHostname().isEmpty()
          && tablet.getPortMapOrDefault("grpc", 0) != 0) {
        primaries.put(Primary.alias(alias), new Primary(name.keyspace(), name.shard(), tablet));
      }
    });
    return primaries;
  }
}
