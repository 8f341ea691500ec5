package dev.shunt.tabletclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata.FieldEvent;
import binlogdata.Binlogdata.RowChange;
import binlogdata.Binlogdata.RowEvent;
import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VEventType;
import binlogdata.Binlogdata.VStreamRequest;
import binlogdata.Binlogdata.VStreamResponse;
import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor;
import io.vitess.proto.Query;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import queryservice.QueryGrpc;

class EventPacketTest {
  private static final String KEYSPACE = "commerce";
  private static final String SHARD = "-80";
  private static final long NOW = 1_700_000_000_123_456_789L;

  /** What goes over the wire, by the method of either end. */
  private static <T> byte[] sent(MethodDescriptor<VStreamRequest, T> method, T message)
      throws IOException {
    try (InputStream stream = method.streamResponse(message)) {
      return stream.readAllBytes();
    }
  }

  private static EventPacket received(byte[] bytes) {
    return VStreamChanges.METHOD.parseResponse(new ByteArrayInputStream(bytes));
  }

  private static byte[] @Nullable [] cells(Random random, int count) {
    byte[] @Nullable [] cells = new byte[count] @Nullable [];
    for (int i = 0; i < count; i++) {
      if (random.nextInt(5) > 0) {
        cells[i] = new byte[random.nextInt(random.nextInt(10) == 0 ? 20_000 : 12)];
        random.nextBytes(cells[i]);
      }
    }
    return cells;
  }

  private static Query.Row row(int[] columns, byte[] @Nullable [] cells) {
    Query.Row.Builder row = Query.Row.newBuilder();
    ByteString values = ByteString.EMPTY;
    for (int column : columns) {
      byte[] cell = cells[column];
      row.addLengths(cell == null ? -1 : cell.length);
      values = cell == null ? values : values.concat(ByteString.copyFrom(cell));
    }
    return row.setValues(values).build();
  }

  private static VEvent.Builder event(VEventType type, long timestamp) {
    return VEvent.newBuilder()
        .setType(type)
        .setTimestamp(timestamp)
        .setCurrentTime(NOW)
        .setKeyspace(KEYSPACE)
        .setShard(SHARD);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void writesTheBytesThatProtobufWrites(long seed) throws IOException {
    Random random = new Random(seed);
    EventWriter writer = new EventWriter(KEYSPACE, SHARD, 10_000);
    for (int packets = 0; packets < 5; packets++) {
      VStreamResponse.Builder wanted = VStreamResponse.newBuilder();
      for (int i = random.nextInt(30); i >= 0; i--) {
        long timestamp = random.nextInt(3) == 0 ? 0 : random.nextInt(Integer.MAX_VALUE);
        switch (random.nextInt(4)) {
          case 0 -> {
            VEventType type = VEventType.forNumber(random.nextInt(10));
            writer.add(type, timestamp, NOW);
            wanted.addEvents(event(type, timestamp));
          }
          case 1 -> {
            String gtid = "MySQL56/" + "x".repeat(random.nextInt(300));
            writer.gtid(gtid, timestamp, NOW);
            wanted.addEvents(event(VEventType.GTID, timestamp).setGtid(gtid));
          }
          case 2 -> {
            VEvent field =
                event(VEventType.FIELD, timestamp)
                    .setFieldEvent(FieldEvent.newBuilder().setTableName("tä"))
                    .build();
            writer.add(field);
            wanted.addEvents(field);
          }
          default ->
              wanted.addEvents(
                  event(VEventType.ROW, timestamp).setRowEvent(rows(random, writer, timestamp)));
        }
      }
      EventPacket packet = writer.packet();
      VStreamResponse message = wanted.build();
      byte[] bytes = sent(VStreamChanges.METHOD, packet);
      assertThat(bytes).isEqualTo(sent(QueryGrpc.getVStreamMethod(), message));
      assertThat(packet.toMessage()).isEqualTo(message);
      assertSame(received(bytes), message);
      assertSame(EventPacket.of(message), message);
    }
  }

  private static RowEvent rows(Random random, EventWriter writer, long timestamp) {
    RowEvent.Builder event =
        RowEvent.newBuilder().setTableName("tä").setKeyspace(KEYSPACE).setShard(SHARD);
    int count = random.nextInt(30);
    int[] columns = IntStream.range(0, count).filter(i -> random.nextInt(4) > 0).toArray();
    for (int i = random.nextInt(5); i >= 0; i--) {
      int kind = random.nextInt(3);
      byte @Nullable [] @Nullable [] before = kind == 0 ? null : cells(random, count);
      byte @Nullable [] @Nullable [] after = kind == 1 ? null : cells(random, count);
      RowChange marks = null;
      RowChange.Builder change = RowChange.newBuilder();
      if (random.nextInt(4) == 0) {
        marks =
            RowChange.newBuilder()
                .setDataColumns(
                    RowChange.Bitmap.newBuilder()
                        .setCount(count)
                        .setCols(ByteString.copyFrom(new byte[count / 8 + 1])))
                .build();
        change.mergeFrom(marks);
      }
      if (before != null) {
        change.setBefore(row(columns, before));
      }
      if (after != null) {
        change.setAfter(row(columns, after));
      }
      event.addRowChanges(change);
      writer.change(columns, before, after, marks);
    }
    int flags = random.nextInt(3) * 1000;
    writer.rows("tä".getBytes(StandardCharsets.UTF_8), flags, timestamp, NOW);
    return event.setFlags(flags).build();
  }

  private static void assertSame(EventPacket packet, VStreamResponse message) {
    assertThat(packet.events()).isEqualTo(message.getEventsCount());
    EventCursor cursor = packet.cursor();
    for (VEvent event : message.getEventsList()) {
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.type()).isEqualTo(event.getType());
      assertThat(cursor.timestamp()).isEqualTo(event.getTimestamp());
      assertThat(cursor.gtid()).isEqualTo(event.getGtid());
      assertThat(cursor.event()).isEqualTo(event);
      assertThat(cursor.table()).isEqualTo(event.getRowEvent().getTableName());
      assertThat(cursor.flags()).isEqualTo(event.getRowEvent().getFlags());
      for (RowChange change : event.getRowEvent().getRowChangesList()) {
        assertThat(cursor.nextChange()).isTrue();
        assertCells(cursor.before(), change.hasBefore() ? change.getBefore() : null);
        assertCells(cursor.after(), change.hasAfter() ? change.getAfter() : null);
        assertThat(cursor.isPartial()).isEqualTo(change.hasDataColumns());
        assertThat(cursor.change()).isEqualTo(change);
      }
      assertThat(cursor.nextChange()).isFalse();
    }
    assertThat(cursor.next()).isFalse();
  }

