package dev.shunt.workflow.streams;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.sharding.KeyspaceIds;
import dev.shunt.workflow.sharding.ShardingKey;
import dev.shunt.workflow.sql.RangedRule;
import dev.shunt.workflow.sql.RuleSelect;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlNames;
import dev.shunt.workflow.sql.SqlParser;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import vschema.Vschema;

/**
 * What a stream reads that fills one shard of a sharded keyspace, worded for other shards of it: a
 * stream is brought along so when its shard is replaced.
 */
public final class StreamTemplate {
  private final SqlParser parser;
  private final String keyspace;
  private final Vschema.Keyspace vschema;

  /**
   * For streams into a keyspace.
   *
   * @param vschema of the keyspace: says by which vindex rows are placed where a rule does not
   */
  public StreamTemplate(SqlParser parser, String keyspace, Vschema.Keyspace vschema) {
    this.parser = parser;
    this.keyspace = keyspace;
    this.vschema = vschema;
  }

  /**
   * The same for another shard. A key range that a rule names is given the keyspace's own vindex
   * with it: another one, or that of the table which is read, would place rows elsewhere.
   *
   * @param from shard that the stream fills
   * @param to shard that it is to fill
   * @throws dev.shunt.workflow.RefusedException FAILED_PRECONDITION when a rule can't be worded so:
   *     it excludes tables, has a pattern, names the key range of another shard, or its table is a
   *     reference table or is not placed by the VSchema
   */
  public BinlogSource forShard(BinlogSource source, String from, String to) {
    KeyRange present = KeyRange.ofShard(from);
    KeyRange wanted = KeyRange.ofShard(to);
    Filter.Builder filter = source.getFilter().toBuilder().clearRules();
    source.getFilter().getRulesList().forEach(rule -> filter.addRules(rule(rule, present, wanted)));
    return source.toBuilder().setFilter(filter).build();
  }

  private Rule rule(Rule rule, KeyRange present, KeyRange wanted) {
    String table = rule.getMatch();
    if (Rules.excludes(rule)) {
      throw Refusal.failedPrecondition("its rule for %s excludes tables", table).exception();
    }
    if (Rules.expression(table).isPresent()) {
      throw Refusal.failedPrecondition("its rule for %s is a pattern", table).exception();
    }
    if (KeyspaceIds.isReference(vschema, table)) {
      throw Refusal.failedPrecondition("it fills the reference table %s", table).exception();
    }
    try {
      return rule.toBuilder()
          .setFilter(
              RangedRule.of(
                  parser,
                  Rules.query(rule.getFilter(), table),
                  present,
                  wanted,
                  select -> key(table, select)))
          .build();
    } catch (SqlException e) {
      throw Refusal.failedPrecondition(
              "its rule for %s can't be worded for another key range: %s",
              table, String.valueOf(e.getMessage()))
          .exception();
    }
  }

  /** Columns of the source that place a row, and the vindex that takes them. */
  private String key(String table, RuleSelect select) {
    ShardingKey key =
        KeyspaceIds.primary(keyspace, vschema, table)
            .orElseThrow(() ->
                Refusal.failedPrecondition("keyspace %s is not sharded", keyspace).exception());
    String vindex = SqlNames.literal(keyspace + "." + key.vindexName());
    return Stream.concat(
            key.columns().stream().map(column -> source(table, select, column)), Stream.of(vindex))
        .collect(Collectors.joining(", "));
  }

  private static String source(String table, RuleSelect select, String column) {
    if (select.allColumns()) {
      return SqlNames.canonical(column);
    }
    List<String> found =
        select.outputs().stream()
            .filter(output -> output.alias().equalsIgnoreCase(column))
            .map(output -> output instanceof RuleSelect.Column named ? named.column() : null)
            .filter(Objects::nonNull)
            .toList();
    if (found.size() != 1) {
      throw Refusal.failedPrecondition(
              "its rule for %s does not take %s, which places a row, from a column as it is",
              table, column.toLowerCase(Locale.ROOT))
          .exception();
    }
    return SqlNames.canonical(found.getFirst());
  }
}
