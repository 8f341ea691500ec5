package dev.shunt.tablet.vreplication;

import binlogdata.Binlogdata;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vreplication.stream.StreamFilter;
import dev.shunt.tablet.vreplication.writing.TargetTables;
import dev.shunt.tablet.vreplication.writing.TimeZones;
import dev.shunt.workflow.sql.RuleSelect;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.streams.Rules;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Checks before a stream is created whether its rules can be carried out, as far as the target
 * alone can tell: a table that is not there yet is not looked at.
 */
final class StreamCheck {
  private final TargetTables tables;
  private final SqlParser parser;

  StreamCheck(MysqlConnection connection, String database, SqlParser parser) {
    this.tables = new TargetTables(connection, database);
    tables.withoutTypes();
    this.parser = parser;
  }

  /**
   * Whether more is to be checked than the rules themselves, which this does: the tables, or the
   * server's time zones. Streams that take rows as they are, those of the way back of a switch
   * among them, need nothing of the database.
   *
   * @throws RpcException INVALID_ARGUMENT for rules that can't be carried out, whatever the tables
   */
  static boolean dependsOnTables(Binlogdata.BinlogSource source, SqlParser parser) {
    if (Rules.havePatterns(source.getFilter()) || TimeZones.of(source).isPresent()) {
      return true;
    }
    StreamFilter filter = refusing(() -> new StreamFilter(source.getFilter(), parser, List::of));
    return filter.targets().stream().anyMatch(target -> !filter.select(target).allColumns());
  }

  /**
   * Checks a stream's source.
   *
   * @throws RpcException INVALID_ARGUMENT with the reason why it can't be carried out
   */
  void check(Binlogdata.BinlogSource source) {
    var unused =
        refusing(() -> {
          StreamFilter filter = new StreamFilter(source.getFilter(), parser, tables::names);
          tables.fillBy(filter, TimeZones.of(source));
          List<String> existing = tables.names();
          for (String target : filter.targets()) {
            RuleSelect select = filter.select(target);
            if (existing.contains(target) && !select.allColumns()) {
              var _ = tables.plan(target, fields(select));
            }
          }
          return filter;
        });
  }

  private static <T> T refusing(Supplier<T> check) {
    try {
      return check.get();
    } catch (RpcException e) {
      throw new RpcException(Status.Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
  }

  /** The fields that the source would send; their types make no difference here. */
  private static List<Query.Field> fields(RuleSelect select) {
    List<String> names = new ArrayList<>();
    for (RuleSelect.Output output : select.outputs()) {
      switch (output) {
        case RuleSelect.Column column -> names.add(column.column());
        case RuleSelect.Computed computed -> names.addAll(computed.template().columns());
        case RuleSelect.Sum sum -> names.add(sum.column());
        case RuleSelect.Count _ -> {}
      }
    }
    return names.stream()
        .map(name -> Query.Field.newBuilder().setName(name).setType(Query.Type.VARBINARY).build())
        .toList();
  }
}
