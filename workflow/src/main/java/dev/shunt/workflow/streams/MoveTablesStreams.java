package dev.shunt.workflow.streams;

import dev.shunt.workflow.migration.TableMigration;
import java.util.List;
import vschema.Vschema;

/**
 * What the streams of a MoveTables workflow depend on.
 *
 * @param move source keyspace, target keyspace and tables
 * @param sourceShards names of the source shards to read from
 * @param targetShards names of the target shards to write to
 * @param sourceVschema VSchema of the source keyspace
 * @param targetVschema VSchema of the target keyspace
 * @param onDdl IGNORE, STOP, EXEC or EXEC_IGNORE
 * @param stopAfterCopy whether streams end with the copy
 * @param sourceTimeZone time zone of DATETIME values on the source; empty means no conversion
 */
public record MoveTablesStreams(
    TableMigration move,
    List<String> sourceShards,
    List<String> targetShards,
    Vschema.Keyspace sourceVschema,
    Vschema.Keyspace targetVschema,
    String onDdl,
    boolean stopAfterCopy,
    String sourceTimeZone) {
  public MoveTablesStreams {
    sourceShards = List.copyOf(sourceShards);
    targetShards = List.copyOf(targetShards);
  }
}
