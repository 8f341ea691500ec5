package dev.shunt.command.reading;

import dev.shunt.cluster.Traffic;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Versioned;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.TrafficState;
import dev.shunt.workflow.streams.StreamMessages;
import io.vitess.proto.Topodata;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a switch left that ended in its middle, for instance as vtctld was killed: the side that
 * writes are routed to refuses them, or streams wait for the end of a switch.
 */
final class HalfSwitched {
  private HalfSwitched() {}

  /**
   * Says what is half done and what to do about it.
   *
   * @param traffic that of the forward workflow
   * @param state where it goes
   * @param streams the streams of the workflow that is asked for
   */
  static Optional<String> of(
      Topo topo, Traffic traffic, TrafficState state, List<StreamAnswer> streams) {
    SwitchableMigration forward = traffic.migration();
    boolean switched = state.writesSwitched();
    List<String> found = new ArrayList<>();
    List<String> denying = denying(topo, switched ? forward.reversed() : forward, traffic);
    if (!denying.isEmpty()) {
      found.add((switched ? "target" : "source") + " denied (" + String.join(", ", denying) + ")");
    }
    List<StreamAnswer> waiting =
        streams.stream()
            .filter(view -> view.status().message().equals(StreamMessages.CUTOVER))
            .toList();
    if (!waiting.isEmpty()) {
      long last = waiting.stream().mapToLong(view -> view.status().timeUpdated()).max().orElse(0);
      found.add("streams stopped for cutover, since " + Instant.ofEpochSecond(last));
    }
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Half-switched: "
                + String.join(", ", found)
                + ". Unless a switch is under way, one was interrupted: "
                + (switched ? "ReverseTraffic or SwitchTraffic" : "SwitchTraffic")
                + " again finishes it"
                + (switched ? "" : ", or cancel the workflow"));
  }

  /**
   * Shards that writes go to, by a migration's source, and that deny something of what is moved.
   */
  private static List<String> denying(Topo topo, SwitchableMigration way, Traffic traffic) {
    List<String> denying = new ArrayList<>();
    String keyspace = way.source();
    for (Map.Entry<String, Versioned<Topodata.Shard>> shard : topo.shards(keyspace).entrySet()) {
      boolean concerned =
          switch (way) {
            case TableMigration unused -> true;
            case ShardMigration shards -> shards.sourceShards().contains(shard.getKey());
          };
      if (concerned && traffic.deniesSome(shard.getKey(), shard.getValue().value())) {
        denying.add(keyspace + "/" + shard.getKey());
      }
    }
    return denying;
  }
}
