package dev.shunt.tablet.vreplication;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.tablet.vstreamer.ColumnSchema;
import dev.shunt.tablet.vstreamer.SqlBuffer;
import dev.shunt.tablet.vstreamer.TableSchema;
import io.vitess.proto.Query;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangeBatchTest {
  private static final int HUGE = 20 << 20;
  private static final int SMALL = 1 << 20;

  private static TargetTable table() {
    List<ColumnSchema> columns = List.of(column("id", "int"), column("v", "longblob"));
    return new TargetTable(
        new TableSchema("t", columns, List.of("id"), true, "PRIMARY", 1),
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
}
