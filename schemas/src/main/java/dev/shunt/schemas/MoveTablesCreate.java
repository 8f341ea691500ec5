package dev.shunt.schemas;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Creates a MoveTables workflow: copies tables from one keyspace to another and keeps them equal.
 *
 * @param header Id, workflow, issuer and guards.
 * @param sourceKeyspace Keyspace that holds the tables now.
 * @param sourceShards Only these source shards; empty means all serving ones.
 * @param allTables Move every table of the source keyspace.
 * @param includeTables Tables to move; wins over allTables.
 * @param excludeTables Tables to leave out; each must exist.
 * @param cells Cells to stream from; empty means the cell of the target tablet.
 * @param tabletTypes Types of tablets to stream from, for instance REPLICA, PRIMARY.
 * @param tabletTypesInOrder Prefer the tablet types in the order given.
 * @param onDdl What a stream does with DDL: IGNORE, STOP, EXEC or EXEC_IGNORE.
 * @param autoStart Start the streams once they are created.
 * @param stopAfterCopy Stop the streams when the copy has ended.
 * @param deferSecondaryKeys Add secondary keys after the rows are copied.
 * @param dropForeignKeys Create the target tables without foreign keys.
 * @param noRoutingRules Write no routing rules.
 * @param atomicCopy Copy all tables from one snapshot.
 * @param sourceTimeZone Time zone of DATETIME values on the source; empty means no conversion.
 * @param autoIncrementHandling AUTO_INCREMENT on a sharded target: LEAVE, REMOVE or REPLACE.
 * @param globalKeyspace Unsharded keyspace for sequences; may be empty.
 * @param configOverrides Per-workflow settings of the tablets.
 */
public record MoveTablesCreate(
    CommandHeader header,
    String sourceKeyspace,
    List<String> sourceShards,
    boolean allTables,
    List<String> includeTables,
    List<String> excludeTables,
    List<String> cells,
    List<String> tabletTypes,
    boolean tabletTypesInOrder,
    String onDdl,
    boolean autoStart,
    boolean stopAfterCopy,
    boolean deferSecondaryKeys,
    boolean dropForeignKeys,
    boolean noRoutingRules,
    boolean atomicCopy,
    String sourceTimeZone,
    String autoIncrementHandling,
    String globalKeyspace,
    Map<String, String> configOverrides)
    implements Command {
  public MoveTablesCreate {
    sourceShards = List.copyOf(sourceShards);
    includeTables = List.copyOf(includeTables);
    excludeTables = List.copyOf(excludeTables);
    cells = List.copyOf(cells);
    tabletTypes = List.copyOf(tabletTypes);
    configOverrides = Map.copyOf(configOverrides);
  }

  /** A command that leaves all but this to the defaults of its schema. */
  public static MoveTablesCreate of(CommandHeader header, String sourceKeyspace) {
    return new MoveTablesCreate(
        header,
        sourceKeyspace,
        List.of(),
        false,
        List.of(),
        List.of(),
        List.of(),
        List.of("REPLICA", "PRIMARY"),
        true,
        "IGNORE",
        true,
        false,
        true,
        false,
        false,
        false,
        "",
        "REMOVE",
        "",
        Map.of());
  }

  /** The same but for what is changed. */
  public MoveTablesCreate with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** A command in the making, component by component. */
  public static final class Draft {
    public CommandHeader header;
    public String sourceKeyspace;
    public List<String> sourceShards;
    public boolean allTables;
    public List<String> includeTables;
    public List<String> excludeTables;
    public List<String> cells;
    public List<String> tabletTypes;
    public boolean tabletTypesInOrder;
    public String onDdl;
    public boolean autoStart;
    public boolean stopAfterCopy;
    public boolean deferSecondaryKeys;
    public boolean dropForeignKeys;
    public boolean noRoutingRules;
    public boolean atomicCopy;
    public String sourceTimeZone;
    public String autoIncrementHandling;
    public String globalKeyspace;
    public Map<String, String> configOverrides;

    private Draft(MoveTablesCreate command) {
      header = command.header;
      sourceKeyspace = command.sourceKeyspace;
      sourceShards = command.sourceShards;
      allTables = command.allTables;
      includeTables = command.includeTables;
      excludeTables = command.excludeTables;
      cells = command.cells;
      tabletTypes = command.tabletTypes;
      tabletTypesInOrder = command.tabletTypesInOrder;
      onDdl = command.onDdl;
      autoStart = command.autoStart;
      stopAfterCopy = command.stopAfterCopy;
      deferSecondaryKeys = command.deferSecondaryKeys;
      dropForeignKeys = command.dropForeignKeys;
      noRoutingRules = command.noRoutingRules;
      atomicCopy = command.atomicCopy;
      sourceTimeZone = command.sourceTimeZone;
      autoIncrementHandling = command.autoIncrementHandling;
      globalKeyspace = command.globalKeyspace;
      configOverrides = command.configOverrides;
    }

    private MoveTablesCreate build() {
      return new MoveTablesCreate(
          header,
          sourceKeyspace,
          sourceShards,
          allTables,
          includeTables,
          excludeTables,
          cells,
          tabletTypes,
          tabletTypesInOrder,
          onDdl,
          autoStart,
          stopAfterCopy,
          deferSecondaryKeys,
          dropForeignKeys,
          noRoutingRules,
          atomicCopy,
          sourceTimeZone,
          autoIncrementHandling,
          globalKeyspace,
          configOverrides);
    }
  }
}
