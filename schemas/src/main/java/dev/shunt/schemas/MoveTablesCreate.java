package dev.shunt.schemas;

import java.util.List;
import java.util.Map;

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
}
