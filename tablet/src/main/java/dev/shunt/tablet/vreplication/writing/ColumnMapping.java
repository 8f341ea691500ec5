package dev.shunt.tablet.vreplication.writing;

import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.tablet.schema.ValueKind;
import dev.shunt.workflow.sql.RuleSelect.Grouping;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which field of a stream's rows goes to which column of a table, and by which of them the table
 * distinguishes its rows.
 */
public final class ColumnMapping {
  private final boolean unique;
  private final Grouping grouping;
  private final List<TargetColumn> written = new ArrayList<>();
  private final List<TargetColumn> key = new ArrayList<>();

  /**
   * @throws RpcException NOT_FOUND when the target lacks a column, FAILED_PRECONDITION when nothing
   *     fills one of the key's
   */
  ColumnMapping(TableSchema schema, ColumnPlan plan) {
    this.unique = schema.uniqueKey();
    this.grouping = plan.grouping();
    for (ColumnPlan.Filled filled : plan.filled()) {
      add(schema, filled);
    }
    for (ColumnSchema column : schema.keyColumns()) {
      key.add(keyColumn(schema, plan, column));
    }
    if (grouping != Grouping.NONE && !unique) {
      throw refuse("table " + schema.name() + " has no primary key to group by");
    }
  }

  private void add(TableSchema schema, ColumnPlan.Filled filled) {
    int at = schema.column(filled.column());
    if (at < 0) {
      throw new RpcException(
          Status.Code.NOT_FOUND,
          "unknown column " + filled.column() + " in table " + schema.name());
    }
    ColumnSchema column = schema.columns().get(at);
    boolean inKey = schema.key().stream().anyMatch(column.name()::equalsIgnoreCase);
    ValueKind kind = ValueKind.of(column);
    TargetColumn target =
        new TargetColumn(column, kind, filled.value(column, kind), inKey, filled.grouped());
    if (!column.generated()) {
      written.add(target);
    }
    if (inKey && filled.aggregates()) {
      throw refuse(
          "primary key column "
              + column.name()
              + " is not allowed to reference an aggregate"
              + " expression");
    }
  }

  private static TargetColumn keyColumn(TableSchema schema, ColumnPlan plan, ColumnSchema column) {
    Optional<TargetColumn> target =
        plan.filled().stream()
            .filter(filled -> filled.column().equalsIgnoreCase(column.name()))
            .map(filled ->
                new TargetColumn(
                    column,
                    ValueKind.of(column),
                    filled.value(column, ValueKind.of(column)),
                    true,
                    filled.grouped()))
            .findFirst();
    return target.orElseThrow(() ->
        refuse(
            "primary key column "
                + column.name()
                + " not found in select list: what is streamed into table "
                + schema.name()
                + " lacks it"));
  }

  /** Whether its key distinguishes rows. */
  boolean unique() {
    return unique;
  }

  /** Whether several rows of the source make one of the table, and how. */
  Grouping grouping() {
    return grouping;
  }

  /** The columns that are written. */
  public List<TargetColumn> written() {
    return written;
  }

  /** The columns of the key, in its order. */
  public List<TargetColumn> key() {
    return key;
  }

  /** Whether rows can be loaded as they are, without statements that work out their columns. */
  public boolean loadable() {
    return grouping == Grouping.NONE
        && written.stream()
            .allMatch(target ->
                target.direct()
                    || target.value() instanceof CellValue.Zoned
                    || target.value() instanceof CellValue.Recoded);
  }

  /** Whether keys that are equal are so to the byte, and each is a field as it is. */
  boolean keyIsEqualByBytes() {
    return key.stream().allMatch(target -> target.direct() && equalByBytes(target));
  }

  private static boolean equalByBytes(TargetColumn target) {
    return switch (target.kind()) {
      case NUMBER, BIT, FIXED_TEXT -> true;
      case BYTES -> !target.column().enumerated();
      case FLOATING, JSON, TEXT -> false;
    };
  }

  /**
   * Whether a field of the source is in the key as it is, and there equal to the same.
   *
   * @param fields of the source's rows
   * @param name the field's
   */
  boolean hasInKey(List<Query.Field> fields, String name) {
    for (TargetColumn target : key) {
      if (target.value() instanceof CellValue.Direct(ValueKind kind, int at)
          && (fields.get(at).getName().equalsIgnoreCase(name)
              || fields.get(at).getOrgName().equalsIgnoreCase(name))) {
        int collation = fields.get(at).getCharset();
        return kind != ValueKind.TEXT || target.column().collationId() == collation;
      }
    }
    return false;
  }

  /** The cells of a row's key; only for {@link TargetTable#independentRows}. */
  public byte[] @Nullable [] keyOf(byte[] @Nullable [] row) {
    byte[] @Nullable [] cells = new byte[key.size()] @Nullable [];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = row[key.get(i).value().fields()[0]];
    }
    return cells;
  }

  /** Whether two images have the same key, to the byte. */
  public boolean sameKey(byte[] @Nullable [] before, byte[] @Nullable [] after) {
    return key.stream()
        .flatMapToInt(target -> Arrays.stream(target.value().fields()))
        .allMatch(field -> Arrays.equals(before[field], after[field]));
  }

  private static RpcException refuse(String message) {
    return new RpcException(Status.Code.FAILED_PRECONDITION, message);
  }
}
