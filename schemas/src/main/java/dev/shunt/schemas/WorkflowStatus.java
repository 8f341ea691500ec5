package dev.shunt.schemas;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * State of one workflow: the fold of its events and of what its tablets report.
 *
 * @param keyspace Target keyspace.
 * @param workflow Name.
 * @param version Counts the events that changed it.
 * @param phase Where it is in its life.
 * @param workflowType MoveTables, for instance; empty while unknown.
 * @param sourceKeyspace Where the tables come from.
 * @param sourceShards Source shards.
 * @param targetShards Target shards.
 * @param tables Tables, sorted.
 * @param createdTables Tables that the workflow created on the target.
 * @param replicaCellsSwitched Cells whose REPLICA reads go to the target.
 * @param rdonlyCellsSwitched Cells whose RDONLY reads go to the target.
 * @param writesSwitched Whether writes go to the target.
 * @param inFlight The command that is being carried out.
 * @param inFlightDiff The diff that is being carried out.
 * @param lastOutcome How the last command ended.
 * @param diffs Diffs, newest last: the last ten, and older ones as long as no newer one has a
 *     result for the same tables.
 * @param streams Streams, sorted by shard, tablet and id.
 * @param createdAt Milliseconds since the epoch; 0 when not created by a command.
 * @param updatedAt Time of the newest event in it, milliseconds since the epoch.
 * @param waiting Commands that wait, in the order in which they came; the version does not count
 *     them.
 */
public record WorkflowStatus(
    String keyspace,
    String workflow,
    long version,
    Phase phase,
    String workflowType,
    String sourceKeyspace,
    List<String> sourceShards,
    List<String> targetShards,
    List<String> tables,
    List<String> createdTables,
    List<String> replicaCellsSwitched,
    List<String> rdonlyCellsSwitched,
    boolean writesSwitched,
    @Nullable InFlight inFlight,
    @Nullable InFlight inFlightDiff,
    @Nullable Outcome lastOutcome,
    List<DiffStatus> diffs,
    List<StreamStatus> streams,
    long createdAt,
    long updatedAt,
    List<Waiting> waiting)
    implements Materialized {
  public WorkflowStatus {
    sourceShards = List.copyOf(sourceShards);
    targetShards = List.copyOf(targetShards);
    tables = List.copyOf(tables);
    createdTables = List.copyOf(createdTables);
    replicaCellsSwitched = List.copyOf(replicaCellsSwitched);
    rdonlyCellsSwitched = List.copyOf(rdonlyCellsSwitched);
    diffs = List.copyOf(diffs);
    streams = List.copyOf(streams);
    waiting = List.copyOf(waiting);
  }

  /** A status without commands that wait. */
  public WorkflowStatus(
      String keyspace,
      String workflow,
      long version,
      Phase phase,
      String workflowType,
      String sourceKeyspace,
      List<String> sourceShards,
      List<String> targetShards,
      List<String> tables,
      List<String> createdTables,
      List<String> replicaCellsSwitched,
      List<String> rdonlyCellsSwitched,
      boolean writesSwitched,
      @Nullable InFlight inFlight,
      @Nullable InFlight inFlightDiff,
      @Nullable Outcome lastOutcome,
      List<DiffStatus> diffs,
      List<StreamStatus> streams,
      long createdAt,
      long updatedAt) {
    this(
        keyspace,
        workflow,
        version,
        phase,
        workflowType,
        sourceKeyspace,
        sourceShards,
        targetShards,
        tables,
        createdTables,
        replicaCellsSwitched,
        rdonlyCellsSwitched,
        writesSwitched,
        inFlight,
        inFlightDiff,
        lastOutcome,
        diffs,
        streams,
        createdAt,
        updatedAt,
        List.of());
  }
}
