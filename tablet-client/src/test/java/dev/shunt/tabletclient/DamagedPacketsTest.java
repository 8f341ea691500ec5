package dev.shunt.tabletclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import binlogdata.Binlogdata.RowChange;
import binlogdata.Binlogdata.RowEvent;
import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VEventType;
import binlogdata.Binlogdata.VStreamResponse;
import binlogdata.Binlogdata.VStreamRowsResponse;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.vitess.proto.Query;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are damaged are read or refused as such, and never end in anything else. */
class DamagedPacketsTest {
  private static Query.Row row(Random random) {
    Query.Row.Builder row = Query.Row.newBuilder();
    ByteString values = ByteString.EMPTY;
    for (int i = random.nextInt(5); i >= 0; i--) {
      int length = random.nextInt(random.nextInt(8) == 0 ? 200 : 5) - 1;
      row.addLengths(length);
      values = length < 0 ? values : values.concat(ByteString.copyFrom(new byte[length]));
    }
    return row.setValues(values).build();
  }

  private static byte[] events(Random random) {
    VStreamResponse.Builder response = VStreamResponse.newBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      VEvent.Builder event =
          VEvent.newBuilder().setType(VEventType.ROW).setTimestamp(random.nextInt(1000));
      RowEvent.Builder rows = RowEvent.newBuilder().setTableName("t").setFlags(random.nextInt(3));
      for (int j = random.nextInt(3); j >= 0; j--) {
        RowChange.Builder change = RowChange.newBuilder().setAfter(row(random));
        if (random.nextBoolean()) {
          change.setBefore(row(random));
        }
        rows.addRowChanges(change);
      }
      response.addEvents(event.setRowEvent(rows));
    }
    return response.build().toByteArray();
  }

  private static byte[] damaged(byte[] bytes, Random random) {
    byte[] damaged =
        random.nextInt(3) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes.clone();
    for (int i = random.nextInt(3); i >= 0 && damaged.length > 0; i--) {
      int at = random.nextInt(damaged.length);
      damaged[at] =
          random.nextBoolean()
              ? (byte) (damaged[at] ^ (1 << random.nextInt(8)))
              : (byte) random.nextInt(256);
    }
    return damaged;
  }

  private static void readAll(EventCursor cursor) {
    while (cursor.next()) {
      cursor.type();
      cursor.gtid();
      cursor.table();
      while (cursor.nextChange()) {
        cursor.isPartial();
        var unused = cursor.before();
        var unusedToo = cursor.after();
        var whole = cursor.change();
        assertThat(whole).isNotNull();
      }
      assertThat(cursor.event()).isNotNull();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void eventsAreReadOrRefused(long seed) {
    Random random = new Random(seed);
    int refused = 0;
    int read = 0;
    for (int i = 0; i < 1_500; i++) {
      byte[] bytes = damaged(events(random), random);
      try {
        readAll(EventPacket.parse(bytes).cursor());
        read++;
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageStartingWith("a message is broken: ");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(150);
    assertThat(read).isGreaterThan(150);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void rowsAreReadOrRefused(long seed) throws Exception {
    Random random = new Random(seed);
    int refused = 0;
    int read = 0;
    for (int i = 0; i < 1_500; i++) {
      VStreamRowsResponse.Builder response = VStreamRowsResponse.newBuilder();
      for (int j = random.nextInt(4); j >= 0; j--) {
        response.addRows(row(random));
      }
      byte[] bytes = damaged(response.setLastpk(row(random)).build().toByteArray(), random);
      try {
        RowPacket packet = RowPacket.parse(bytes);
        packet.read((buffer, offsets, lengths, cells) -> {
          for (int cell = 0; cell < cells; cell++) {
            assertThat(lengths[cell]).isLessThanOrEqualTo(buffer.length - offsets[cell]);
          }
        });
        read++;
      } catch (InvalidProtocolBufferException e) {
        refused++;
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageStartingWith("a packet of rows is broken: ");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(150);
    assertThat(read).isGreaterThan(150);
  }

  /** Protobuf may write a list of numbers one by one, or in pieces. */
  @Test
  void lengthsMayComeInAnyForm() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeSInt64(Query.Row.LENGTHS_FIELD_NUMBER, 2);
    out.writeSInt64(Query.Row.LENGTHS_FIELD_NUMBER, -1);
    out.writeBytes(Query.Row.VALUES_FIELD_NUMBER, ByteString.copyFromUtf8("abcd"));
    out.writeBytes(Query.Row.LENGTHS_FIELD_NUMBER, ByteString.copyFrom(new byte[] {2, 2}));
    out.writeBytes(15, ByteString.copyFromUtf8("of a later version"));
    out.flush();
    Query.Row row = Query.Row.parseFrom(bytes.toByteArray());
    VStreamResponse response =
        VStreamResponse.newBuilder()
            .addEvents(
                VEvent.newBuilder()
                    .setRowEvent(
                        RowEvent.newBuilder().addRowChanges(RowChange.newBuilder().setAfter(row))))
            .build();
    byte[] wire = response.toByteArray();

    EventCursor cursor = EventPacket.parse(rewritten(bytes.toByteArray())).cursor();

    assertThat(row.getLengthsList()).isEqualTo(List.of(2L, -1L, 1L, 1L));
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.nextChange()).isTrue();
    assertThat(cursor.after()).isDeepEqualTo(new byte[][] {{'a', 'b'}, null, {'c'}, {'d'}});
    EventCursor whole = EventPacket.parse(wire).cursor();
    assertThat(whole.next() && whole.nextChange()).isTrue();
    assertThat(whole.after()).isDeepEqualTo(new byte[][] {{'a', 'b'}, null, {'c'}, {'d'}});
  }

  /** A response of one event with one change whose row is these bytes. */
  private static byte[] rewritten(byte[] row) throws IOException {
    byte[] change = field(RowChange.AFTER_FIELD_NUMBER, row);
    byte[] event = field(RowEvent.ROW_CHANGES_FIELD_NUMBER, change);
    return field(VStreamResponse.EVENTS_FIELD_NUMBER, field(VEvent.ROW_EVENT_FIELD_NUMBER, event));
  }

  private static byte[] field(int number, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeByteArray(number, content);
    out.flush();
    return bytes.toByteArray();
  }

  private static WireReader reader(int... bytes) {
    byte[] array = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      array[i] = (byte) bytes[i];
    }
    return new WireReader(array, 0, array.length);
  }

  @Test
  void numbersAreReadUpToTheirLastBit() {
    assertThat(reader(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01).varint())
        .isEqualTo(-1);
    assertThat(reader(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01).varint())
        .isEqualTo(Long.MIN_VALUE);
    assertThatIllegalStateException()
        .isThrownBy(
            () -> reader(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01).varint())
        .withMessage("a message is broken: a number has too many bytes");
    assertThatIllegalStateException()
        .isThrownBy(() -> reader(0x80).varint())
        .withMessage("a message is broken: it ends within a number");
    assertThatIllegalStateException()
        .isThrownBy(
            () -> reader(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01).length())
        .withMessage("a message is broken: something of -1 bytes where 0 are left");
  }

  @Test
  void fieldsThatAreNotKnownAreSkippedInEachForm() {
    WireReader in =
        reader(0x08, 0x96, 0x01, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x1a, 2, 9, 9, 0x25, 1, 2, 3, 4);
    for (int i = 0; i < 4; i++) {
      in.skipField(in.tag());
    }
    assertThat(in.hasMore()).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(() -> reader(1, 2, 3).skipField(0x11))
        .withMessage("a message is broken: it ends within a field");
    assertThatIllegalStateException()
        .isThrownBy(() -> reader(1).skipField(5 << 3 | 3))
        .withMessage("a message is broken: field 5 has no known form");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void writesNumbersAsProtobufDoes(long seed) throws IOException {
    Random random = new Random(seed);
    WireBuffer buffer = new WireBuffer(4);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (int i = 0; i < 500; i++) {
      long number = random.nextLong() >> random.nextInt(64);
      buffer.varint(number);
      out.writeUInt64NoTag(number);
      assertThat(WireBuffer.varintSize(number))
          .isEqualTo(CodedOutputStream.computeUInt64SizeNoTag(number));
      buffer.number(8, number);
      if (number != 0) {
        out.writeUInt64(1, number);
      }
    }
    out.flush();
    assertThat(Arrays.copyOf(buffer.array(), buffer.size())).isEqualTo(bytes.toByteArray());
  }
}
