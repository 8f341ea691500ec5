package dev.shunt.schemas;

import java.util.List;
import java.util.function.Consumer;

/**
 * Compares source and target row by row.
 *
 * @param header Id, workflow, issuer and guards.
 * @param uuid Id of the diff; empty means the id of the command.
 * @param tables Only these tables; empty means all of the workflow.
 * @param sourceCells Cells to read the source from; empty means all.
 * @param targetCells Cells to read the target from; empty means all.
 * @param tabletTypes Types of tablets to read from.
 * @param tabletTypesInOrder Prefer the tablet types in the order given.
 * @param limit Stop a table after this many rows.
 * @param waitTimeoutMillis Limit of each wait for a position, milliseconds.
 * @param maxExtraRowsToCompare Extra rows kept on each side for a second look.
 * @param maxReportSampleRows Differing rows kept in the report.
 * @param onlyPks Report only primary keys of differing rows.
 * @param debugQuery Add a query that fetches the row to each sample.
 * @param columnTruncateAt Cut values in samples at this many characters; below 1 means never.
 * @param autoRetry Try again after a passing error.
 * @param updateTableStats ANALYZE the target tables first.
 */
public record VDiffCreate(
    CommandHeader header,
    String uuid,
    List<String> tables,
    List<String> sourceCells,
    List<String> targetCells,
    List<String> tabletTypes,
    boolean tabletTypesInOrder,
    long limit,
    long waitTimeoutMillis,
    long maxExtraRowsToCompare,
    long maxReportSampleRows,
    boolean onlyPks,
    boolean debugQuery,
    long columnTruncateAt,
    boolean autoRetry,
    boolean updateTableStats)
    implements Command {
  public VDiffCreate {
    uuid = uuid.isEmpty() ? header.commandId() : uuid;
    tables = List.copyOf(tables);
    sourceCells = List.copyOf(sourceCells);
    targetCells = List.copyOf(targetCells);
    tabletTypes = List.copyOf(tabletTypes);
  }

  /** A command that leaves all but its header to the defaults of its schema. */
  public static VDiffCreate of(CommandHeader header) {
    return new VDiffCreate(
        header,
        "",
        List.of(),
        List.of(),
        List.of(),
        List.of("RDONLY", "REPLICA", "PRIMARY"),
        true,
        Long.MAX_VALUE,
        30_000,
        1000,
        10,
        false,
        false,
        128,
        true,
        false);
  }

  /** The same but for what is changed. */
  public VDiffCreate with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** A command in the making, component by component. */
  public static final class Draft {
    public CommandHeader header;
    public String uuid;
    public List<String> tables;
    public List<String> sourceCells;
    public List<String> targetCells;
    public List<String> tabletTypes;
    public boolean tabletTypesInOrder;
    public long limit;
    public long waitTimeoutMillis;
    public long maxExtraRowsToCompare;
    public long maxReportSampleRows;
    public boolean onlyPks;
    public boolean debugQuery;
    public long columnTruncateAt;
    public boolean autoRetry;
    public boolean updateTableStats;

    private Draft(VDiffCreate command) {
      header = command.header;
      uuid = command.uuid;
      tables = command.tables;
      sourceCells = command.sourceCells;
      targetCells = command.targetCells;
      tabletTypes = command.tabletTypes;
      tabletTypesInOrder = command.tabletTypesInOrder;
      limit = command.limit;
      waitTimeoutMillis = command.waitTimeoutMillis;
      maxExtraRowsToCompare = command.maxExtraRowsToCompare;
      maxReportSampleRows = command.maxReportSampleRows;
      onlyPks = command.onlyPks;
      debugQuery = command.debugQuery;
      columnTruncateAt = command.columnTruncateAt;
      autoRetry = command.autoRetry;
      updateTableStats = command.updateTableStats;
    }

    private VDiffCreate build() {
      return new VDiffCreate(
          header,
          uuid,
          tables,
          sourceCells,
          targetCells,
          tabletTypes,
          tabletTypesInOrder,
          limit,
          waitTimeoutMillis,
          maxExtraRowsToCompare,
          maxReportSampleRows,
          onlyPks,
          debugQuery,
          columnTruncateAt,
          autoRetry,
          updateTableStats);
    }
  }
}
