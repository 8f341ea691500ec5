package dev.shunt.tablet.vstreamer.binlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.mysql.Flavor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BinlogDecoderTest {
  private static final int IGNORABLE = 0x80;
  private static final int TABLE_MAP = 19;
  private static final int LONG = 3;
  private static final int LONGLONG = 8;

  private static BinlogDecoder decoder() {
    return new BinlogDecoder(
        Flavor.MYSQL.binaryLog().format(), false, (collation, text) -> new String(text, UTF_8));
  }

  private static BinlogEvent decode(int type, int flags, byte... body) {
    return decode(decoder(), type, flags, body);
  }

  private static BinlogEvent decode(BinlogDecoder decoder, int type, int flags, byte... body) {
    int size = 19 + body.length;
    ByteBuffer event = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    event.putInt(0).put((byte) type).putInt(1).putInt(size).putInt(4711).putShort((short) flags);
    return decoder.decode(event.put(body).array(), 0).next();
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

  /** A table of one column, as a server describes it before rows. */
  private static byte[] described(int id, String name, int type, boolean nullable) {
    byte[] table = name.getBytes(UTF_8);
    ByteBuffer body = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    body.putInt(id).putShort((short) 0).putShort((short) 1);
    body.put((byte) 1).put((byte) 'd').put((byte) 0);
    body.put((byte) table.length).put(table).put((byte) 0);
    body.put((byte) 1).put((byte) type).put((byte) 0).put((byte) (nullable ? 1 : 0));
    return Arrays.copyOf(body.array(), body.position());
  }

  private static TableDefinition table(BinlogDecoder decoder, byte[] described) {
    return ((BinlogEvent.TableMap) decode(decoder, TABLE_MAP, 0, described)).table();
  }

  /** A server repeats a table's description in each transaction. */
  @Test
  void readsATableAnewAsSoonAsAnyByteOfItsDescriptionDiffers() {
    BinlogDecoder decoder = decoder();
    TableDefinition first = table(decoder, described(7, "t", LONG, false));
    TableDefinition other = table(decoder, described(8, "u", LONG, false));

    assertThat(table(decoder, described(7, "t", LONG, false))).isSameAs(first);
    assertThat(table(decoder, described(8, "u", LONG, false))).isSameAs(other);
    assertThat(table(decoder, described(7, "t", LONG, true)).nullable()).containsExactly(true);
    assertThat(table(decoder, described(7, "t", LONGLONG, false)).types())
        .containsExactly(LONGLONG);
    assertThat(table(decoder, described(7, "v", LONG, false)).name()).isEqualTo("v");
    assertThat(table(decoder, described(7, "t", LONG, false))).isEqualTo(first);
    assertThat(table(decoder, described(9, "t", LONG, false)).id()).isEqualTo(9);
  }

  @Test
  void keepsNoMoreTablesThanItNeeds() {
    BinlogDecoder decoder = decoder();
    for (int id = 0; id < 1000; id++) {
      assertThat(table(decoder, described(id, "t" + id, LONG, false)).name()).isEqualTo("t" + id);
      assertThat(table(decoder, described(0, "t0", LONG, false)).name()).isEqualTo("t0");
    }
  }
}
