package dev.shunt.tablet.vreplication.applying;

import binlogdata.Binlogdata;
import dev.shunt.tablet.vreplication.stream.StreamFilter;
import dev.shunt.tablet.vreplication.stream.TableProgress;
import dev.shunt.tablet.vreplication.writing.TargetChangedException;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import dev.shunt.tablet.vreplication.writing.TargetTables;
import dev.shunt.tabletclient.EventCursor;
import dev.shunt.workflow.streams.Rules;
import io.vitess.proto.Query;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the rows that the source announces and sends into changes of the target's tables: which of
 * them are wanted, what each one is a change of, and which belong to a part of a table that is not
 * copied yet.
 */
final class RowEvents {
  private final StreamFilter filter;
  private final TargetTables tables;
  private final ApplyRequest request;
  private final ChangeBatch batch;
  private final Applier applier;
  private final Map<String, TargetTable> plans = new HashMap<>();
  private final Map<String, List<Query.Field>> fields = new HashMap<>();
  private final Map<String, CopiedRows> copied = new HashMap<>();

  /**
   * @param batch takes the changes
   * @param applier sends it when it is too large
   */
  RowEvents(
      StreamFilter filter,
      TargetTables tables,
      ApplyRequest request,
      ChangeBatch batch,
      Applier applier) {
    this.filter = filter;
    this.tables = tables;
    this.request = request;
    this.batch = batch;
    this.applier = applier;
  }

  /** Says whether a row that is changed has to be there. */
  void demandPresent(boolean demanded) {
    batch.demandRows(demanded);
  }

  /** Says whether the changes that follow are made without checking foreign keys. */
  void foreignKeysOff(boolean off) {
    batch.foreignKeysOff(off);
  }

  /** Takes the fields of the rows to come. */
  void announced(Binlogdata.FieldEvent event) {
    String name = event.getTableName();
    boolean unknown = filter.hasPatterns() && filter.targetOf(name) == null;
    if (unknown && filter.wouldTakeMore(List.of(name)) && tables.names().contains(name)) {
      throw TargetChangedException.made(name); // what the source had of it before is copied first
    }
    filter.demandKnown(name);
    List<Query.Field> before = fields.put(name, event.getFieldsList());
    if (!event.getFieldsList().equals(before)) {
      if (before != null) {
        batch.inSequence(); // keys may be written in another way
      }
      plans.remove(name);
    }
  }

  /** Looks at tables anew before the next rows. */
  void forgetPlans() {
    plans.clear();
  }

  /** The table that rows of a source table go to; null when they are not wanted. */
  @Nullable TargetTable tableOf(String name) {
    String target = filter.targetOf(name);
    boolean passedOver =
        target == null ? Rules.isInternal(name) : request.leftOut().contains(target);
    return passedOver ? null : plan(name);
  }

  /** How rows of a source table are written; worked out when the first one comes. */
  private TargetTable plan(String name) {
    TargetTable planned = plans.get(name);
    if (planned != null) {
      return planned;
    }
    String target = filter.targetOf(name);
    List<Query.Field> announced = fields.get(name);
    if (target == null || announced == null) {
      throw new IllegalStateException("rows before fields of table " + name);
    }
    TargetTable table = tables.plan(target, announced);
    plans.put(name, table);
    TableProgress progress = request.partlyCopied().get(target);
    if (progress != null) {
      progress.demandStill(announced);
      boolean exactly =
          table.merges()
              || tables.isShared(target)
              || !table.distinguishes(announced, progress.keyFields());
      copied.put(name, new CopiedRows(progress, announced, exactly, tables.textOrder()));
    }
    return table;
  }

  /**
   * Gathers the changes of an event.
   *
   * @param name the source's table
   * @param table what {@link #tableOf} says of it
   */
  void apply(EventCursor event, String name, TargetTable table) throws InterruptedException {
    CopiedRows range = copied.get(name);
    boolean mayExist = range != null && !range.exact();
    while (event.nextChange()) {
      byte @Nullable [] @Nullable [] before = event.before();
      byte @Nullable [] @Nullable [] after = event.after();
      if (event.isPartial()) {
        PartialChange partial =
            new PartialChange(
                table, fields.getOrDefault(name, List.of()), event.change(), before, after);
        if (!partial.isComplete()) {
          table.demandPlainColumns();
          if (range != null) {
            partial.demandSameRow();
            if (!mayExist && !range.contain(partial.keyed())) {
              continue;
            }
          }
          partial.apply(batch, mayExist);
          applier.sendIfTooLarge();
          continue;
        }
      }
      if (range != null) {
        before = before != null && range.contain(before) ? before : null;
        after = after != null && range.contain(after) ? after : null;
      }
      row(table, before, after, mayExist);
      applier.sendIfTooLarge();
    }
  }

  private void row(
      TargetTable table,
      byte @Nullable [] @Nullable [] before,
      byte @Nullable [] @Nullable [] after,
      boolean mayExist) {
    if (before != null && after != null && staysOneRow(table, before, after)) {
      batch.update(table, before, after);
      return;
    }
    if (before != null) {
      batch.delete(table, before);
    }
    if (after != null) {
      batch.insert(table, after, mayExist);
    }
  }

  /**
   * Whether a change is made as one. A row whose key changes is otherwise taken away and put in
   * again, which is simpler to join with other changes; but what foreign keys do when a parent goes
   * must not happen, and what they do when its key changes must.
   */
  private boolean staysOneRow(
      TargetTable table, byte[] @Nullable [] before, byte[] @Nullable [] after) {
    return !table.unique()
        || (batch.rowByRow() && !table.merges())
        || table.columns().sameKey(before, after)
        || (request.foreignKeys() && !table.standsAlone() && !table.merges());
  }
}
