package dev.shunt.tablet.vreplication.writing;

import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.tablet.vreplication.stream.Tuning;
import dev.shunt.tablet.vreplication.writing.FieldRule.Arrival;
import dev.shunt.tabletclient.FieldFlags;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Holds the fields that a source sends against the columns of a target's table, before a row of
 * them is written. What an expression of the rule makes is the rule's own affair.
 *
 * @param collations of the target's server
 * @param narrow whether values may lose digits and blanks
 */
record FieldCheck(Collations collations, boolean narrow) {
  /** Character sets that MySQL warns of. */
  private static final Set<String> DEPRECATED = Set.of("ucs2", "macroman", "macce", "dec8", "hp8");

  /**
   * A plan in which each field gets into its column exactly.
   *
   * @param plan with the fields that columns take as they are
   * @throws RpcException FAILED_PRECONDITION when one can't, with what to do
   */
  ColumnPlan check(TableSchema table, List<Query.Field> fields, ColumnPlan plan) {
    List<ColumnPlan.Filled> filled = new ArrayList<>();
    boolean warned = false;
    boolean sure = true;
    boolean ours = FieldFlags.areOurs(fields);
    for (ColumnPlan.Filled each : plan.filled()) {
      int at = table.column(each.column());
      if (each.field() < 0 || at < 0) {
        sure = false; // what is worked out may be anything
        filled.add(each);
        continue;
      }
      ColumnSchema column = table.columns().get(at);
      boolean inKey =
          table.uniqueKey() && table.key().stream().anyMatch(column.name()::equalsIgnoreCase);
      ColumnForm source = ColumnForm.of(fields.get(each.field()), collations, ours);
      sure &= column.generated() || FieldRule.takesAll(source, ColumnForm.of(column));
      switch (arrival(source, column, inKey)) {
        case Arrival.AsIs _ -> filled.add(each);
        case Arrival.Recoded(String charset) -> {
          warned |= DEPRECATED.contains(charset);
          filled.add(
              new ColumnPlan.Filled(
                  each.column(),
                  each.field(),
                  Optional.of(new CellValue.Recoded(each.field(), charset)),
                  each.zones(),
                  each.grouped()));
        }
        case Arrival.Refused refused -> {
          // Without a key all columns find a row, by what the source has in them.
          boolean finds = inKey || !table.uniqueKey();
          if (!refused.narrowed() || finds || !narrow) {
            throw refuse(table, source, column, refused, refused.narrowed() && !finds);
          }
          warned = true;
          filled.add(each);
        }
      }
    }
    return new ColumnPlan(filled, plan.grouping(), warned, sure);
  }

  private static Arrival arrival(ColumnForm source, ColumnSchema column, boolean inKey) {
    if (column.generated()) {
      return source.given() && !source.unknown()
          ? new Arrival.Refused("the target computes it from other columns", false)
          : new Arrival.AsIs();
    }
    if (column.autoIncrement() && source.nullable() && !source.unknown()) {
      return new Arrival.Refused("a NULL becomes the next number", false);
    }
    return FieldRule.of(source, ColumnForm.of(column), inKey);
  }

  private static RpcException refuse(
      TableSchema table,
      ColumnForm source,
      ColumnSchema column,
      Arrival.Refused refused,
      boolean allowable) {
    return new RpcException(
        Status.Code.FAILED_PRECONDITION,
        "column %s of table %s is %s on the source and %s on the target, so values would not arrive as they are: %s; change the target's column to %s, or convert it in the workflow's filter%s"
            .formatted(
                column.name(),
                table.name(),
                described(source),
                described(ColumnForm.of(column)),
                refused.what(),
                described(source),
                allowable ? ", or set " + Tuning.NARROW + "=true in its configuration" : ""));
  }

  private static String described(ColumnForm form) {
    String collation = form.collation().isEmpty() ? "" : " COLLATE " + form.collation();
    return form.fullType() + collation + (form.nullable() ? "" : " NOT NULL");
  }
}
