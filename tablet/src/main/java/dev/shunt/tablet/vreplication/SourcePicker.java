package dev.shunt.tablet.vreplication;

import dev.shunt.tablet.TabletException;
import dev.shunt.topo.Topo;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Chooses the tablet that a stream reads from, by the cells and types in its row. */
final class SourcePicker {
  private static final String IN_ORDER = "in_order:";
  private static final List<Topodata.TabletType> USUAL =
      List.of(Topodata.TabletType.REPLICA, Topodata.TabletType.PRIMARY);

  private final Topo topo;
  private final String localCell;

  SourcePicker(Topo topo, String localCell) {
    this.topo = topo;
    this.localCell = localCell;
  }

  /**
   * A tablet of the stream's source shard; where several fit, one of them at random.
   *
   * @throws TabletException UNAVAILABLE when there is none
   */
  Topodata.Tablet pick(StreamRow stream) {
    String types = stream.tabletTypes();
    boolean inOrder = types.isEmpty() || types.startsWith(IN_ORDER);
    List<Topodata.TabletType> wanted = types(types);
    List<String> cells = stream.cells().isEmpty() ? List.of(localCell) : stream.cells();
    List<Topodata.Tablet> candidates = new ArrayList<>();
    for (Topodata.Tablet tablet :
        topo.tablets(stream.source().getKeyspace(), stream.source().getShard())) {
      if (wanted.contains(tablet.getType()) && cells.contains(tablet.getAlias().getCell())) {
        candidates.add(tablet);
      }
    }
    if (candidates.isEmpty()) {
      throw new TabletException(
          Status.Code.UNAVAILABLE,
          "no tablet of %s/%s in cells %s with a type of %s"
              .formatted(stream.source().getKeyspace(), stream.source().getShard(), cells, wanted));
    }
    Collections.shuffle(candidates);
    if (inOrder) {
      candidates.sort((a, b) -> wanted.indexOf(a.getType()) - wanted.indexOf(b.getType()));
    }
    return candidates.getFirst();
  }

  private static List<Topodata.TabletType> types(String stored) {
    String list = stored.startsWith(IN_ORDER) ? stored.substring(IN_ORDER.length()) : stored;
    List<Topodata.TabletType> types = new ArrayList<>();
    for (String name : list.split(",", -1)) {
      if (!name.isBlank()) {
        types.add(Topodata.TabletType.valueOf(name.trim().toUpperCase(Locale.ROOT)));
      }
    }
    return types.isEmpty() ? USUAL : types;
  }
}
