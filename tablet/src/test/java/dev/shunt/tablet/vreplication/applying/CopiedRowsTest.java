package dev.shunt.tablet.vreplication.applying;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.shunt.tablet.vreplication.stream.CopyPart;
import dev.shunt.tablet.vreplication.stream.PartBounds;
import dev.shunt.tablet.vreplication.stream.TableProgress;
import io.vitess.proto.Query;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which rows of a table that is being copied are copied. */
class CopiedRowsTest {
  private static final List<Query.Field> INTS =
      List.of(field("a", Query.Type.INT64), field("b", Query.Type.INT32));

  private static Query.Field field(String name, Query.Type type) {
    return Query.Field.newBuilder().setName(name).setType(type).setCharset(255).build();
  }

  private static byte[] @Nullable [] row(String... cells) {
    byte[] @Nullable [] row = new byte[cells.length] @Nullable [];
    for (int i = 0; i < cells.length; i++) {
      row[i] = cells[i].getBytes(UTF_8);
    }
    return row;
  }

  private static Query.QueryResult key(List<Query.Field> fields, String... last) {
    Query.QueryResult.Builder key = Query.QueryResult.newBuilder().addAllFields(fields);
    if (last.length > 0) {
      key.addRows(
          Query.Row.newBuilder()
              .addAllLengths(Arrays.stream(last).map(cell -> (long) cell.length()).toList())
              .setValues(ByteString.copyFromUtf8(String.join("", last))));
    }
    return key.build();
  }

  private static CopiedRows copied(List<CopyPart> parts, List<Query.Field> fields) {
    return new CopiedRows(
        new TableProgress("t", parts),
        fields,
        false,
        (collation, a, b) -> {
          throw new AssertionError("the server is asked");
        });
  }

  @ParameterizedTest
  @CsvSource({"4,9,true", "5,6,true", "5,7,true", "5,8,false", "6,1,false", "-20,0,true"})
  void ofAWholeTableAreThoseUpToTheLastOne(String a, String b, boolean copied) {
    CopiedRows rows = copied(List.of(CopyPart.whole(Optional.of(key(INTS, "5", "7")), 0)), INTS);

    assertThat(rows.contain(row(a, b))).isEqualTo(copied);
  }

  private static PartBounds numbers(@Nullable Long first, @Nullable Long below) {
    return new PartBounds.Numbers(
        first == null ? null : BigInteger.valueOf(first),
        below == null ? null : BigInteger.valueOf(below));
  }

  @ParameterizedTest
  @CsvSource({
    "-99,0,true", // of the first part, which is done
    "9,9,true",
    "10,1,true", // of the second, up to its last row
    "14,5,true",
    "14,6,false",
    "19,0,false",
    "20,0,false", // of the third, which has not begun
    "25,0,false",
    "30,1,true", // of the last, done and without rows
    "18446744073709551615,1,true"
  })
  void ofATableInPartsAreThoseOfEachPart(String a, String b, boolean copied) {
    List<CopyPart> parts = new ArrayList<>();
    parts.add(new CopyPart(1, numbers(null, 10L), key(INTS, "8", "1"), true, 0));
    parts.add(new CopyPart(2, numbers(10L, 20L), key(INTS, "14", "5"), false, 0));
    parts.add(new CopyPart(3, numbers(20L, 30L), key(INTS), false, 0));
    parts.add(new CopyPart(4, numbers(30L, null), key(INTS), true, 0));

    assertThat(copied(parts, INTS).contain(row(a, b))).isEqualTo(copied);
  }

  private static PartBounds keys(String... ends) {
    return new PartBounds.Keys(
        ends[0].isEmpty()
            ? Optional.empty()
            : Optional.of(key(INTS, ends[0].split(" ", -1)).getRows(0)),
        ends[1].isEmpty()
            ? Optional.empty()
            : Optional.of(key(INTS, ends[1].split(" ", -1)).getRows(0)));
  }

