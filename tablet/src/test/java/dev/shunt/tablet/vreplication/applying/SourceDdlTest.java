package dev.shunt.tablet.vreplication.applying;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vreplication.stream.StreamFilter;
import dev.shunt.workflow.sql.SqlParser;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SourceDdlTest {
  private static SourceDdl ddl(String sql) {
    Binlogdata.Filter.Builder filter = Binlogdata.Filter.newBuilder();
    for (String table : List.of("t1", "t2")) {
      filter.addRules(
          Binlogdata.Rule.newBuilder().setMatch(table).setFilter("select * from " + table));
    }
    return new SourceDdl(sql, new StreamFilter(filter.build(), SqlParser.create(), List::of));
  }

  @Test
  void concernsTheStreamInWhateverCaseItNamesATable() {
    SourceDdl truncate = ddl("TRUNCATE TABLE T1");
    assertThat(truncate.concernsStream()).isTrue();
    assertThatThrownBy(() -> truncate.demandRowsStay("p"))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("TRUNCATE TABLE T1");
    assertThatThrownBy(truncate::forTarget)
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("T1 but t1, whose source is named in another case");
    assertThat(ddl("TRUNCATE TABLE t3").concernsStream()).isFalse();
  }

  @Test
  void mayChangeRowsWhenItCanNotBeRead() {
    SourceDdl unread = ddl("ALTER TABLE 't1");
    assertThat(unread.concernsStream()).isTrue();
    assertThatThrownBy(() -> unread.demandRowsStay("p"))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("ALTER TABLE 't1");
  }

  @Test
  void isNotCarriedOutWhenItNamesTablesOfMoreThanOneDatabase() {
    assertThatThrownBy(() -> ddl("DROP TABLE cust_b.t1, cust_a.t2").forTarget())
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("more than one database");
    assertThatThrownBy(() -> ddl("DROP TABLE t1, cust_a.t2").forTarget())
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("more than one database");
    assertThat(ddl("DROP TABLE cust_a.t1, cust_a.t2").forTarget()).isEqualTo("DROP TABLE t1, t2");
  }

  @Test
  void takesNoRowsThatOtherStreamsBring() {
    assertThatThrownBy(() -> ddl("TRUNCATE t1").demandOwnRows(named -> Set.copyOf(named)))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("other streams fill table t1, too");
    ddl("TRUNCATE t1").demandOwnRows(_ -> Set.of());
    ddl("ALTER TABLE t1 ADD c INT").demandOwnRows(named -> Set.copyOf(named));
  }
}
