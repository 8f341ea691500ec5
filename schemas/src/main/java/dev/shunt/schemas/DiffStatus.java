package dev.shunt.schemas;

import java.util.List;
import java.util.function.Consumer;

/**
 * A diff of the workflow.
 *
 * @param uuid Id.
 * @param state started, completed, stopped or error.
 * @param startedAt Milliseconds since the epoch.
 * @param completedAt Milliseconds since the epoch; 0 while it runs.
 * @param rowsCompared Rows compared.
 * @param hasMismatch Whether anything differs.
 * @param error Why it ended, when it did not complete.
 * @param tables Per table and target shard.
 * @param limit A table was compared no further than this many rows on a shard; 0 when it was
 *     compared whole, -1 when that is not known.
 * @param allTables Whether it compares all tables of the workflow.
 * @param parts How many entries tables would have, one a table and shard, if the status had room
 *     for all; -1 when that is not known.
 * @param commandId Command that it belongs to; empty when a version before told of it that did not
 *     say.
 * @param beside Ids of the diffs that ran when it began: which of them saw a table later is not
 *     known, so it says nothing against what these find.
 */
public record DiffStatus(
    String uuid,
    String state,
    long startedAt,
    long completedAt,
    long rowsCompared,
    boolean hasMismatch,
    String error,
    List<TableDiff> tables,
    long limit,
    boolean allTables,
    int parts,
    String commandId,
    List<String> beside) {
  public DiffStatus {
    tables = List.copyOf(tables);
    beside = List.copyOf(beside);
  }

  /** A diff of which no more is known than its id and state. */
  public static DiffStatus of(String uuid, String state) {
    return new DiffStatus(uuid, state, 0, 0, 0, false, "", List.of(), -1, false, -1, "", List.of());
  }

  /** The same but for what is changed. */
  public DiffStatus with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** A diff in the making, component by component. */
  public static final class Draft {
    public String uuid;
    public String state;
    public long startedAt;
    public long completedAt;
    public long rowsCompared;
    public boolean hasMismatch;
    public String error;
    public List<TableDiff> tables;
    public long limit;
    public boolean allTables;
    public int parts;
    public String commandId;
    public List<String> beside;

    private Draft(DiffStatus diff) {
      uuid = diff.uuid;
      state = diff.state;
      startedAt = diff.startedAt;
      completedAt = diff.completedAt;
      rowsCompared = diff.rowsCompared;
      hasMismatch = diff.hasMismatch;
      error = diff.error;
      tables = diff.tables;
      limit = diff.limit;
      allTables = diff.allTables;
      parts = diff.parts;
      commandId = diff.commandId;
      beside = diff.beside;
    }

    private DiffStatus build() {
      return new DiffStatus(
          uuid,
          state,
          startedAt,
          completedAt,
          rowsCompared,
          hasMismatch,
          error,
          tables,
          limit,
          allTables,
          parts,
          commandId,
          beside);
    }
  }
}
