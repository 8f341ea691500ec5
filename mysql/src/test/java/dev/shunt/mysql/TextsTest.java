package dev.shunt.mysql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names, values and what servers say in words, to the byte. */
class TextsTest {
  /** What a server makes of a quoted text (MySQL manual, "String Literals"). */
  private static byte[] read(byte[] literal) {
    assertThat(literal[0]).isEqualTo((byte) '\'');
    assertThat(literal[literal.length - 1]).isEqualTo((byte) '\'');
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 1; i < literal.length - 1; i++) {
      byte here = literal[i];
      assertThat(here).isNotEqualTo((byte) '\'');
      if (here != '\\') {
        out.write(here);
        continue;
      }
      byte next = literal[++i];
      out.write(
          switch (next) {
            case '0' -> 0;
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'Z' -> 0x1a;
            default -> next;
          });
    }
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anyBytesComeBackFromTheirLiteral(long seed) {
    Random random = new Random(seed);
    byte[] awkward = {0, '\n', '\r', 0x1a, '\'', '"', '\\', '%', '_', 't', 'b', 'n', 'Z', -1};
    for (int i = 0; i < 500; i++) {
      byte[] value = new byte[random.nextInt(20)];
      for (int at = 0; at < value.length; at++) {
        value[at] =
            random.nextBoolean()
                ? awkward[random.nextInt(awkward.length)]
                : (byte) random.nextInt(256);
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] around = new byte[value.length + 4];
      System.arraycopy(value, 0, around, 2, value.length);
      SqlText.appendLiteral(out, around, 2, value.length);
      assertThat(read(out.toByteArray())).isEqualTo(value);
    }
    assertThat(read(SqlText.literal("a'b\\é\u20ac\n").getBytes(UTF_8)))
        .isEqualTo("a'b\\é\u20ac\n".getBytes(UTF_8));
  }

  @Test
  void hexIsWhatStandsThere() {
    assertThat(SqlText.hex(new byte[] {0, -1, 0x7f})).isEqualTo("X'00FF7F'");
    assertThat(SqlText.hex(new byte[0])).isEqualTo("X''");
  }

  @Test
  void namesHaveNoZeroAndAreNotEmpty() {
    assertThat(SqlText.identifier("``")).isEqualTo("``````");
    assertThat(SqlText.qualified("a.b", "c d")).isEqualTo("`a.b`.`c d`");
    for (String name : new String[] {"", "a\0"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SqlText.qualified("db", name))
          .withMessage("a database name can't be empty or hold a zero character");
    }
  }

  private static Packet error(String rest) {
    byte[] text = rest.getBytes(UTF_8);
    byte[] bytes = new byte[text.length + 2];
    bytes[0] = 0x26;
    bytes[1] = 0x04;
    System.arraycopy(text, 0, bytes, 2, text.length);
    return Packet.of(bytes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "#23000Duplicate | 23000 | Duplicate",
        "#23000          | 23000 | ''",
        "#2300           | HY000 | #2300",
        "Too many        | HY000 | Too many",
        "''              | HY000 | ''",
      })
  void errorsAreReadWithAndWithoutTheirState(String rest, String state, String sentence) {
    MysqlException error = Responses.error(error(rest));

    assertThat(error.errno()).isEqualTo(1062);
    assertThat(error.sqlState()).isEqualTo(state);
    assertThat(error.sentence()).isEqualTo(sentence);
  }

  @ParameterizedTest
  @CsvSource({
    "2003, true",
    "2006, true",
    "2013, true",
    "2027, false",
    "2998, false",
    "1317, false"
  })
  void aNewConnectionHelpsWhereTheOldOneIsGone(int errno, boolean lost) {
    assertThat(new MysqlException(errno, "HY000", "m").connectionLost()).isEqualTo(lost);
  }

  private static Packet ok(byte[] info) {
    byte[] head = {0, 1, 2, 2, 0, 0, 0};
    byte[] all = Arrays.copyOf(head, head.length + info.length);
    System.arraycopy(info, 0, all, head.length, info.length);
    return Packet.of(all);
  }

  private static Stream<String> textsOfAnOk() {
    return Stream.concat(
        Stream.of("Records: 3  Duplicates: 0", "Datensätze: 3", ""),
        IntStream.of(1, 126, 127, 128, 250, 251, 252, 300, 1000).mapToObj("x"::repeat));
  }

  /** Some put its length in front of it, which is one of bytes. */
  @ParameterizedTest
  @MethodSource("textsOfAnOk")
  void theTextOfAnOkIsTheSameWithItsLengthBeforeIt(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    byte[] length =
        bytes.length < 251
            ? new byte[] {(byte) bytes.length}
            : new byte[] {(byte) 0xfc, (byte) bytes.length, (byte) (bytes.length >> 8)};
    byte[] counted = Arrays.copyOf(length, length.length + bytes.length);
    System.arraycopy(bytes, 0, counted, length.length, bytes.length);

    assertThat(Responses.ok(ok(bytes)).info()).isEqualTo(text);
    assertThat(Responses.ok(ok(counted)).info()).isEqualTo(text);
    assertThat(Responses.ok(ok(bytes)).affectedRows()).isEqualTo(1);
    assertThat(Responses.ok(ok(bytes)).insertId()).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource
  void eachTypeHasACodeOfItsOwn(ColumnType type) {
    long codes = IntStream.range(0, 256).filter(code -> isOf(code, type)).count();
    assertThat(codes).isEqualTo(1);
  }

  private static boolean isOf(int code, ColumnType type) {
    try {
      return ColumnType.of(code) == type;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 17, 241, 243, 256, Integer.MAX_VALUE})
  void codesThatServersDoNotSendAreRefused(int code) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ColumnType.of(code))
        .withMessage("unknown column type " + code);
  }
}
