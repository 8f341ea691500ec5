package dev.shunt.tablet.vreplication.stream;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import dev.shunt.tablet.RpcException;
import dev.shunt.workflow.sql.SqlParser;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopyBasisTest {
  private static CopyBasis of(String keyspace, String shard) {
    Binlogdata.BinlogSource source =
        Binlogdata.BinlogSource.newBuilder()
            .setKeyspace(keyspace)
            .setShard(shard)
            .setFilter(
                Binlogdata.Filter.newBuilder()
                    .addRules(
                        Binlogdata.Rule.newBuilder().setMatch("t").setFilter("select * from t")))
            .build();
    return CopyBasis.of(
        source, new StreamFilter(source.getFilter(), SqlParser.create(), List::of), "t");
  }

  @Test
  void isAnotherWhenItsSourceIs() {
    CopyBasis begun = CopyBasis.parse(of("commerce", "-80").json());
    begun.demandStill("t", of("commerce", "-80"));
    for (CopyBasis other : List.of(of("commerce", "80-"), of("shop", "-80"))) {
      assertThatThrownBy(() -> begun.demandStill("t", other))
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("the source was [//commerce/-80] when it began and is [//");
    }
  }
}
