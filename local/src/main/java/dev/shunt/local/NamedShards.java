package dev.shunt.local;

import dev.shunt.topo.ShardNames;
import dev.shunt.topo.TopoException;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.sharding.KeyRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Shards as somebody names them, {@code keyspace/shard} each, made into the tablets of a layout.
 * The shards of a keyspace that serve must hold every keyspace id exactly once: those that are
 * named before any that overlaps them. Others are for a Reshard to move to.
 */
final class NamedShards {
  /** Numbers of tablets lie apart, so that a person can distinguish them. */
  static final int STEP = 100;

  private NamedShards() {}

  /**
   * The tablets, one a shard, in the order of keyspaces and key ranges, those that don't serve
   * last, with the numbers 100, 200 and so on.
   *
   * @throws IllegalArgumentException naming the shard or the keyspace that is wrong
   */
  static List<Layout.Place> places(Collection<String> names) {
    Map<String, Map<KeyRange, String>> keyspaces = new TreeMap<>();
    Map<String, Map<KeyRange, String>> spare = new TreeMap<>();
    for (String named : names) {
      String name = canonical(named);
      String keyspace = name.substring(0, name.indexOf('/'));
      String shard = name.substring(keyspace.length() + 1);
      Map<KeyRange, String> shards = keyspaces.computeIfAbsent(keyspace, _ -> new TreeMap<>());
      Map<KeyRange, String> others = spare.computeIfAbsent(keyspace, _ -> new TreeMap<>());
      KeyRange range = KeyRange.parse(shard);
      String before = shards.getOrDefault(range, others.get(range));
      if (before != null) {
        throw refusal(
            name,
            before.equals(shard)
                ? "named twice"
                : "the same keys as " + keyspace + "/" + before + ", which is named too");
      }
      boolean overlaps = shards.keySet().stream().anyMatch(range::intersects);
      (overlaps ? others : shards).put(range, shard);
    }
    keyspaces.forEach(
        (keyspace, shards) -> checkWhole(keyspace, shards, spare.getOrDefault(keyspace, Map.of())));
    List<Layout.Place> places = new ArrayList<>();
    keyspaces.forEach((keyspace, shards) -> {
      List<String> all = new ArrayList<>(shards.values());
      all.addAll(spare.getOrDefault(keyspace, Map.of()).values());
      all.forEach(
          shard -> places.add(new Layout.Place(STEP * (places.size() + 1), keyspace, shard)));
    });
    return places;
  }

  /**
   * The name as the topology has it: the bounds of a key range in lower case.
   *
   * @throws IllegalArgumentException when it is not {@code keyspace/shard}
   */
  static String canonical(String name) {
    int slash = name.indexOf('/');
    String keyspace = slash < 0 ? "" : name.substring(0, slash);
    if (!WorkflowNames.isKeyspace(keyspace)) {
      throw refusal(
          name,
          "write keyspace/shard, for instance shop/0 or shop/-80; a keyspace's name is made of"
              + " letters, digits, '_' and '-'");
    }
    try {
      String shard = ShardNames.validate(name.substring(slash + 1));
      if (shard.indexOf('-') < 0 && !shard.equals("0")) {
        throw refusal(
            name,
            "the only shard of an unsharded keyspace is 0; those of a sharded one are key"
                + " ranges, for instance -80 and 80-");
      }
      return keyspace + "/" + shard;
    } catch (TopoException e) {
      throw refusal(name, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Refuses shards that don't have every keyspace id; they come by their start and don't overlap.
   *
   * @param spare those that overlap them
   */
  private static void checkWhole(
      String keyspace, Map<KeyRange, String> shards, Map<KeyRange, String> spare) {
    Iterator<Map.Entry<KeyRange, String>> in = shards.entrySet().iterator();
    Map.Entry<KeyRange, String> last = in.next();
    if (!last.getKey().start().isEmpty()) {
      throw gap(keyspace, shards, spare, "keys below " + last.getValue());
    }
    while (in.hasNext()) {
      Map.Entry<KeyRange, String> next = in.next();
      if (!last.getKey().end().equals(next.getKey().start())) {
        throw gap(
            keyspace,
            shards,
            spare,
            "keys between %s and %s".formatted(last.getValue(), next.getValue()));
      }
      last = next;
    }
    if (!last.getKey().end().isEmpty()) {
      throw gap(keyspace, shards, spare, "keys from the end of " + last.getValue());
    }
  }

  private static RuntimeException gap(
      String keyspace, Map<KeyRange, String> shards, Map<KeyRange, String> spare, String missing) {
    String overlapping =
        spare.isEmpty()
            ? ""
            : ", and %s, which overlap them".formatted(String.join(", ", spare.values()));
    return refusal(
        "keyspace " + keyspace,
        "no shard for %s: only %s named%s"
            .formatted(missing, String.join(", ", shards.values()), overlapping));
  }

  private static IllegalArgumentException refusal(String what, String why) {
    return new IllegalArgumentException(what + ": " + why);
  }
}
