package dev.shunt.tablet.vstreamer.binlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.mysql.Flavor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BinlogDecoderTest {
  private static final int IGNORABLE = 0x80;

  private static BinlogEvent decode(int type, int flags, byte... body) {
    int size = 19 + body.length;
    ByteBuffer event = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    event.putInt(0).put((byte) type).putInt(1).putInt(size).putInt(4711).putShort((short) flags);
    return new BinlogDecoder(
            Flavor.MYSQL.binaryLog().format(), false, (collation, text) -> new String(text, UTF_8))
        .decode(event.put(body).array(), 0)
        .next();
  }

  @Test
  void refusesALogThatLacksChanges() {
    byte[] reason = "LOST_EVENTS".getBytes(UTF_8);
    ByteBuffer body = ByteBuffer.allocate(3 + reason.length);
    body.put(new byte[] {1, 0, (byte) reason.length}).put(reason);

    assertThatThrownBy(() -> decode(26, 0, body.array()))
        .isInstanceOf(BinlogFormatException.class)
        .hasMessageContaining("lacks changes")
        .hasMessageContaining("4711")
        .hasMessageContaining("LOST_EVENTS");
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 20, 34, 43, 99, 172})
  void refusesEventsThatItDoesNotKnow(int type) {
    assertThatThrownBy(() -> decode(type, 0))
        .isInstanceOf(BinlogFormatException.class)
        .hasMessageContaining("unknown type " + type);
    assertThat(decode(type, IGNORABLE)).isInstanceOf(BinlogEvent.Ignored.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 14, 29, 35, 160, 161, 163})
  void passesOverEventsWithoutRows(int type) {
    assertThat(decode(type, 0)).isInstanceOf(BinlogEvent.Ignored.class);
  }
}
