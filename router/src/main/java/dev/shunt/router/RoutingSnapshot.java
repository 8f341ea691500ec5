package dev.shunt.router;

import com.google.protobuf.ByteString;
import dev.shunt.topo.Aliases;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.sharding.KeyspaceIds;
import dev.shunt.workflow.sharding.ShardingKey;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import vschema.Vschema;

/**
 * The topology at one moment.
 *
 * @param number grows with each change
 * @param srvVSchema VSchemas and rules of the cell
 * @param shards shard records by {@code keyspace/shard}
 * @param tablets tablet records by their path in the topology
 */
record RoutingSnapshot(
    long number,
    Vschema.SrvVSchema srvVSchema,
    Map<String, Topodata.Shard> shards,
    Map<String, Topodata.Tablet> tablets,
    Map<String, String> rules) {

  RoutingSnapshot(
      long number,
      Vschema.SrvVSchema srvVSchema,
      Map<String, Topodata.Shard> shards,
      Map<String, Topodata.Tablet> tablets) {
    this(number, srvVSchema, shards, tablets, rules(srvVSchema));
  }

  /**
   * A table and the keyspace that it is to be found in.
   *
   * @param keyspace keyspace
   * @param table table
   */
  record Destination(String keyspace, String table) {}

  private static Map<String, String> rules(Vschema.SrvVSchema srvVSchema) {
    Map<String, String> rules = new HashMap<>();
    for (Vschema.RoutingRule rule : srvVSchema.getRoutingRules().getRulesList()) {
      if (rule.getToTablesCount() > 0) {
        rules.put(rule.getFromTable(), rule.getToTables(0));
      }
    }
    return rules;
  }

  /** Whether it is known of each keyspace id of the keyspace who serves it, and where. */
  boolean knows(String keyspace) {
    List<String> names = shardNames(keyspace);
    return knowsVSchema(keyspace)
        && servesAll(keyspace)
        && names.stream().allMatch(shard -> primary(keyspace, shard).isPresent());
  }

  /**
   * Whether VSchemas and rules have come: what the topology says of other things may come before,
   * and each keyspace has one, be it empty.
   */
  boolean knowsVSchemas() {
    return srvVSchema.getKeyspacesCount() > 0;
  }

  boolean knowsVSchema(String keyspace) {
    return srvVSchema.containsKeyspaces(keyspace);
  }

  /** Whether the serving shards of a keyspace are all there, without a gap between them. */
  boolean servesAll(String keyspace) {
    ByteString reached = ByteString.EMPTY;
    for (KeyRange range : shardNames(keyspace).stream().map(KeyRange::ofShard).sorted().toList()) {
      if (!range.start().equals(reached)) {
        return false;
      }
      reached = range.end();
      if (reached.isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Follows the routing rules from a table named in a keyspace, or in none when that is empty.
   * Empty when no rule and no keyspace says where the table is.
   *
   * @throws dev.shunt.workflow.RefusedException FAILED_PRECONDITION when the rule names no keyspace
   */
  Optional<Destination> route(String keyspace, String table, Topodata.TabletType type) {
    String suffix =
        switch (type) {
          case REPLICA -> "@replica";
          case RDONLY -> "@rdonly";
          default -> "";
        };
    String qualified = keyspace.isEmpty() ? table : keyspace + "." + table;
    for (String from : List.of(qualified + suffix, qualified)) {
      String to = rules.get(from);
      if (to != null) {
        int dot = to.indexOf('.');
        if (dot < 1) {
          throw Refusal.failedPrecondition(
                  "the routing rule of %s leads to '%s', which names no keyspace", from, to)
              .exception();
        }
        return Optional.of(new Destination(to.substring(0, dot), to.substring(dot + 1)));
      }
    }
    if (!keyspace.isEmpty()) {
      return Optional.of(new Destination(keyspace, table));
    }
    return Optional.empty();
  }

  boolean sharded(String keyspace) {
    return vschema(keyspace).getSharded();
  }

  /**
   * The vindex that statements on a table are routed by.
   *
   * @throws dev.shunt.workflow.RefusedException UNIMPLEMENTED when it takes several columns
   */
  Optional<ShardingKey> shardingKey(String keyspace, String table) {
    Optional<ShardingKey> key = KeyspaceIds.primary(keyspace, vschema(keyspace), table);
    key.filter(found -> found.columns().size() > 1)
        .ifPresent(found -> {
          throw Refusal.of(
                  Refusal.Code.UNIMPLEMENTED,
                  "vindex %s of table %s.%s takes columns %s; statements are routed by one column",
                  found.vindexName(),
                  keyspace,
                  table,
                  found.columns())
              .exception();
        });
    return key;
  }

  private Vschema.Keyspace vschema(String keyspace) {
    return srvVSchema.getKeyspacesOrDefault(keyspace, Vschema.Keyspace.getDefaultInstance());
  }

  /** Serving shards of a keyspace, in the order of their names. */
  List<String> shardNames(String keyspace) {
    List<String> names = new ArrayList<>();
    shards.forEach((key, shard) -> {
      if (key.startsWith(keyspace + "/") && shard.getIsPrimaryServing()) {
        names.add(key.substring(keyspace.length() + 1));
      }
    });
    names.sort(null);
    return names;
  }

  /** The serving shard that holds a keyspace id. */
  Optional<String> shardOf(String keyspace, byte[] keyspaceId) {
    return shardNames(keyspace).stream()
        .filter(shard -> KeyRange.ofShard(shard).contains(keyspaceId))
        .findFirst();
  }

  Optional<Topodata.Tablet> primary(String keyspace, String shard) {
    Topodata.Shard record = shards.get(keyspace + "/" + shard);
    if (record == null || !record.hasPrimaryAlias()) {
      return Optional.empty();
    }
    Topodata.TabletAlias alias = record.getPrimaryAlias();
    return Optional.ofNullable(tablets.get("tablets/" + Aliases.text(alias) + "/Tablet"));
  }

  /** Whether the shard's primary refuses statements on the table. */
  boolean denied(String keyspace, String shard, String table) {
    Topodata.Shard record = shards.get(keyspace + "/" + shard);
    return record != null
        && record.getTabletControlsList().stream()
            .anyMatch(control ->
                control.getTabletType() == Topodata.TabletType.PRIMARY
                    && (control.getDeniedTablesList().contains(table)
                        || control.getDeniedTablesList().contains(DeniedTables.ALL)));
  }
}
