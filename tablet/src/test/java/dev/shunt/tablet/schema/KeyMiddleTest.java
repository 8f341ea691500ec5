package dev.shunt.tablet.schema;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where to look for a row between two others. */
class KeyMiddleTest {
  private static ColumnSchema column(String type) {
    String charset = type.endsWith("char") ? "utf8mb4" : "";
    return new ColumnSchema("k", type, type, 36, charset, "", 63, false, false, false, false);
  }

  private static String between(String type, byte[] low, byte[] high) {
    Optional<byte[]> middle = KeyMiddle.between(column(type), low, high);
    return middle.map(bytes -> new String(bytes, ISO_8859_1)).orElse("none");
  }

  @ParameterizedTest
  @CsvSource({
    "bigint,-10,20,5",
    "bigint,0,18446744073709551615,9223372036854775807",
    "int,4,5,none",
    "decimal,1.50,2.00,1.75",
    "decimal,-0.1,0.1,0.0",
    "date,2024-02-28,2024-03-01,2024-02-29",
    "date,2024-02-28,2024-02-29,none",
    "date,0000-00-00,2024-02-29,none",
    "datetime,2024-01-31 23:59:58.5,2024-02-01 00:00:02,2024-01-31 23:59:59",
    "timestamp,2024-01-31 23:59:58,2024-01-31 23:59:58.9,none",
    "char,3f,5f,4f",
    "varchar,Customer.0001,Customer.0009,Customer.0005",
    "varchar,same,same,none",
    "varchar,b,A,none",
    "text,a,z,none",
    "enum,a,z,none",
    "time,01:00:00,03:00:00,none",
    "uuid,00000000-0000-4000-8000-000000000002,ffffffff-ffff-4fff-8000-000000000004,"
        + "00000000-0000-4000-8000-000000000003",
    "uuid,01900000-0000-7000-8000-000000000002,01900004-0000-7000-8000-000000000000,"
        + "01900002-0000-7000-8000-000000000002"
  })
  void isAboutHalfWay(String type, String low, String high, String middle) {
    String found = between(type, low.getBytes(ISO_8859_1), high.getBytes(ISO_8859_1));

    // Texts end with the least symbols.
    assertThat(found.replaceAll("-+$", "")).isEqualTo(middle);
  }

  /** A part of a letter is an error on MySQL. */
  @Test
  void ofTextsDoesNotEndWithHalfALetter() {
    byte[] low = "x\u00e81".getBytes(UTF_8);
    byte[] high = "x\u00e99".getBytes(UTF_8);

    assertThat(between("varchar", low, high)).matches("x[ -~]+");
    assertThat(between("varchar", "x".getBytes(UTF_8), high)).matches("x[ -~]+");
  }

  @ParameterizedTest
  @CsvSource({
    "0000,ffff,7fff",
    "00ff,0100,none",
    "80,ff,bf",
    "7f,81,80",
    "01,0102,0101",
    "'',ff,7f",
    "00000000000000000000000000000001,ffffffffffffffffffffffffffffffff,80000000000000000000000000000000"
  })
  void ofBytesIsTheMiddleOfTheNumbersThatTheyAre(String low, String high, String middle) {
    HexFormat hex = HexFormat.of();
    String found = between("binary", hex.parseHex(low), hex.parseHex(high));

    assertThat(found.equals("none") ? found : hex.formatHex(found.getBytes(ISO_8859_1)))
        .isEqualTo(middle);
  }
}
