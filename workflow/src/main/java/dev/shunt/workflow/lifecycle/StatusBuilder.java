package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.Outcome;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.Waiting;
import dev.shunt.schemas.WorkflowStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A status in the making; fields start as those of another status. */
final class StatusBuilder {
  final String keyspace;
  final String workflow;
  long version;
  Phase phase;
  String workflowType;
  String sourceKeyspace;
  List<String> sourceShards;
  List<String> targetShards;
  List<String> tables;
  List<String> createdTables;
  List<String> replicaCellsSwitched;
  List<String> rdonlyCellsSwitched;
  boolean writesSwitched;
  @Nullable InFlight inFlight;
  @Nullable InFlight inFlightDiff;
  @Nullable Outcome lastOutcome;
  List<DiffStatus> diffs;
  List<StreamStatus> streams;
  long createdAt;
  long updatedAt;
  List<Waiting> waiting;

  StatusBuilder(WorkflowStatus status) {
    keyspace = status.keyspace();
    workflow = status.workflow();
    version = status.version();
    phase = status.phase();
    workflowType = status.workflowType();
    sourceKeyspace = status.sourceKeyspace();
    sourceShards = status.sourceShards();
    targetShards = status.targetShards();
    tables = status.tables();
    createdTables = status.createdTables();
    replicaCellsSwitched = status.replicaCellsSwitched();
    rdonlyCellsSwitched = status.rdonlyCellsSwitched();
    writesSwitched = status.writesSwitched();
    inFlight = status.inFlight();
    inFlightDiff = status.inFlightDiff();
    lastOutcome = status.lastOutcome();
    diffs = status.diffs();
    streams = status.streams();
    createdAt = status.createdAt();
    updatedAt = status.updatedAt();
    waiting = status.waiting();
  }

  /** Of a workflow of which nothing is known yet. */
  static StatusBuilder empty(String keyspace, String workflow) {
    return new StatusBuilder(
        new WorkflowStatus(
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
            0));
  }

  WorkflowStatus build() {
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
        inFlightDiff,
        lastOutcome,
        diffs,
        streams,
        createdAt,
        updatedAt,
        waiting);
  }
}
