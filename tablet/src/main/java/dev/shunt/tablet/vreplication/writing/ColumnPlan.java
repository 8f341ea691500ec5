package dev.shunt.tablet.vreplication.writing;

import dev.shunt.mysql.Flavor;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.ValueKind;
import dev.shunt.workflow.sql.RuleSelect;
import dev.shunt.workflow.sql.RuleSelect.Grouping;
import dev.shunt.workflow.sql.RuleSelect.Output;
import dev.shunt.workflow.sql.RuleSelect.Template;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What fills the columns of a target table, given the fields that the source sends.
 *
 * @param filled the columns
 * @param grouping whether several rows of the source make one of the target
 * @param warned whether the server warns of rows though all is well
 * @param sure whether the columns take every value that the source's can have
 */
record ColumnPlan(List<Filled> filled, Grouping grouping, boolean warned, boolean sure) {
  ColumnPlan {
    filled = List.copyOf(filled);
  }

  /**
   * One column.
   *
   * @param column its name
   * @param field place of the field it takes as it is; negative for none
   * @param other what it takes when it takes no field as it is
   * @param zones what a DATETIME is converted between
   * @param grouped whether GROUP BY names it
   */
  record Filled(
      String column,
      int field,
      Optional<CellValue> other,
      Optional<TimeZones> zones,
      boolean grouped) {
    CellValue value(ColumnSchema schema, ValueKind kind) {
      if (other.isPresent()) {
        return other.get();
      }
      return zones.isPresent() && schema.dataType().equals("datetime")
          ? CellValue.Zoned.of(field, zones.get())
          : new CellValue.Direct(kind, field);
    }

    boolean aggregates() {
      return other.isPresent()
          && (other.get() instanceof CellValue.One || other.get() instanceof CellValue.Summand);
    }
  }

  /** Every field fills the column of its name. */
  static ColumnPlan all(List<Query.Field> fields, Optional<TimeZones> zones) {
    List<Filled> filled = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      filled.add(new Filled(fields.get(i).getName(), i, Optional.empty(), zones, false));
    }
    return new ColumnPlan(filled, Grouping.NONE, false, true);
  }

  /**
   * The outputs of a rule.
   *
   * @param collations of the target's server
   * @param target what that server is
   * @throws RpcException FAILED_PRECONDITION when a column is not among the fields
   */
  static ColumnPlan of(
      RuleSelect rule,
      List<Query.Field> fields,
      Optional<TimeZones> zones,
      Collations collations,
      Flavor target) {
    if (rule.allColumns()) {
      return all(fields, zones);
    }
    List<Filled> filled = new ArrayList<>();
    for (Output output : rule.outputs()) {
      int field = -1;
      Optional<CellValue> other = Optional.empty();
      switch (output) {
        case RuleSelect.Column column -> field = place(fields, column.column(), rule);
        case RuleSelect.Computed computed ->
            other = Optional.of(computed(computed.template(), fields, rule, collations, target));
        case RuleSelect.Count _ -> other = Optional.of(new CellValue.One());
        case RuleSelect.Sum sum -> {
          int place = place(fields, sum.column(), rule);
          other =
              Optional.of(
                  new CellValue.Summand(
                      FieldLiteral.of(place, fields.get(place), collations, target)));
        }
      }
      filled.add(new Filled(output.alias(), field, other, zones, output.grouped()));
    }
    return new ColumnPlan(filled, rule.grouping(), false, true);
  }

  private static CellValue computed(
      Template template,
      List<Query.Field> fields,
      RuleSelect rule,
      Collations collations,
      Flavor target) {
    List<FieldLiteral> literals = new ArrayList<>();
    for (String column : template.columns()) {
      int place = place(fields, column, rule);
      literals.add(FieldLiteral.of(place, fields.get(place), collations, target));
    }
    return new CellValue.Computed(template.texts(), literals);
  }

  private static int place(List<Query.Field> fields, String column, RuleSelect rule) {
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).getName().equalsIgnoreCase(column)) {
        return i;
      }
    }
    throw new RpcException(
        Status.Code.FAILED_PRECONDITION,
        "column " + column + " of table " + rule.table() + " is not streamed");
  }
}
