package dev.shunt.local;

import java.util.List;
import java.util.Locale;

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

  public Layout {
    places = List.copyOf(places);
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
