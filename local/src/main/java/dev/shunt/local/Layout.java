package dev.shunt.local;

import dev.shunt.workflow.sharding.KeyRange;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which tablets a cluster on one machine has.
 *
 * @param cell the only cell
 * @param places the tablets, one a shard
 */
public record Layout(String cell, List<Place> places) {
  /**
   * The shop: everything in {@code commerce}, room to move to in two shards of {@code customer}.
   */
  public static final Layout SHOP =
      new Layout(
          "zone1",
          List.of(
              new Place(100, "commerce", "0"),
              new Place(200, "customer", "-80"),
              new Place(300, "customer", "80-")));

  /** The tablets of a cluster on one machine say that they are there. */
  private static final String HOST = "127.0.0.1";

  public Layout {
    places = List.copyOf(places);
  }

  /**
   * A tablet for each shard that is named.
   *
   * @param names {@code keyspace/shard} each; the shards of a keyspace must hold every key once,
   *     save those that overlap others which are named before them and serve nothing at first
   * @throws IllegalArgumentException when they don't, or a name is malformed or given twice
   */
  public static Layout named(Collection<String> names) {
    return new Layout(SHOP.cell(), NamedShards.places(names));
  }

  /** Whether rows of the keyspace are spread over shards: those that are named first serve. */
  boolean isSharded(String keyspace) {
    return places.stream()
        .filter(place -> place.keyspace().equals(keyspace))
        .findFirst()
        .filter(place -> !KeyRange.parse(place.shard()).isFull())
        .isPresent();
  }

  /**
   * The same tablets under the numbers that they have in a topology: a restart with shards named in
   * another order, or with others, must not make one tablet of another. New ones get numbers that
   * are free in the cell.
   *
   * @param known the tablets of the topology
   */
  Layout numbered(Collection<Topodata.Tablet> known) {
    Map<String, Integer> numbers = new HashMap<>();
    Set<Integer> taken = new HashSet<>();
    for (Topodata.Tablet tablet : known) {
      if (tablet.getAlias().getCell().equals(cell)) {
        taken.add(tablet.getAlias().getUid());
        if (tablet.getHostname().equals(HOST)) {
          numbers.merge(
              tablet.getKeyspace() + "/" + tablet.getShard(),
              tablet.getAlias().getUid(),
              Math::min);
        }
      }
    }
    List<Place> numbered = new ArrayList<>();
    for (Place place : places) {
      Integer uid = numbers.get(place.name());
      if (uid == null) {
        uid = place.uid();
        while (!taken.add(uid)) {
          uid += NamedShards.STEP;
        }
      }
      numbered.add(new Place(uid, place.keyspace(), place.shard()));
    }
    return new Layout(cell, numbered);
  }

  /**
   * A tablet and the shard it is the primary of.
   *
   * @param uid number of the tablet within its cell, also the server id of its database
   * @param keyspace keyspace
   * @param shard shard
   */
  public record Place(int uid, String keyspace, String shard) {
    /** {@code keyspace/shard}. */
    public String name() {
      return keyspace + "/" + shard;
    }

    /** Alias in a cell, for instance {@code zone1-0000000100}. */
    public String alias(String cell) {
      return String.format(Locale.ROOT, "%s-%010d", cell, uid);
    }

    /** Name of the tablet's database, as Vitess derives it. */
    public String database() {
      return "vt_" + keyspace;
    }
  }

  /** The keyspaces, each once, in order of appearance. */
  public List<String> keyspaces() {
    return places.stream().map(Place::keyspace).distinct().toList();
  }
}
