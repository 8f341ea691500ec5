package dev.shunt.vdiff.comparing;

import binlogdata.Binlogdata.VStreamRowsResponse;
import dev.shunt.tabletclient.RowPacket;
import dev.shunt.tabletclient.TabletStream;
import io.vitess.proto.Query;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of one table from one snapshot: first what the header tells, then packets of rows. */
public final class RowSource implements AutoCloseable {
  private final String name;
  private final TabletStream<RowPacket> stream;
  private final VStreamRowsResponse header;
  private List<Query.Row> waiting;

  private RowSource(String name, TabletStream<RowPacket> stream, VStreamRowsResponse header) {
    this.name = name;
    this.stream = stream;
    this.header = header;
    this.waiting = header.getRowsList();
  }

  /**
   * Takes over a stream and waits for its header.
   *
   * @param name keyspace/shard, for messages
   */
  public static RowSource open(String name, TabletStream<RowPacket> stream) {
    try {
      while (stream.hasNext()) {
        RowPacket packet = stream.next();
        if (packet.head().getFieldsCount() > 0) {
          return new RowSource(name, stream, packet.toMessage());
        }
      }
    } catch (RuntimeException e) {
      stream.close();
      throw e;
    }
    stream.close();
    throw new IllegalStateException("row stream of " + name + " ended without a header");
  }

  /** keyspace/shard. */
  public String name() {
    return name;
  }

  /** Position of the snapshot. */
  public String position() {
    return header.getGtid();
  }

  /** Columns. */
  public List<Query.Field> fields() {
    return header.getFieldsList();
  }

  /** Columns of the key. */
  public List<Query.Field> keyFields() {
    return header.getPkfieldsList();
  }

  /** The next rows; null at the end. */
  public @Nullable List<Query.Row> next() {
    if (!waiting.isEmpty()) {
      List<Query.Row> rows = waiting;
      waiting = List.of();
      return rows;
    }
    while (stream.hasNext()) {
      RowPacket packet = stream.next();
      if (packet.rows() > 0) {
        return packet.toMessage().getRowsList();
      }
    }
    return null;
  }

  @Override
  public void close() {
    stream.close();
  }
}
