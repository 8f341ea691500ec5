package dev.shunt.tablet.vreplication.applying;

import binlogdata.Binlogdata.RowChange;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.vreplication.writing.CellValue;
import dev.shunt.tablet.vreplication.writing.TargetColumn;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change of a row of which the source logged some columns only, or changes of JSON columns rather
 * than their values. What is not there stays as it is. In a new row it took the default that the
 * source's column had then, which may be another than the target's.
 */
final class PartialChange {
  private final TargetTable table;
  private final int fields;
  private final byte @Nullable [] @Nullable [] before;
  private final byte @Nullable [] @Nullable [] after;
  private final BitSet present;
  private final BitSet expressions;

  /**
   * @param fields the fields of a row
   * @param change carries {@code data_columns}
   * @throws RpcException FAILED_PRECONDITION when it does not say which row it is about
   */
  PartialChange(
      TargetTable table,
      List<Query.Field> fields,
      RowChange change,
      byte @Nullable [] @Nullable [] before,
      byte @Nullable [] @Nullable [] after) {
    this.table = table;
    this.fields = fields.size();
    this.before = before;
    this.after = after;
    this.present = BitSet.valueOf(change.getDataColumns().getCols().toByteArray());
    this.expressions = expressions(fields, change.getJsonPartialValues());
    if (change.getDataColumns().getCount() != fields.size()) {
      throw refuse(
          "row images of table " + table.name() + " tell of other columns than its fields");
    }
    if (table.merges()) {
      throw refuse("partial row images of table " + table.name() + ", whose rows are merged");
    }
    if (before != null) {
      demandRow(before);
    }
  }

  /** Bits of the JSON fields, which are counted among themselves. */
  private static BitSet expressions(List<Query.Field> fields, RowChange.Bitmap ofJson) {
    BitSet bits = BitSet.valueOf(ofJson.getCols().toByteArray());
    BitSet expressions = new BitSet();
    int json = 0;
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).getType() == Query.Type.JSON) {
        expressions.set(i, bits.get(json++));
      }
    }
    return expressions;
  }

  private void demandRow(byte[] @Nullable [] row) {
    if (table.unique()) {
      for (TargetColumn target : table.columns().key()) {
        if (Arrays.stream(target.value().fields()).anyMatch(field -> row[field] == null)) {
          throw refuse(
              "partial row images of table "
                  + table.name()
                  + " lack column "
                  + target.column().name()
                  + " of the target's key");
        }
      }
      return;
    }
    // A JSON value before its change is in full images alone.
    boolean full = !expressions.isEmpty() && expressions.stream().allMatch(i -> row[i] != null);
    if (!full) {
      throw refuse("partial row images of table " + table.name() + ", which has no unique key");
    }
  }

  /** Whether it can be applied as a change with full images. */
  boolean isComplete() {
    return after == null || (present.cardinality() == fields && expressions.isEmpty());
  }

  /**
   * Makes sure that it is about one row only, of a table whose copy has begun and not ended.
   *
   * @throws RpcException FAILED_PRECONDITION when it may change which row it is
   */
  void demandSameRow() {
    if (!table.unique()
        || (before != null && after != null && !table.columns().sameKey(before, after))) {
      throw refuse(
          "a partial row image of table "
              + table.name()
              + " changes which row it is while the table is copied");
    }
  }

  /** The image that says which row it is about. */
  byte[] @Nullable [] keyed() {
    if (before != null) {
      return before;
    }
    if (after == null) {
      throw new IllegalStateException("a change without images");
    }
    demandRow(after);
    return after;
  }

  /**
   * Applies one that is not complete.
   *
   * @param mayExist whether a new row may be there already and is then replaced
   */
  void apply(ChangeBatch batch, boolean mayExist) {
    byte @Nullable [] @Nullable [] row = after;
    byte @Nullable [] @Nullable [] old = before;
    if (row == null) {
      throw new IllegalStateException("a deletion is complete");
    }
    batch.single(
        table,
        sql -> {
          if (old == null) {
            appendInsert(sql, mayExist, row);
          } else {
            appendUpdate(sql, old, row);
          }
        });
  }

  private void appendInsert(SqlBuffer sql, boolean replace, byte[] @Nullable [] row) {
    for (TargetColumn target : table.columns().written()) {
      if (!isPresent(target)) {
        throw refuse(
            "a row image of table "
                + table.name()
                + " leaves out column "
                + target.column().name()
                + " of a new row, and which default it took the log does not tell");
      }
    }
    table.statements().appendInsertHead(sql, replace, table.statements().lenient(row));
    table.statements().appendRow(sql, row);
  }

  private void appendUpdate(SqlBuffer sql, byte[] @Nullable [] old, byte[] @Nullable [] row) {
    table.statements().appendVerb(sql, "UPDATE ", table.statements().lenient(row));
    sql.name(table.name()).append(" SET ");
    String glue = "";
    for (TargetColumn target : table.columns().written()) {
      String column = SqlText.identifier(target.column().name());
      if (isPresent(target)) {
        sql.append(glue).append(column).append('=');
        appendValue(sql, target, row);
        glue = ",";
      } else if (target.column().updatesItself()) {
        sql.append(glue).append(column).append('=').append(column);
        glue = ",";
      }
    }
    if (glue.isEmpty()) {
      String column = SqlText.identifier(table.columns().key().getFirst().column().name());
      sql.append(column).append('=').append(column);
    }
    table.statements().appendWhere(sql, old);
  }

  private void appendValue(SqlBuffer sql, TargetColumn target, byte[] @Nullable [] row) {
    boolean changed = Arrays.stream(target.value().fields()).anyMatch(expressions::get);
    if (!changed) {
      target.value().append(sql, row);
      return;
    }
    if (!(target.value() instanceof CellValue.Direct(_, int field))) {
      throw refuse("of what column " + target.column().name() + " is made changes are logged only");
    }
    byte @Nullable [] expression = row[field];
    if (expression == null) {
      target.value().append(sql, row);
    } else {
      sql.formatted(expression, SqlText.identifier(target.column().name()));
    }
  }

  /** Whether a column's value is given. */
  private boolean isPresent(TargetColumn target) {
    int[] needed = target.value().fields();
    long given = Arrays.stream(needed).filter(present::get).count();
    if (given > 0 && given < needed.length) {
      throw refuse(
          "partial row images of table "
              + table.name()
              + " have a part of what column "
              + target.column().name()
              + " is made of");
    }
    return given == needed.length;
  }

  private static RpcException refuse(String message) {
    return new RpcException(
        Status.Code.FAILED_PRECONDITION, message + ": set binlog_row_image=FULL on the source");
  }
}
