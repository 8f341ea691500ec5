package dev.shunt.tabletclient;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata.VStreamRowsResponse;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.vitess.proto.Query;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowPacketTest {
  private static final Query.Row KEY =
      Query.Row.newBuilder().addLengths(2).setValues(ByteString.copyFromUtf8("42")).build();

  private static List<List<String>> read(RowPacket packet) {
    List<List<String>> rows = new ArrayList<>();
    packet.read((buffer, offsets, lengths, cells) -> {
      List<String> row = new ArrayList<>();
      for (int i = 0; i < cells; i++) {
        row.add(lengths[i] < 0 ? "NULL" : new String(buffer, offsets[i], lengths[i], US_ASCII));
      }
      rows.add(row);
    });
    return rows;
  }

  private static RowPacket sent(RowPacket packet) throws IOException {
    try (InputStream stream = VStreamRows.METHOD.streamResponse(packet)) {
      return VStreamRows.METHOD.parseResponse(new ByteArrayInputStream(stream.readAllBytes()));
    }
  }

  @Test
  void writtenRowsAreWhatProtobufReads() throws IOException {
    RowPacket.Writer writer = new RowPacket.Writer(16);
    byte[] buffer = "xabcdefg".getBytes(US_ASCII);
    writer.row(buffer, new int[] {1, 0, 2}, new int[] {1, 4, 4}, new int[] {3, -1, 0});
    writer.row(buffer, new int[] {0}, new int[] {4}, new int[] {4});
    assertThat(writer.isFull()).isTrue();

    VStreamRowsResponse message = sent(writer.packet(KEY)).toMessage();

    assertThat(message)
        .isEqualTo(
            VStreamRowsResponse.newBuilder()
                .addRows(
                    Query.Row.newBuilder()
                        .addAllLengths(List.of(-1L, 3L, 0L))
                        .setValues(ByteString.copyFromUtf8("abc")))
                .addRows(
                    Query.Row.newBuilder().addLengths(4).setValues(ByteString.copyFromUtf8("defg")))
                .setLastpk(KEY)
                .build());
    assertThat(writer.rows()).isZero();
    assertThat(writer.isFull()).isFalse();
  }

  @Test
  void aMessageOfProtobufIsReadInPlace() throws IOException {
    VStreamRowsResponse message =
        VStreamRowsResponse.newBuilder()
            .addFields(Query.Field.newBuilder().setName("id").setType(Query.Type.INT64))
            .setGtid("MySQL56/x:1-3")
            .addRows(
                Query.Row.newBuilder()
                    .addAllLengths(List.of(1L, -1L, 2L))
                    .setValues(ByteString.copyFromUtf8("abc")))
            .addRows(Query.Row.getDefaultInstance())
            .setLastpk(KEY)
            .build();

    RowPacket packet = sent(RowPacket.of(message));

    assertThat(packet.rows()).isEqualTo(2);
    assertThat(packet.head()).isEqualTo(message.toBuilder().clearRows().build());
    assertThat(packet.toMessage()).isEqualTo(message);
    assertThat(read(packet)).containsExactly(List.of("a", "NULL", "bc"), List.of());
  }

  @Test
  void randomRowsComeBackAsTheyWere() throws IOException {
    Random random = new Random(7);
    RowPacket.Writer writer = new RowPacket.Writer(1000);
    for (int packets = 0; packets < 200; packets++) {
      List<List<String>> wanted = new ArrayList<>();
      while (!writer.isFull()) {
        int cells = random.nextInt(40);
        int[] offsets = new int[cells];
        int[] lengths = new int[cells];
        byte[] buffer = new byte[40 * 300];
        int at = 0;
        List<String> row = new ArrayList<>();
        for (int i = 0; i < cells; i++) {
          offsets[i] = at;
          lengths[i] = random.nextInt(random.nextInt(10) == 0 ? 300 : 10) - 1;
          Arrays.fill(buffer, at, at + Math.max(lengths[i], 0), (byte) ('a' + random.nextInt(26)));
          row.add(lengths[i] < 0 ? "NULL" : new String(buffer, at, lengths[i], US_ASCII));
          at += Math.max(lengths[i], 0);
        }
        int[] all = new int[cells];
        Arrays.setAll(all, i -> i);
        writer.row(buffer, all, offsets, lengths);
        wanted.add(row);
      }
      RowPacket packet = sent(writer.packet(KEY));
      assertThat(packet.rows()).isEqualTo(wanted.size());
      assertThat(packet.head().getLastpk()).isEqualTo(KEY);
      assertThat(read(packet)).isEqualTo(wanted);
    }
  }

  @Test
  void brokenBytesAreRefused() {
    VStreamRowsResponse longer =
        VStreamRowsResponse.newBuilder()
            .addRows(Query.Row.newBuilder().addLengths(9).setValues(ByteString.copyFromUtf8("abc")))
            .build();
    assertThatThrownBy(() -> read(RowPacket.of(longer)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the cells of a row are longer than the row");
    assertThatThrownBy(() -> RowPacket.parse(new byte[] {0x22, 0x7f, 1}))
        .isInstanceOf(InvalidProtocolBufferException.class);
  }
}
