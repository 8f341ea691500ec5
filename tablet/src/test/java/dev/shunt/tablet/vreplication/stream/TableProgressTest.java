package dev.shunt.tablet.vreplication.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.shunt.tablet.RpcException;
import io.vitess.proto.Query;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which key the copy of a table may go on with. */
class TableProgressTest {
  private static Query.Field field(Query.Type type, String columnType) {
    return Query.Field.newBuilder()
        .setName("k")
        .setOrgName("k")
        .setType(type)
        .setColumnType(columnType)
        .build();
  }

  private static Query.QueryResult last(Query.Field field) {
    return Query.QueryResult.newBuilder()
        .addFields(field)
        .addRows(
            Query.Row.newBuilder().addLengths(1).setValues(ByteString.copyFromUtf8("1")).build())
        .build();
  }

  private static TableProgress whole(Query.Field field) {
    return new TableProgress("t", List.of(CopyPart.whole(Optional.of(last(field)), 0)));
  }

  private static TableProgress cut(Query.Field... fields) {
    PartBounds bounds = new PartBounds.Keys(Optional.empty(), Optional.empty());
    return new TableProgress(
        "t",
        Arrays.stream(fields)
            .map(field -> new CopyPart(1, bounds, last(field), false, 0))
            .toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DATETIME|datetime(3)|datetime",
        "DATETIME|datetime(6) /* mariadb-5.3 */|datetime(3)",
        "TIMESTAMP|timestamp(6)|timestamp(5)",
        "TIME|time(1)|time",
        "DECIMAL|decimal(10,2)|decimal(10,0)",
        "DECIMAL|decimal(10,2) unsigned|decimal(10,1) unsigned",
        "FLOAT64|double|double(10,2)",
        "FLOAT32|float(7,3)|float(7,2)",
      })
  void doesNotGoOnByAKeyThatWasRounded(Query.Type type, String before, String now) {
    Query.Field then = field(type, before);
    List<Query.Field> rounded = List.of(field(type, now));
    assertThat(cut(then).isCutBy(rounded)).isFalse();
    for (Runnable demand :
        List.<Runnable>of(
            () -> cut(then).demandCutBy(rounded),
            () -> whole(then).demandSameValues(rounded),
            () -> whole(then).demandStill(rounded))) {
      assertThatThrownBy(demand::run)
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("the copy of table t can't go on")
          .hasMessageContaining("its values were rounded");
    }
    assertThatThrownBy(() -> whole(rounded.getFirst()).demandSameValues(List.of(then)))
        .hasMessageContaining("put it back and start the stream");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DATETIME|datetime(3)|datetime(3)",
        "DATETIME|datetime|datetime(0)",
        "DATETIME|datetime(3)|''",
        "DATETIME|''|datetime(3)",
        "DECIMAL|decimal(10,2)|decimal(12,2)",
        "INT64|bigint(20)|bigint",
        "VARCHAR|varchar(30)|varchar(20)",
      })
  void goesOnByAKeyWithTheSameValues(Query.Type type, String before, String now) {
    Query.Field then = field(type, before);
    List<Query.Field> same = List.of(field(type, now));
    assertThat(cut(then).isCutBy(same)).isTrue();
    cut(then).demandCutBy(same);
    whole(then).demandSameValues(same);
    whole(then).demandStill(same);
  }

  @Test
  void knowsAKeyThatOnlySomeOfItsPartsTellOf() {
    TableProgress progress =
        cut(field(Query.Type.DATETIME, ""), field(Query.Type.DATETIME, "datetime(3)"));
    assertThatThrownBy(() -> progress.demandCutBy(List.of(field(Query.Type.DATETIME, "datetime"))))
        .hasMessageContaining("can't go on");
  }

  @ParameterizedTest
  @CsvSource({"16,20,false", "16,16,true", "16,0,true", "0,20,true"})
  void takesALengthThatIsNotToldForUnknown(int before, int now, boolean same) {
    Query.Field then = field(Query.Type.BINARY, "").toBuilder().setColumnLength(before).build();
    List<Query.Field> key =
        List.of(field(Query.Type.BINARY, "").toBuilder().setColumnLength(now).build());
    assertThat(cut(then).isCutBy(key)).isEqualTo(same);
  }
}
