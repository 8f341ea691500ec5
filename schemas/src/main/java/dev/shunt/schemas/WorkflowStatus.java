package dev.shunt.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * State of one workflow: the fold of its events and of what its tablets report.
 *
 * <p>In the store and on shunt.workflows this is a summary, without streams; those of each target
 * shard are a {@link ShardStatus} on shunt.workflows.shards, and {@link StatusJoiner} joins them.
 * Versions before wrote the streams into this record.
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
 * @param inFlightDiff The first of inFlightDiffs, for readers that know of one only.
 * @param lastOutcome How the last command ended.
 * @param diffs Diffs, newest last: the last ten, and older ones as long as no newer one has a
 *     result for the same tables.
 * @param streams Streams, sorted by shard, tablet and id; none in a summary.
 * @param createdAt Milliseconds since the epoch; 0 when not created by a command.
 * @param updatedAt Time of the newest event in it, milliseconds since the epoch.
 * @param waiting Commands that wait, in the order in which they came; the version does not count
 *     them.
 * @param inFlightDiffs The diffs that are being carried out, in the order in which they were
 *     admitted.
 * @param shards Target shards that have streams, sorted.
 * @param sources What its streams read, where no command created it; empty otherwise.
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
    List<Waiting> waiting,
    List<InFlight> inFlightDiffs,
    List<String> shards,
    StreamSources sources)
    implements Materialized {
  public WorkflowStatus {
    if (inFlightDiffs.isEmpty() && inFlightDiff != null) {
      inFlightDiffs = List.of(inFlightDiff); // as versions before wrote it
    } else {
      inFlightDiffs = List.copyOf(inFlightDiffs);
    }
    inFlightDiff = inFlightDiffs.isEmpty() ? null : inFlightDiffs.getFirst();
    if (shards.isEmpty() && !streams.isEmpty()) {
      // As versions before wrote it, which had all streams here.
      shards = streams.stream().map(StreamStatus::shard).distinct().sorted().toList();
    }
    shards = List.copyOf(shards);
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

  /** Of a workflow of which no more than its name is known. */
  public static WorkflowStatus of(String keyspace, String workflow) {
    return new WorkflowStatus(
        keyspace,
        workflow,
        0,
        Phase.UNKNOWN,
        "",
        "",
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        false,
        null,
        null,
        null,
        List.of(),
        List.of(),
        0,
        0,
        List.of(),
        List.of(),
        List.of(),
        StreamSources.NONE);
  }

  /** All commands that are being carried out, the one that changes the workflow first. */
  public List<InFlight> allInFlight() {
    List<InFlight> all = new ArrayList<>(inFlightDiffs);
    if (inFlight != null) {
      all.addFirst(inFlight);
    }
    return all;
  }

  /** A command that is being carried out, by its id. */
  public Optional<InFlight> inFlight(String commandId) {
    return allInFlight().stream()
        .filter(running -> running.commandId().equals(commandId))
        .findFirst();
  }

  /** The same but for what is changed. */
  public WorkflowStatus with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** A status in the making, component by component. */
  public static final class Draft {
    public String keyspace;
    public String workflow;
    public long version;
    public Phase phase;
    public String workflowType;
    public String sourceKeyspace;
    public List<String> sourceShards;
    public List<String> targetShards;
    public List<String> tables;
    public List<String> createdTables;
    public List<String> replicaCellsSwitched;
    public List<String> rdonlyCellsSwitched;
    public boolean writesSwitched;
    public @Nullable InFlight inFlight;
    public @Nullable Outcome lastOutcome;
    public List<DiffStatus> diffs;
    public List<StreamStatus> streams;
    public long createdAt;
    public long updatedAt;
    public List<Waiting> waiting;
    public List<InFlight> inFlightDiffs;
    public List<String> shards;
    public StreamSources sources;

    /** Starts as this one. */
    public Draft(WorkflowStatus status) {
      keyspace = status.keyspace;
      workflow = status.workflow;
      version = status.version;
      phase = status.phase;
      workflowType = status.workflowType;
      sourceKeyspace = status.sourceKeyspace;
      sourceShards = status.sourceShards;
      targetShards = status.targetShards;
      tables = status.tables;
      createdTables = status.createdTables;
      replicaCellsSwitched = status.replicaCellsSwitched;
      rdonlyCellsSwitched = status.rdonlyCellsSwitched;
      writesSwitched = status.writesSwitched;
      inFlight = status.inFlight;
      lastOutcome = status.lastOutcome;
      diffs = status.diffs;
      streams = status.streams;
      createdAt = status.createdAt;
      updatedAt = status.updatedAt;
      waiting = status.waiting;
      inFlightDiffs = status.inFlightDiffs;
      shards = status.shards;
      sources = status.sources;
    }

    /** As it is now. */
    public WorkflowStatus build() {
      return new WorkflowStatus(
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
          null,
          lastOutcome,
          diffs,
          streams,
          createdAt,
          updatedAt,
          waiting,
          inFlightDiffs,
          shards,
          sources);
    }
  }
}
