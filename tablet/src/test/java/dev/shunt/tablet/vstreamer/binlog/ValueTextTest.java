package dev.shunt.tablet.vstreamer.binlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.tablet.schema.DoubleText;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Single cells; that whole tables come out as SELECT gives them is shown with real servers. */
class ValueTextTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, -0",
    "1, 1",
    "-2.5, -2.5",
    "1e14, 100000000000000",
    "1e15, 1e15",
    "123456789012345, 123456789012345",
    "1234567890123456, 1.234567890123456e15",
    "1e-14, 0.00000000000001",
    "1e-15, 0.000000000000001",
    "1e-16, 1e-16",
    "4.9E-324, 5e-324",
    "1.7976931348623157E308, 1.7976931348623157e308",
    "0.1, 0.1"
  })
  void printsDoublesAsMySql(double value, String text) {
    assertThat(DoubleText.of(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "80000000, 9, 0, 0",
    "8000000c, 9, 0, 12",
    "7ffffff3, 9, 0, -12",
    "810dfb38d204d2, 14, 4, 1234567890.1234",
    "7ef204c72dfb2d, 14, 4, -1234567890.1234",
    "8019, 3, 2, 0.25"
  })
  void readsDecimals(String hex, int precision, int scale, String text) {
    assertThat(DecimalText.read(in(hex), precision, scale)).isEqualTo(text);
  }

  @Test
  void readsTimesBelowZero() {
    // -00:00:00.5 with one byte of fraction, as MySQL packs it.
    assertThat(TemporalText.time(in("7fffffce"), 2)).isEqualTo("-00:00:00.50");
    assertThat(TemporalText.time(in("800000"), 0)).isEqualTo("00:00:00");
  }

  @Test
  void readsZeroDates() {
    assertThat(TemporalText.date(in("000000"))).isEqualTo("0000-00-00");
    assertThat(TemporalText.timestamp(in("00000000"), 0)).isEqualTo("0000-00-00 00:00:00");
  }

  @Test
  void padsBinaryThatLostItsZeros() {
    ColumnFacts facts = new ColumnFacts(false, 0, 4, null, List.of(), ",");
    CellReader reader = CellReader.of(LoggedColumnType.STRING, 0x04fe, facts);
    assertThat(reader.read(in("0161"))).containsExactly('a', 0, 0, 0);
  }

  @Test
  void refusesTypesItCannotRender() {
    assertThatThrownBy(() -> CellReader.of(200, 2, ColumnFacts.PLAIN))
        .isInstanceOf(BinlogFormatException.class)
        .hasMessageContaining("200");
  }

  @Test
  void expandsCompressedColumns() {
    CellReader reader = CellReader.of(LoggedColumnType.BLOB_COMPRESSED, 1, ColumnFacts.PLAIN);
    assertThat(reader.read(in("00"))).isEmpty();
    assertThat(reader.read(in("03006162"))).containsExactly('a', 'b');
    assertThatThrownBy(() -> reader.read(in("026161"))).isInstanceOf(BinlogFormatException.class);
  }

  @Test
  void tellsChangesOfJsonAsAnExpression() {
    // REPLACE of $.a by "50%", then INSERT of 7 at $.b[1], then REMOVE of $.c
    String bytes = "0003242e61050c03353025" + "0106242e625b315d03050700" + "0203242e63";
    assertThat(new String(JsonDiff.expression(in(bytes)), UTF_8))
        .isEqualTo(
            "JSON_REMOVE(JSON_ARRAY_INSERT(JSON_REPLACE(%s"
                + ", _utf8mb4'$.a', CAST(_utf8mb4'\"50%%\"' AS JSON))"
                + ", _utf8mb4'$.b[1]', CAST(_utf8mb4'7' AS JSON))"
                + ", _utf8mb4'$.c')");
  }

  @Test
  void refusesAnEventThatEndsTooEarly() {
    assertThatThrownBy(() -> in("01").uint32()).isInstanceOf(BinlogFormatException.class);
  }

  @Test
  void printsJsonAsMySql() {
    // {"a": [1, "x\n"]} in binary form.
    byte[] json =
        HexFormat.of()
            .parseHex(
                "00" + "0100" + "1f00" + "0b00" + "0100" + "02" + "0c00" + "61" + "0200" + "0d00"
                    + "05" + "0100" + "0c" + "0a00" + "02" + "780a");
    assertThat(new String(BinaryJsonText.of(json), StandardCharsets.UTF_8))
        .isEqualTo("{\"a\": [1, \"x\\n\"]}");
  }

  private static ByteReader in(String hex) {
    return new ByteReader(HexFormat.of().parseHex(hex));
  }
}
