package dev.shunt.tablet.vreplication.copying;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VStreamTablesResponse;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vreplication.stream.PartBounds;
import dev.shunt.tabletclient.HoldSnapshot;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.tabletclient.TabletStream;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** One snapshot of several tables of a source, held there until this is closed. */
final class SourceSnapshot implements AutoCloseable {
  private final TabletClient reader;
  private final TabletStream<VStreamTablesResponse> hold;
  private final Position position;
  private final List<Table> tables;
  private final boolean hasStream;

  private SourceSnapshot(
      TabletClient reader,
      TabletStream<VStreamTablesResponse> hold,
      Position position,
      List<Table> tables,
      boolean hasStream) {
    this.reader = reader;
    this.hold = hold;
    this.position = position;
    this.tables = tables;
    this.hasStream = hasStream;
  }

  /**
   * A table of the source.
   *
   * @param keyFields its key
   * @param parts where it may be cut; one or none where not
   */
  record Table(String name, List<Query.Field> keyFields, List<PartBounds> parts) {}

  /**
   * Takes a snapshot; empty where the source is a stock vttablet, which can't share one.
   *
   * @param sessions how many parts will be read at a time
   * @param stream where the stream is, encoded; empty before its first snapshot
   */
  static Optional<SourceSnapshot> take(
      TabletClient source, List<String> tables, int sessions, String stream) {
    TabletClient reader = source.withSnapshot(UUID.randomUUID().toString());
    TabletStream<VStreamTablesResponse> hold =
        reader.holdSnapshot(
            Binlogdata.VStreamTablesRequest.newBuilder()
                .setTarget(source.target())
                .setOptions(
                    Binlogdata.VStreamOptions.newBuilder()
                        .addAllTablesToCopy(tables)
                        .putConfigOverrides(HoldSnapshot.SESSIONS, Integer.toString(sessions))
                        .putConfigOverrides(HoldSnapshot.AT_LEAST, stream)
                        .putConfigOverrides(HoldSnapshot.BY_KEYS, "1"))
                .build());
    boolean held = false;
    try {
      List<Table> announced = new ArrayList<>();
      String position = "";
      boolean hasStream = false;
      while (announced.size() < tables.size() && hold.hasNext()) {
        VStreamTablesResponse table = hold.next();
        position = table.getGtid();
        hasStream |= says(table, HoldSnapshot.AT_LEAST);
        announced.add(table(table));
      }
      if (announced.size() < tables.size()) {
        throw new RpcException(
            Status.Code.UNAVAILABLE, "the source did not tell of all tables of its snapshot");
      }
      held = true;
      return Optional.of(
          new SourceSnapshot(reader, hold, Position.parse(position), announced, hasStream));
    } catch (TabletException e) {
      if (e.code() == Status.Code.UNIMPLEMENTED) {
        return Optional.empty();
      }
      throw e;
    } finally {
      if (!held) {
        hold.close();
      }
    }
  }

  private static boolean says(VStreamTablesResponse table, String name) {
    return table.getFieldsList().stream().anyMatch(field -> field.getName().equals(name));
  }

  private static Table table(VStreamTablesResponse message) {
    List<PartBounds> parts =
        says(message, HoldSnapshot.BY_KEYS)
            ? PartBounds.ofEnds(message.getRowsList())
            : PartBounds.ofStarts(
                message.getRowsList().stream()
                    .map(row -> new BigInteger(row.getValues().toStringUtf8()))
                    .toList());
    return new Table(message.getTableName(), message.getPkfieldsList(), parts);
  }

  /** Reads from the snapshot. */
  TabletClient reader() {
    return reader;
  }

  /** What the snapshot holds, exactly. */
  Position position() {
    return position;
  }

  /** Whether its server says that it has all that the stream had when it was taken. */
  boolean hasStream() {
    return hasStream;
  }

  /** Its tables, the largest first. */
  List<Table> tables() {
    return tables;
  }

  @Override
  public void close() {
    hold.close();
  }
}
