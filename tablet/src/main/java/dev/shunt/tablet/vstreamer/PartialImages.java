package dev.shunt.tablet.vstreamer;

import binlogdata.Binlogdata.RowChange;
import com.google.protobuf.ByteString;
import dev.shunt.mysql.LogFormat;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.tablet.vstreamer.TablePlans.TablePlan;
import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import dev.shunt.tablet.vstreamer.binlog.RowsDecoder;
import dev.shunt.tablet.vstreamer.binlog.TableDefinition;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which columns the row images of one event have, where the source runs with {@code
 * binlog_row_image} NOBLOB or MINIMAL, and which of them hold changes rather than values. A change
 * that is not given in full carries {@code data_columns}: those of the after image, or of the
 * before image where there is no other; bit i stands for field i of the stream.
 */
final class PartialImages {
  private final RowPlan plan;
  private final BinlogEvent.Kind kind;
  private final BitSet before;
  private final BitSet after;
  private final boolean partial;

  /**
   * @param format of the log that has them
   * @throws RpcException FAILED_PRECONDITION when the filter needs a column that is not there, or
   *     it is not known whether columns that are not there stayed as they were
   */
  PartialImages(TablePlan table, BinlogEvent.Rows rows, LogFormat format) {
    this.plan = table.rows();
    this.kind = rows.kind();
    this.before = sent(rows.beforePresent());
    this.after = sent(rows.afterPresent() == null ? null : RowsDecoder.afterPresent(rows));
    int all = plan.projection().size();
    boolean lacking = after.cardinality() < all;
    if (format.leftOutIsNull() && kind == BinlogEvent.Kind.INSERT && lacking) {
      addNulls(table.definition());
    }
    this.partial =
        (rows.beforePresent() != null && before.cardinality() < all)
            || (rows.afterPresent() != null && after.cardinality() < all);
    demandFiltered(rows.beforePresent());
    demandFiltered(rows.afterPresent() == null ? null : RowsDecoder.afterPresent(rows));
    BitSet logged = rows.afterPresent();
    if (format.replaceIsUpdate() && kind == BinlogEvent.Kind.UPDATE && logged != null) {
      demandNoReplace(rows.beforePresent(), logged);
    }
  }

  /**
   * MariaDB logs a REPLACE of a row that is there as an update, and leaves out the columns that the
   * statement did; but they went back to their defaults. What leaves out a column of the key that
   * has no default is none, for a REPLACE names that. Where the row before it is given in full
   * there is no key by which a row is replaced, or the mode is FULL_NODUP, in which a REPLACE has
   * all.
   *
   * @param identified columns by which the row is found: those of the key of then, at least
   */
  private void demandNoReplace(@Nullable BitSet identified, BitSet logged) {
    TableSchema table = plan.table();
    if (identified == null || identified.cardinality() >= table.columns().size()) {
      return;
    }
    boolean mayNameTheKey =
        identified.stream()
            .allMatch(key -> table.columns().get(key).defaulted() || logged.get(key));
    for (int i : plan.projection()) {
      ColumnSchema column = table.columns().get(i);
      if (mayNameTheKey && !logged.get(i) && !column.generated()) {
        throw refuse(
            "an update of table "
                + table.name()
                + " leaves out column "
                + column.name()
                + ", which may have gone back to its default, as MariaDB logs a REPLACE so");
      }
    }
  }

  /** What a new row leaves out and can only have become NULL is as good as given. */
  private void addNulls(TableDefinition logged) {
    for (int i = 0; i < plan.projection().size(); i++) {
      int column = plan.projection().get(i);
      if (logged.isNullWhenLeftOut(column) && !plan.table().columns().get(column).generated()) {
        after.set(i);
      }
    }
  }

  /** The present ones of the columns that are sent. */
  private BitSet sent(@Nullable BitSet present) {
    BitSet sent = new BitSet();
    for (int i = 0; present != null && i < plan.projection().size(); i++) {
      sent.set(i, present.get(plan.projection().get(i)));
    }
    return sent;
  }

  private void demandFiltered(@Nullable BitSet present) {
    for (int column : plan.filtered()) {
      if (present != null && !present.get(column)) {
        throw refuse(
            "the filter of table "
                + plan.table().name()
                + " needs column "
                + plan.table().columns().get(column).name()
                + ", which the source's partial row images leave out");
      }
    }
  }

  /**
   * Says what a change leaves out: null when it leaves out nothing.
   *
   * @param was whether the row before it is sent
   * @param is whether the row after it is sent
   * @param changes columns of the table of which there is an expression only
   * @throws RpcException FAILED_PRECONDITION when the stream can't do without what is left out
   */
  @Nullable RowChange marks(boolean was, boolean is, BitSet changes) {
    if (!partial && changes.isEmpty()) {
      return null;
    }
    for (int column : plan.filtered()) {
      if (changes.get(column)) {
        throw refuse(
            "the filter of table "
                + plan.table().name()
                + " needs column "
                + plan.table().columns().get(column).name()
                + ", of which the source logs changes only");
      }
    }
    boolean enters = kind == BinlogEvent.Kind.UPDATE && !was;
    if (enters && (after.cardinality() < plan.projection().size() || !changes.isEmpty())) {
      throw refuse(
          "a row of table "
              + plan.table().name()
              + " comes into the filter by an update whose row image leaves out columns");
    }
    RowChange.Builder marks =
        RowChange.newBuilder()
            .setDataColumns(bitmap(plan.projection().size(), is ? after : before));
    if (is && !changes.isEmpty()) {
      marks.setJsonPartialValues(ofJson(changes));
    }
    return marks.build();
  }

  /** Bits of the JSON columns alone, as Vitess counts them. */
  private RowChange.Bitmap ofJson(BitSet changes) {
    BitSet bits = new BitSet();
    int count = 0;
    List<Query.Field> fields = plan.fields();
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).getType() == Query.Type.JSON) {
        bits.set(count++, changes.get(plan.projection().get(i)));
      }
    }
    return bitmap(count, bits);
  }

  private static RowChange.Bitmap bitmap(int count, BitSet bits) {
    byte[] bytes = Arrays.copyOf(bits.toByteArray(), (count + 7) / 8);
    return RowChange.Bitmap.newBuilder()
        .setCount(count)
        .setCols(ByteString.copyFrom(bytes))
        .build();
  }

  private static RpcException refuse(String message) {
    return new RpcException(
        Status.Code.FAILED_PRECONDITION, message + ": set binlog_row_image=FULL on the source");
  }
}
