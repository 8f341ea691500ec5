package dev.shunt.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketTest {
  private static final HexFormat HEX = HexFormat.of();

  private static Packet packet(String hex) {
    return Packet.of(HEX.parseHex(hex.replace(" ", "")));
  }

  @ParameterizedTest
  @CsvSource({
    "00, 0",
    "fa, 250",
    "fb, -1",
    "fc ff 00, 255",
    "fc ff ff, 65535",
    "fd 00 00 01, 65536",
    "fd ff ff ff, 16777215",
    "fe 00 00 00 01 00 00 00 00, 16777216",
    "fe 00 00 00 00 01 00 00 00, 4294967296",
  })
  void readsLengths(String hex, long expected) {
    assertThat(packet(hex).lengthEncodedInteger()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 250, 251, 65_535, 65_536, 16_777_215, 16_777_216})
  void writesTheLengthsThatItReads(int value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new PacketWriter(out).lengthEncodedInteger(value).send();
    byte[] payload = Arrays.copyOfRange(out.toByteArray(), 4, out.size());
    assertThat(Packet.of(payload).lengthEncodedInteger()).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ff", "fc 01", "fe 00 00", "05 61 62"})
  void refusesValuesThatAreCutOff(String hex) {
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> packet(hex).skipValue())
        .satisfies(e -> assertThat(e.errno()).isEqualTo(MysqlException.MALFORMED_PACKET));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, 0xfffffe, 0xffffff, 0x1000000, 0x1fffffe, 0x1ffffff})
  void splitsAndJoinsLargePayloads(int size) throws IOException {
    byte[] payload = new byte[size];
    for (int i = 0; i < size; i++) {
      payload[i] = (byte) (i * 31);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PacketWriter writer = new PacketWriter(out);
    writer.bytes(payload).send();
    writer.int1(7).send();
    PacketReader reader = new PacketReader(new ByteArrayInputStream(out.toByteArray()));
    Packet read = reader.read();
    assertThat(read.length()).isEqualTo(size);
    assertThat(read.take(size)).isEqualTo(payload);
    assertThat(reader.read().int1()).isEqualTo(7);
    assertThat(reader.sequence()).isEqualTo(writer.sequence());
  }

  @ParameterizedTest
  @ValueSource(ints = {10 << 20, 20 << 20})
  void givesBackWhatAHugePacketTook(int size) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PacketWriter writer = new PacketWriter(out);
    writer.bytes(new byte[size]).send();
    for (int i = 0; i < 3; i++) {
      writer.bytes(new byte[200_000]).send();
    }
    PacketReader reader = new PacketReader(new ByteArrayInputStream(out.toByteArray()));
    assertThat(reader.read().length()).isEqualTo(size);
    for (int i = 0; i < 3; i++) {
      Packet small = reader.read();
      assertThat(small.length()).isEqualTo(200_000);
      assertThat(small.array().length).isLessThanOrEqualTo(1 << 20);
      assertThat(reader.capacity()).isLessThanOrEqualTo(1 << 20);
    }
  }

  @Test
  void doesNotCareHowTheBytesArrive() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PacketWriter writer = new PacketWriter(out);
    for (int i = 0; i < 300; i++) {
      writer.bytes(new byte[i]).send();
    }
    InputStream trickle =
        new FilterInputStream(new ByteArrayInputStream(out.toByteArray())) {
          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            return super.read(target, offset, Math.min(length, 3));
          }
        };
    PacketReader reader = new PacketReader(trickle);
    for (int i = 0; i < 300; i++) {
      assertThat(reader.read().length()).isEqualTo(i);
    }
    assertThatExceptionOfType(EOFException.class).isThrownBy(reader::read);
  }

  @Test
  void refusesAPacketOutOfOrder() {
    PacketReader reader = new PacketReader(new ByteArrayInputStream(HEX.parseHex("0100000500")));
    assertThatThrownBy(reader::read).hasMessageContaining("packet number 5 instead of 0");
  }

  @Test
  void readsTheGreetings() {
    String scramble = "0102030405060708";
    String rest = "090a0b0c0d0e0f1011121314";
    Greeting mariaDb =
        Greeting.parse(
            packet(
                "0a"
                    + HEX.formatHex("5.5.5-10.11.6-MariaDB\0".getBytes(StandardCharsets.US_ASCII))
                    + "2a000000"
                    + scramble
                    + "00 fef7 2d 0200 ff81 15 000000000000 1d000000"
                    + rest
                    + "00"
                    + HEX.formatHex(
                        "mysql_native_password\0".getBytes(StandardCharsets.US_ASCII))));
    assertThat(mariaDb.version()).isEqualTo("10.11.6-MariaDB");
    assertThat(mariaDb.connectionId()).isEqualTo(42);
    assertThat(mariaDb.capabilities()).isEqualTo(0x81fff7fe);
    assertThat(mariaDb.plugin()).isEqualTo(NativePassword.NAME);
    assertThat(mariaDb.scramble()).isEqualTo(HEX.parseHex(scramble + rest));
  }

  @Test
  void aServerThatRefusesAtOnceIsHeard() {
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> Greeting.parse(packet("ff 1004 54 6f6f 206d616e79")))
        .withMessageContaining("Too many")
        .satisfies(e -> assertThat(e.errno()).isEqualTo(1040));
  }

  @Test
  void readsErrorsWithAndWithoutState() {
    Packet withState = packet("ff 2604 2332333030 30 44");
    withState.skip(1);
    MysqlException error = Responses.error(withState);
    assertThat(error.errno()).isEqualTo(1062);
    assertThat(error.sqlState()).isEqualTo("23000");
    assertThat(error).hasMessage("D (errno 1062) (sqlstate 23000)");
  }

  @Test
  void quotesNames() {
    assertThat(SqlText.qualified("a`b", "t")).isEqualTo("`a``b`.`t`");
    assertThatThrownBy(() -> SqlText.identifier("")).isInstanceOf(IllegalArgumentException.class);
    assertThat(Flavor.ofVersion("11.4.5-MariaDB-log")).isEqualTo(Flavor.MARIADB);
    assertThat(Flavor.ofVersion("9.7.4")).isEqualTo(Flavor.MYSQL);
    assertThat(Password.of("x")).hasToString("***").isEqualTo(Password.of("x"));
  }
}
