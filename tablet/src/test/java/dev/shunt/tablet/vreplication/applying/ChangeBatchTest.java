package dev.shunt.tablet.vreplication.applying;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.mysql.Flavor;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.tablet.vreplication.writing.PacketLimit;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import io.vitess.proto.Query;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangeBatchTest {
  private static final int HUGE = 20 << 20;
  private static final int SMALL = 1 << 20;

  private static TargetTable table() {
    return table(true);
  }

  private static TargetTable keyless() {
    return table(false);
  }

  private static TargetTable table(boolean unique) {
    List<ColumnSchema> columns = List.of(column("id", "int"), column("v", "longblob"));
    return new TargetTable(
        new TableSchema(
            "t",
            columns,
            unique ? List.of("id") : List.of("id", "v"),
            unique,
            unique ? "PRIMARY" : "",
            1),
        Flavor.MYSQL,
        true,
        columns.stream()
            .map(column -> Query.Field.newBuilder().setName(column.name()).build())
            .toList());
  }

  private static ColumnSchema column(String name, String type) {
    return new ColumnSchema(name, type, type, 0, "", "", 63, true, false, false, false);
  }

  private static byte[][] row(int id, int bytes) {
    return new byte[][] {Integer.toString(id).getBytes(UTF_8), new byte[bytes]};
  }

  private static SqlBuffer statements(Changes changes) {
    SqlBuffer sql = new SqlBuffer();
    changes.appendTo(sql);
    return sql;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aHugeRowTakesNoMemoryBehindItsTransaction(boolean rowByRow) {
    TargetTable table = table();
    ChangeBatch batch = new ChangeBatch(false, new PacketLimit(64 << 20), rowByRow);
    batch.insert(table, row(1, HUGE), false);
    assertThat(batch.isTooLarge()).isTrue();
    assertThat(statements(batch.take()).size()).isGreaterThan(HUGE);

    batch.insert(table, row(2, 9), false);

    Changes next = batch.take();
    assertThat(next.ordered().capacity()).isLessThanOrEqualTo(SMALL);
    assertThat(statements(next).capacity()).isLessThanOrEqualTo(SMALL);
    assertThat(batch.isEmpty()).isTrue();
  }

  /** What the server says of the others is asked for then. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRowThatIsTooLargeLeavesTheOthersToBeSent(boolean rowByRow) {
    TargetTable table = keyless();
    ChangeBatch batch = new ChangeBatch(false, new PacketLimit(SMALL), rowByRow);
    batch.insert(table, row(1, 9), false);
    String others = new String(statements(batch.take()).toByteArray(), UTF_8);
    List<Runnable> tooLarge =
        List.of(
            () -> batch.insert(table, row(2, SMALL), false),
            () -> batch.update(table, row(1, SMALL / 2), row(2, SMALL / 2)),
            () -> batch.delete(table, row(1, SMALL)));

    for (Runnable change : tooLarge) {
      batch.insert(table, row(1, 9), false);

      assertThatThrownBy(change::run)
          .isInstanceOf(RpcException.class)
          .hasMessageStartingWith("a row of table t takes a statement of ");

      assertThat(new String(statements(batch.take()).toByteArray(), UTF_8)).isEqualTo(others);
    }
  }
}
