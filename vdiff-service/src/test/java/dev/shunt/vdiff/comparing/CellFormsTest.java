package dev.shunt.vdiff.comparing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.shunt.tabletclient.FieldFlags;
import io.vitess.proto.Query;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cells of columns of two types are compared as values. */
class CellFormsTest {
  private static final int UTF8 = 45;
  private static final int LATIN1 = 8;

  private static Query.Field field(Query.Type type, String columnType, int charset) {
    return Query.Field.newBuilder()
        .setName("v")
        .setType(type)
        .setColumnType(columnType)
        .setCharset(charset)
        .setFlags(FieldFlags.GIVEN)
        .build();
  }

  private static boolean equal(Query.Field source, String a, Query.Field target, String b) {
    CellForms forms = new CellForms(List.of(target), List.of(List.of(source)));
    return forms.of(0, source, bytes(a)).equals(forms.of(0, target, bytes(b)));
  }

  private static ByteString bytes(String hexadecimal) {
    return ByteString.fromHex(hexadecimal);
  }

  @Test
  void textsOfTwoCharacterSetsAreEqualWhenTheirCharactersAre() {
    Query.Field utf8 = field(Query.Type.VARCHAR, "varchar(9)", UTF8);
    Query.Field latin1 = field(Query.Type.VARCHAR, "varchar(9)", LATIN1);

    assertThat(equal(utf8, "c3a9", latin1, "e9")).as("the same letter").isTrue();
    assertThat(equal(utf8, "c3a9", latin1, "c3a9")).as("the same bytes").isFalse();
    assertThat(equal(utf8, "c3a9", utf8, "c3a9")).isTrue();
    assertThat(equal(utf8, "c3", utf8, "c3")).as("no text, on both sides").isTrue();
  }

  /** It names the character set of its session. */
  @Test
  void ofAStockTabletBytesAreCompared() {
    Query.Field stock =
        field(Query.Type.VARCHAR, "varchar(9)", UTF8).toBuilder().setFlags(0).build();
    Query.Field latin1 = field(Query.Type.VARCHAR, "varchar(9)", LATIN1);

    assertThat(equal(stock, "e9", latin1, "e9")).isTrue();
  }

  @Test
  void aCharacterSetThatIsNotKnownIsRefused() {
    Query.Field utf8 = field(Query.Type.VARCHAR, "varchar(9)", UTF8);
    Query.Field other = field(Query.Type.VARCHAR, "varchar(9)", 92);

    assertThatThrownBy(() -> equal(utf8, "61", other, "61"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("column v")
        .hasMessageContaining("92");
  }

  @ParameterizedTest
  @CsvSource({
    "DECIMAL,'decimal(9,2)','decimal(9,4)',1.25,1.2500,true",
    "DECIMAL,'decimal(9,2)','decimal(9,4)',1.25,1.2501,false",
    "DECIMAL,'decimal(9,0)','decimal(9,2)',10,10.00,true",
    "DECIMAL,'decimal(9,2)','decimal(9,2)',1.2,1.20,false",
    "DATETIME,datetime,datetime(6),2024-01-02 03:04:00,2024-01-02 03:04:00.000000,true",
    "DATETIME,datetime,datetime(6),2024-01-02 03:04:00,2024-01-02 03:04:00.000001,false",
    "VARCHAR,varchar(9),varchar(20),1.0,1.00,false"
  })
  void fractionsMayHaveZerosAtTheirEnd(
      Query.Type type, String from, String to, String a, String b, boolean equal) {
    CellForms forms =
        new CellForms(List.of(field(type, to, 63)), List.of(List.of(field(type, from, 63))));

    assertThat(
            forms
                .of(0, field(type, from, 63), ByteString.copyFromUtf8(a))
                .equals(forms.of(0, field(type, to, 63), ByteString.copyFromUtf8(b))))
        .isEqualTo(equal);
  }

  @Test
  void bitsMayHaveZerosBeforeThem() {
    Query.Field eight = field(Query.Type.BIT, "bit(8)", 63);
    Query.Field sixteen = field(Query.Type.BIT, "bit(16)", 63);

    assertThat(equal(eight, "35", sixteen, "0035")).isTrue();
    assertThat(equal(eight, "35", sixteen, "3500")).isFalse();
  }
}
