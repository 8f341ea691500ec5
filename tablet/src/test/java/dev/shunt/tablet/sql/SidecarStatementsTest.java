package dev.shunt.tablet.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SidecarStatementsTest {
  private static SidecarStatement one(String sql) {
    List<SidecarStatement> all = SidecarStatements.parse(sql, "_vt");
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  @Test
  void cutsAnUpdateAtItsCondition() {
    String sql =
        "update _vt.vreplication set state='Stopped', message='where x; y' where id in (1, 2)"
            + " and db_name='a'";
    var update = (SidecarStatement.Update) one(sql);
    assertThat(update.table()).isEqualTo("vreplication");
    assertThat(update.assigned()).containsExactly("state", "message");
    assertThat(update.head())
        .isEqualTo("update _vt.vreplication set state='Stopped', message='where x; y' ");
    assertThat(update.where()).isEqualTo("id in (1, 2) and db_name='a'");
    assertThat(update.whereNames()).contains("id", "db_name");
    assertThat(update.unsafe()).isFalse();
  }

  @Test
  void seesFunctionsOrderAndDirectives() {
    var update =
        (SidecarStatement.Update)
            one(
                "update /*vt+ ALLOW_UNSAFE_VREPLICATION_WRITE */ vreplication set"
                    + " message=concat('a', if(id = 1, 'b', 'c')), state='x' limit 3");
    assertThat(update.assigned()).containsExactly("message", "state");
    assertThat(update.ordered()).isTrue();
    assertThat(update.unsafe()).isTrue();
    assertThat(update.where()).isNull();
  }

  @Test
  void readsInsertsAndDeletes() {
    var insert =
        (SidecarStatement.Insert)
            one("insert into _vt.vreplication (`workflow`, source) values ('a', 'b'), ('c', 'd')");
    assertThat(insert.columns()).containsExactly("workflow", "source");
    assertThat(insert.plainRows()).isTrue();
    assertThat(
            ((SidecarStatement.Insert)
                    one("insert into _vt.vreplication (a) values (1) on duplicate key update a=2"))
                .plainRows())
        .isFalse();
    var delete = (SidecarStatement.Delete) one("delete from _vt.vreplication where workflow='w'");
    assertThat(delete.where()).isEqualTo("workflow='w'");
  }

  @Test
  void splitsAtSemicolonsOutsideOfStrings() {
    assertThat(SidecarStatements.split("a ';' ; b;; -- ;\n c"))
        .containsExactly("a ';'", "b", "-- ;\n c");
  }

  @Test
  void replacesTheQualifierOnly() {
    assertThat(SidecarStatements.qualify("select _vt.a, '_vt.b' from `_vt`.c, x._vt.d", "side"))
        .isEqualTo("select `side`.a, '_vt.b' from `side`.c, x._vt.d");
  }

  @Test
  void refusesOtherStatements() {
    for (String sql :
        List.of(
            "drop table _vt.vreplication",
            "update _vt.a, _vt.b set a = 1",
            "delete a from _vt.a join b",
            "",
            "insert _vt.vreplication values (1)")) {
      assertThatExceptionOfType(SqlSyntaxException.class)
          .as(sql)
          .isThrownBy(() -> SidecarStatements.parse(sql, "_vt"));
    }
  }
}
