package dev.shunt.saga.world;

import io.vitess.proto.Topodata;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Tables that the primary of a shard refuses to serve, as they stand in the shard's record. */
public final class DeniedTables {
  private DeniedTables() {}

  /** Denied tables of a shard. */
  public static List<String> of(Topodata.Shard shard) {
    for (Topodata.Shard.TabletControl control : shard.getTabletControlsList()) {
      if (control.getTabletType() == Topodata.TabletType.PRIMARY) {
        return List.copyOf(control.getDeniedTablesList());
      }
    }
    return List.of();
  }

  /** The shard with the tables denied too. Sorted as soon as some were denied before, as Vitess. */
  public static Topodata.Shard add(Topodata.Shard shard, Collection<String> tables) {
    List<String> before = of(shard);
    if (before.containsAll(tables)) {
      return shard;
    }
    if (before.isEmpty()) {
      return with(shard, tables);
    }
    Set<String> all = new TreeSet<>(before);
    all.addAll(tables);
    return with(shard, all);
  }

  /** The shard with the tables no longer denied; an empty control goes altogether. */
  public static Topodata.Shard remove(Topodata.Shard shard, Collection<String> tables) {
    Set<String> gone = new HashSet<>(tables);
    return with(shard, of(shard).stream().filter(table -> !gone.contains(table)).toList());
  }

  private static Topodata.Shard with(Topodata.Shard shard, Collection<String> denied) {
    Topodata.Shard.Builder changed = shard.toBuilder().clearTabletControls();
    boolean placed = denied.isEmpty();
    for (Topodata.Shard.TabletControl control : shard.getTabletControlsList()) {
      if (control.getTabletType() != Topodata.TabletType.PRIMARY) {
        changed.addTabletControls(control);
      } else if (!placed) {
        changed.addTabletControls(
            control.toBuilder().clearDeniedTables().addAllDeniedTables(denied));
        placed = true;
      }
    }
    if (!placed) {
      changed.addTabletControls(
          Topodata.Shard.TabletControl.newBuilder()
              .setTabletType(Topodata.TabletType.PRIMARY)
              .addAllDeniedTables(denied));
    }
    return changed.build();
  }
}