  private static void assertCells(
      byte @Nullable [] @Nullable [] cells, Query.@Nullable Row expected) {
    if (cells == null || expected == null) {
      assertThat(cells == null).isEqualTo(expected == null);
      return;
    }
    List<Long> lengths = new ArrayList<>();
    ByteString values = ByteString.EMPTY;
    for (byte[] cell : cells) {
      lengths.add(cell == null ? -1L : cell.length);
      values = cell == null ? values : values.concat(ByteString.copyFrom(cell));
    }
    assertThat(lengths).isEqualTo(expected.getLengthsList());
    assertThat(values).isEqualTo(expected.getValues());
  }

  @Test
  void aHugeRowTakesNoMemoryBehindItsPacket() {
    int usual = 250_000;
    EventWriter writer = new EventWriter(KEYSPACE, SHARD, usual);
    int[] columns = {0};
    byte[][] huge = {new byte[20 << 20]};
    writer.change(columns, null, huge, null);
    writer.rows("t".getBytes(StandardCharsets.UTF_8), 0, 1, NOW);
    EventPacket packet = writer.packet();
    assertThat(writer.capacity()).isLessThanOrEqualTo(2 * usual);
    EventCursor cursor = packet.cursor();
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.nextChange()).isTrue();
    assertCells(cursor.after(), row(columns, huge));

    writer.change(columns, null, new byte[][] {{1}}, null);
    writer.rows("t".getBytes(StandardCharsets.UTF_8), 0, 1, NOW);
    assertThat(writer.packet().events()).isEqualTo(1);
    assertThat(writer.capacity()).isLessThanOrEqualTo(2 * usual);
  }

  @Test
  void aTypeOfALaterVitessIsNotTakenForAnother() {
    VStreamResponse later =
        VStreamResponse.newBuilder().addEvents(VEvent.newBuilder().setTypeValue(4711)).build();
    EventCursor cursor = EventPacket.of(later).cursor();
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.type()).isEqualTo(VEventType.UNRECOGNIZED);
  }

  @Test
  void brokenBytesAreRefused() {
    assertThatThrownBy(() -> received(new byte[] {0x0a, 0x7f, 1}))
        .hasMessageContaining("127 bytes where 1 are left");
    assertThatThrownBy(() -> received(new byte[] {0x0a, (byte) 0xff}))
        .hasMessageContaining("ends within a number");
    VStreamResponse longer =
        VStreamResponse.newBuilder()
            .addEvents(
                VEvent.newBuilder()
                    .setRowEvent(
                        RowEvent.newBuilder()
                            .addRowChanges(
                                RowChange.newBuilder()
                                    .setAfter(Query.Row.newBuilder().addLengths(9)))))
            .build();
    EventCursor cursor = EventPacket.of(longer).cursor();
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.nextChange()).isTrue();
    assertThatThrownBy(cursor::after)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cells are longer than their row");
  }
}
