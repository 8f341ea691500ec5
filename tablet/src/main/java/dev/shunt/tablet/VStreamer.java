package dev.shunt.tablet;

import binlogdata.Binlogdata;
import dev.shunt.mysql.Position;
import dev.shunt.tabletclient.EventPacket;
import dev.shunt.tabletclient.HoldSnapshot;
import dev.shunt.tabletclient.RowBound;
import dev.shunt.tabletclient.RowPacket;
import io.vitess.proto.Query;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The source side of streams: follows the binlog from a position, or reads a table in the order of
 * its key from a snapshot. Each call runs on its caller's thread until the stream ends; a caller
 * that wants it to end interrupts that thread. Refusals are {@link RpcException}s.
 */
public interface VStreamer extends AutoCloseable {
  /**
   * Streams the changes after a position. Never ends by itself.
   *
   * @param position position with its flavour, for instance {@code MySQL56/…}; {@code current} for
   *     now
   * @param tableLastPks tables to copy first and how far they are; empty for a plain stream
   */
  void vstream(
      String position,
      Binlogdata.Filter filter,
      List<Binlogdata.TableLastPK> tableLastPks,
      Binlogdata.VStreamOptions options,
      StreamSink<EventPacket> sink)
      throws InterruptedException;

  /**
   * Streams the rows of a query on one table in the order of its key, from one snapshot. The first
   * message has the fields, the key's fields and the position of the snapshot.
   *
   * @param lastPk key after which to go on (one row), or null for the start
   * @param options may have the key to end with, see {@link RowBound}
   * @param snapshot name of a snapshot that is held, or null for one of its own
   */
  void vstreamRows(
      String query,
      Query.@Nullable QueryResult lastPk,
      Binlogdata.VStreamOptions options,
      @Nullable String snapshot,
      StreamSink<RowPacket> sink)
      throws InterruptedException;

  /**
   * Takes a snapshot of several tables and holds it until it is interrupted; what it sends is
   * described at {@link HoldSnapshot}.
   *
   * @param name by which {@link #vstreamRows} finds it
   * @param sessions how many reads there can be at a time
   * @param wanted a position of which it is said whether the snapshot has it; null for none
   * @param byKeys whether the caller understands parts that end with keys of rows
   */
  void holdSnapshot(
      String name,
      List<String> tables,
      int sessions,
      @Nullable Position wanted,
      boolean byKeys,
      StreamSink<Binlogdata.VStreamTablesResponse> sink)
      throws InterruptedException;

  /**
   * Streams the result of a query from one snapshot. The first message has the fields and the
   * position of the snapshot.
   */
  void vstreamResults(String query, StreamSink<Binlogdata.VStreamResultsResponse> sink)
      throws InterruptedException;

  /** Ends all streams; later calls are refused with UNAVAILABLE. */
  @Override
  void close();
}
