package dev.shunt.tablet.vreplication;

import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vreplication.stream.StreamRow;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.Cells;
import dev.shunt.topo.Topo;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Chooses the tablet that a stream reads from, by the cells and types in its row. One that could
 * not be read from comes last for a minute: the topology keeps tablets that are long dead.
 */
final class SourcePicker {
  private static final String IN_ORDER = "in_order:";
  private static final List<Topodata.TabletType> USUAL =
      List.of(Topodata.TabletType.REPLICA, Topodata.TabletType.PRIMARY);

  private static final long REMEMBERED_NANOS = Duration.ofMinutes(1).toNanos();

  /** The server's log does not reach back to where the stream is. */
  private static final int LOG_PURGED = 1236;

  /** The tablet is there and its database is not. */
  private static final int DATABASE_GONE = 2003;

  private final Cells tabletsOf;
  private final String localCell;
  private final LongSupplier nanoTime;
  private final Map<Topodata.TabletAlias, Long> failures = new ConcurrentHashMap<>();

  /**
   * @param nanoTime as System.nanoTime()
   */
  SourcePicker(Topo topo, String localCell, LongSupplier nanoTime) {
    this.tabletsOf = new Cells(topo);
    this.localCell = localCell;
    this.nanoTime = nanoTime;
  }

  /** Takes note of what a stream that read from a tablet ended with. */
  void failed(Topodata.Tablet tablet, RuntimeException error) {
    for (Throwable at = error; at != null; at = at.getCause()) {
      if (at instanceof SourceBehindException) {
        failures.put(tablet.getAlias(), nanoTime.getAsLong());
      }
      if (at instanceof TabletException source
          && (source.code() == Status.Code.UNAVAILABLE
              || source.mysqlErrno() == LOG_PURGED
              || source.mysqlErrno() == DATABASE_GONE)) {
        failures.put(tablet.getAlias(), nanoTime.getAsLong());
      }
    }
  }

  /** Whether a stream ended because the log of its source does not reach back to it any more. */
  static boolean isLogPurged(Throwable error) {
    for (Throwable at = error; at != null; at = at.getCause()) {
      if (at instanceof TabletException source
          && source.mysqlErrno() == LOG_PURGED
          && String.valueOf(source.getMessage()).contains("purged")) { // not all 1236 says that
        return true;
      }
    }
    return false;
  }

  /** Whether there are tablets that fit a stream, all of them among these. */
  boolean allAmong(StreamRow stream, Set<Topodata.TabletAlias> aliases) {
    Cells.Found found = found(stream);
    List<Topodata.Tablet> fitting = fitting(found, types(stream.tabletTypes()));
    return found.silent().isEmpty()
        && !fitting.isEmpty()
        && fitting.stream().allMatch(tablet -> aliases.contains(tablet.getAlias()));
  }

  private Cells.Found found(StreamRow stream) {
    return tabletsOf
        .tablets(cells(stream))
        .ofShard(stream.source().getKeyspace(), stream.source().getShard());
  }

  private List<String> cells(StreamRow stream) {
    return stream.cells().isEmpty() ? List.of(localCell) : stream.cells();
  }

  private static List<Topodata.Tablet> fitting(
      Cells.Found found, List<Topodata.TabletType> wanted) {
    return found.tablets().stream().filter(tablet -> wanted.contains(tablet.getType())).toList();
  }

  private boolean failedLately(Topodata.Tablet tablet) {
    Long failed = failures.get(tablet.getAlias());
    return failed != null && nanoTime.getAsLong() - failed < REMEMBERED_NANOS;
  }

  /**
   * A tablet of the stream's source shard; where several fit, one of them at random, but none that
   * failed lately if there is another.
   *
   * @throws RpcException UNAVAILABLE when there is none
   * @throws dev.shunt.topo.TopoException when none of the stream's cells can be reached
   */
  Topodata.Tablet pick(StreamRow stream) {
    String types = stream.tabletTypes();
    boolean inOrder = types.isEmpty() || types.startsWith(IN_ORDER);
    List<Topodata.TabletType> wanted = types(types);
    Cells.Found found = found(stream);
    List<Topodata.Tablet> candidates = new ArrayList<>(fitting(found, wanted));
    if (candidates.isEmpty()) {
      String silent =
          found.silent().isEmpty()
              ? ""
              : "; of these cells %s can't be reached".formatted(found.silent());
      throw new RpcException(
          Status.Code.UNAVAILABLE,
          "no tablet of %s/%s in cells %s with a type of %s%s"
              .formatted(
                  stream.source().getKeyspace(),
                  stream.source().getShard(),
                  cells(stream),
                  wanted,
                  silent));
    }
    Collections.shuffle(candidates);
    if (inOrder) {
      candidates.sort((a, b) -> wanted.indexOf(a.getType()) - wanted.indexOf(b.getType()));
    }
    candidates.sort(Comparator.comparing(this::failedLately));
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
