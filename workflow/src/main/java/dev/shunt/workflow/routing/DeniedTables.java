package dev.shunt.workflow.routing;

import io.vitess.proto.Topodata.Shard;
import io.vitess.proto.Topodata.Shard.TabletControl;
import io.vitess.proto.Topodata.TabletType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The tables that the PRIMARY of a shard refuses to serve, in the shard's record. Both changes can
 * be made twice: what holds already stays as it is.
 */
public final class DeniedTables {
  /** Matches every table, in the way in which Vitess writes patterns in a shard's record. */
  public static final String ALL = "/.*/";

  private DeniedTables() {}

  /** Tables that the record denies on the PRIMARY, sorted. */
  public static List<String> of(Shard shard) {
    TreeSet<String> denied = new TreeSet<>();
    for (TabletControl control : shard.getTabletControlsList()) {
      if (control.getTabletType() == TabletType.PRIMARY) {
        denied.addAll(control.getDeniedTablesList());
      }
    }
    return List.copyOf(denied);
  }

  /** The record with these tables denied beside those that are. */
  public static Shard denied(Shard shard, Collection<String> tables) {
    TreeSet<String> denied = new TreeSet<>(of(shard));
    denied.addAll(tables);
    return with(shard, denied);
  }

  /** The record with these tables no longer denied; a control that denies nothing goes away. */
  public static Shard allowed(Shard shard, Collection<String> tables) {
    TreeSet<String> denied = new TreeSet<>(of(shard));
    denied.removeAll(tables);
    return with(shard, denied);
  }

  private static Shard with(Shard shard, SortedSet<String> denied) {
    List<TabletControl> controls = new ArrayList<>();
    for (TabletControl control : shard.getTabletControlsList()) {
      if (control.getTabletType() != TabletType.PRIMARY) {
        controls.add(control);
      }
    }
    if (!denied.isEmpty()) {
      controls.addFirst(
          TabletControl.newBuilder()
              .setTabletType(TabletType.PRIMARY)
              .addAllDeniedTables(denied)
              .build());
    }
    return shard.toBuilder().clearTabletControls().addAllTabletControls(controls).build();
  }
}
