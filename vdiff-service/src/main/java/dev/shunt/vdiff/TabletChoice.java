package dev.shunt.vdiff;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.tabletclient.TabletException;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Picks the tablets that a diff reads: of the types asked for, in that order, in the cells asked
 * for; the first that reaches the position in time. The primary when there is none; a source's has
 * to reach it as well: rows from before it would differ from the target's for nothing.
 */
final class TabletChoice {
  private static final Logger log = LoggerFactory.getLogger(TabletChoice.class);

  private final Cluster cluster;
  private final VDiffCreate command;

  TabletChoice(Cluster cluster, VDiffCreate command) {
    this.cluster = cluster;
    this.command = command;
  }

  Topodata.Tablet source(String keyspace, String shard, String position, Duration wait) {
    ShardPrimary primary = cluster.primary(keyspace, shard);
    Topodata.Tablet tablet = pick(primary, command.sourceCells(), position, wait);
    if (tablet.getAlias().equals(primary.tablet().getAlias())) {
      demandReached(primary, position, wait);
    }
    return tablet;
  }

  Topodata.Tablet target(ShardPrimary shard, String position, Duration wait) {
    return pick(shard, command.targetCells(), position, wait);
  }

  private void demandReached(ShardPrimary primary, String position, Duration wait) {
    try {
      cluster.client(primary).withDeadline(wait).waitForPosition(position);
    } catch (TabletException e) {
      if (e.code() != Status.Code.UNIMPLEMENTED) {
        throw new TabletException(
            e.code(),
            "the primary of %s is behind the streams that read it, at %s; nothing was compared: %s"
                .formatted(primary.name(), position, e.getMessage()),
            e);
      }
    }
  }

  private Topodata.Tablet pick(
      ShardPrimary primary, List<String> cells, String position, Duration wait) {
    for (Topodata.Tablet tablet : candidates(primary, cells)) {
      if (tablet.getAlias().equals(primary.tablet().getAlias())) {
        return tablet;
      }
      try {
        cluster.client(tablet).withDeadline(wait).waitForPosition(position);
        return tablet;
      } catch (TabletException | IllegalArgumentException e) {
        log.atWarn()
            .addKeyValue("tablet", tablet.getAlias().getUid())
            .setCause(e)
            .log("tablet is not fit to be read for a diff");
      }
    }
    return primary.tablet();
  }

  private List<Topodata.Tablet> candidates(ShardPrimary primary, List<String> cells) {
    List<Topodata.Tablet> all =
        cluster.cells().tablets(cells).ofShard(primary.keyspace(), primary.shard()).tablets();
    List<Topodata.Tablet> candidates = new ArrayList<>();
    for (String type : command.tabletTypes()) {
      String name = type.trim().toUpperCase(Locale.ROOT);
      if (name.equals("PRIMARY")) {
        candidates.add(primary.tablet());
      } else {
        all.stream()
            .filter(tablet -> tablet.getType().name().equals(name))
            .forEach(candidates::add);
      }
    }
    return candidates;
  }
}