  @ParameterizedTest
  @CsvSource({
    "-99,0,true", // of the first part, which is done
    "10,5,true", // its last row
    "10,6,false", // of the second, which has not begun
    "10,8,false",
    "10,9,true", // of the third, up to its last row
    "14,5,true",
    "14,6,false",
    "30,0,false",
    "30,1,true", // of the last, done and without rows
    "99,1,true"
  })
  void ofATableInPartsByKeysAreThoseOfEachPart(String a, String b, boolean copied) {
    List<CopyPart> parts = new ArrayList<>();
    parts.add(new CopyPart(1, keys("", "10 5"), key(INTS, "10", "5"), true, 0));
    parts.add(new CopyPart(2, keys("10 5", "10 8"), key(INTS), false, 0));
    parts.add(new CopyPart(3, keys("10 8", "30 0"), key(INTS, "14", "5"), false, 0));
    parts.add(new CopyPart(4, keys("30 0", ""), key(INTS), true, 0));

    assertThat(copied(parts, INTS).contain(row(a, b))).isEqualTo(copied);
  }

  /** MariaDB keeps these as bytes, in an order that is not that of their text. */
  @ParameterizedTest
  @CsvSource({
    "inet6,::2,::1,true",
    "inet6,::2,::10,false",
    "inet6,::2,::1:0:0,false",
    "inet6,::ffff:9.0.0.1,::ffff:10.0.0.1,false",
    "inet6,a::,9f::,false",
    "inet4,9.1.1.1,10.0.0.0,false",
    "inet4,10.1.1.1,9.255.0.0,true",
    "uuid,00000000-0000-1000-8000-000000000002,ffffffff-ffff-1fff-8000-000000000001,true",
    "uuid,ffffffff-ffff-1fff-8000-000000000001,00000000-0000-1000-8000-000000000002,false",
    "uuid,01900000-0000-7000-8000-000000000000,01900001-0000-7000-8000-000000000000,false"
  })
  void areToldByWhatIsKeptOfAddressesAndUuids(
      String type, String last, String key, boolean copied) {
    List<Query.Field> fields =
        List.of(
            field("k", Query.Type.VARCHAR).toBuilder().setCharset(63).setColumnType(type).build());
    CopiedRows rows = copied(List.of(CopyPart.whole(Optional.of(key(fields, last)), 0)), fields);

    assertThat(rows.contain(row(key))).isEqualTo(copied);
  }

  /** Shorter comes first, and nothing is filled up. */
  @ParameterizedTest
  @CsvSource({"m,true", "mm,false", "ma,false", "l\u00ff,true", "'',true", "M,true", "z,false"})
  void areToldByTheBytesOfBinaryStrings(String value, boolean copied) {
    List<Query.Field> fields =
        List.of(field("k", Query.Type.VARBINARY).toBuilder().setCharset(63).build());
    CopiedRows rows = copied(List.of(CopyPart.whole(Optional.of(key(fields, "m")), 0)), fields);

    assertThat(rows.contain(row(value))).isEqualTo(copied);
  }

  @Test
  void countAsCopiedWhereOnlyTheServerCouldTell() {
    List<Query.Field> fields =
        List.of(field("a", Query.Type.INT64), field("b", Query.Type.VARCHAR));
    CopiedRows rows =
        copied(List.of(CopyPart.whole(Optional.of(key(fields, "5", "m")), 0)), fields);

    assertThat(rows.contain(row("5", "z"))).as("perhaps").isTrue();
    assertThat(rows.contain(row("6", "a"))).as("surely not").isFalse();
    assertThat(rows.contain(row("4", "z"))).isTrue();
  }

  /** An ENUM is ordered by its elements, what is none of them first; a SET by a bit for each. */
  @ParameterizedTest
  @CsvSource({
    "ENUM,z,true",
    "ENUM,a,true",
    "ENUM,b,false",
    "ENUM,'',true",
    "SET,z,true",
    "SET,a,true",
    "SET,'z,a',false",
    "SET,b,false",
    "SET,'',true"
  })
  void inTheOrderOfElements(Query.Type type, String value, boolean copied) {
    List<Query.Field> fields =
        List.of(
            field("k", type).toBuilder()
                .setColumnType(type == Query.Type.ENUM ? "enum('z','a','b')" : "set('z','a','b')")
                .build());
    CopiedRows rows =
        new CopiedRows(
            new TableProgress("t", List.of(CopyPart.whole(Optional.of(key(fields, "a")), 0))),
            fields,
            true,
            (collation, a, b) -> 0);

    assertThat(rows.contain(row(value))).isEqualTo(copied);
  }
}
