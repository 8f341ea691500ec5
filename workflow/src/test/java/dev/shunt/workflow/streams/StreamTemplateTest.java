package dev.shunt.workflow.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.sql.SqlParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import vschema.Vschema;

/** Rules of a stream into shard -80 of keyspace customer, worded for shard 40-80. */
class StreamTemplateTest {
  private static final StreamTemplate TEMPLATE =
      new StreamTemplate(SqlParser.create(), "customer", vschema());

  private static Vschema.Keyspace vschema() {
    return Vschema.Keyspace.newBuilder()
        .setSharded(true)
        .putVindexes("hash", Vschema.Vindex.newBuilder().setType("hash").build())
        .putTables("t", placedBy("id"))
        .putTables("country", Vschema.Table.newBuilder().setType("reference").build())
        .build();
  }

  private static Vschema.Table placedBy(String column) {
    return Vschema.Table.newBuilder()
        .addColumnVindexes(Vschema.ColumnVindex.newBuilder().setName("hash").addColumns(column))
        .build();
  }

  private static String forShard(String match, String filter) {
    BinlogSource source =
        BinlogSource.newBuilder()
            .setKeyspace("commerce")
            .setShard("0")
            .setFilter(
                Filter.newBuilder().addRules(Rule.newBuilder().setMatch(match).setFilter(filter)))
            .build();
    BinlogSource worded = TEMPLATE.forShard(source, "-80", "40-80");
    assertThat(worded.toBuilder().setFilter(source.getFilter()).build()).isEqualTo(source);
    assertThat(worded.getFilter().getRules(0).getMatch()).isEqualTo(match);
    return worded.getFilter().getRules(0).getFilter();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "-80 | select * from `t` where in_keyrange(id, 'customer.hash', '40-80')",
        "select * from t where in_keyrange('-80')"
            + " | select * from t where in_keyrange(id, 'customer.hash', '40-80')",
        "select * from t where in_keyrange(id, 'customer.hash', '-80')"
            + " | select * from t where in_keyrange(id, 'customer.hash', '40-80')",
        "select id, n from t where n = '-80' and in_keyrange(id, 'hash', '-80') and n > 3"
            + " | select id, n from t where n = '-80' and"
            + " in_keyrange(id, 'customer.hash', '40-80') and n > 3",
        "select id, count(*) as c from t where in_keyrange(id, 'hash', '-80') group by id"
            + " | select id, count(*) as c from t where"
            + " in_keyrange(id, 'customer.hash', '40-80') group by id",
        "select * from t | select * from t where in_keyrange(id, 'customer.hash', '40-80')",
        "select * from t; | select * from t where in_keyrange(id, 'customer.hash', '40-80');",
        "select * from t -- all"
            + " | select * from t where in_keyrange(id, 'customer.hash', '40-80') -- all",
        "select * from t /* all */"
            + " | select * from t where in_keyrange(id, 'customer.hash', '40-80') /* all */",
        "select * from t where n > 3"
            + " | select * from t where n > 3 and in_keyrange(id, 'customer.hash', '40-80')",
        "select `key` as id, sum(n) as n from other group by id"
            + " | select `key` as id, sum(n) as n from other"
            + " where in_keyrange(`key`, 'customer.hash', '40-80') group by id",
      })
  void namesTheRangeOfTheOtherShard(String filter, String worded) {
    assertThat(forShard("t", filter).replaceAll("\\s+", " ")).isEqualTo(worded);
  }

  @Test
  void readsATableWithoutAFilterByItsVindex() {
    assertThat(forShard("t", ""))
        .isEqualTo("select * from `t` where in_keyrange(id, 'customer.hash', '40-80')");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "t | exclude | excludes tables",
        "/.* | -80 | is a pattern",
        "t | -40 | names key range -40, and not that of its shard",
        "t | select * from t where in_keyrange(id, 'hash', '-') | names key range -, and not",
        "country | select * from country | reference table country",
        "elsewhere | select * from elsewhere | table elsewhere not found",
        "t | select id + 1 as id from t | does not take id",
        "t | select n from t | does not take id",
        "t | update t set n = 1 | can't be worded",
      })
  void refusesWhatCannotBeWorded(String match, String filter, String why) {
    assertThatThrownBy(() -> forShard(match, filter))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(why);
  }

  @Test
  void refusesSeveralRanges() {
    assertThatThrownBy(() ->
            forShard(
                "t",
                "select * from t where in_keyrange(id, 'hash', '-80')"
                    + " and in_keyrange(n, 'hash', '-80')"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("several key ranges");
  }
}
