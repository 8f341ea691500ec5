package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.client.AuditLog;
import dev.shunt.client.AuditQuery;
import dev.shunt.client.CommandResult;
import dev.shunt.client.Connection;
import dev.shunt.client.ShuntClient;
import dev.shunt.client.WorkflowTable;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.QueryResult;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A cluster and what a test needs beside it. */
final class Bench implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(90);

  private final LocalCluster cluster;
  private final Connection connection;
  private final ShuntClient client;
  private final WorkflowTable workflows;

  Bench(ClusterOptions options) {
    cluster = Clusters.oneJvm(options);
    connection = Connection.to(cluster.kafka().bootstrapServers(), cluster.kafka().registryUrl());
    client = new ShuntClient(connection);
    workflows = new WorkflowTable(connection);
    client.start();
    workflows.start(PATIENCE);
  }

  LocalCluster cluster() {
    return cluster;
  }

  Connection connection() {
    return connection;
  }

  ShuntClient client() {
    return client;
  }

  WorkflowTable workflows() {
    return workflows;
  }

  /** Carries out a statement directly on a database, by {@code keyspace/shard}. */
  QueryResult sql(String place, String statement) {
    try (MysqlConnection opened = open(place)) {
      return opened.execute(statement);
    }
  }

  /** Opens the database of a tablet, by {@code keyspace/shard}. */
  MysqlConnection open(String place) {
    return MysqlConnection.open(Objects.requireNonNull(cluster.databases().get(place)));
  }

  /** Sends a command, which must do what it asks for. */
  CommandResult.Succeeded succeed(Command command) {
    CommandResult result = client.execute(command, PATIENCE);
    assertThat(result).isInstanceOf(CommandResult.Succeeded.class);
    return (CommandResult.Succeeded) result;
  }

  /** Waits until a workflow has been copied and its streams run. */
  void awaitRunning(WorkflowKey key) {
    assertThat(workflows.await(key, status -> status.map(Bench::running).orElse(false), PATIENCE))
        .as("streams of %s run: %s", key, workflows.get(key))
        .isTrue();
  }

  private static boolean running(WorkflowStatus status) {
    return !status.streams().isEmpty()
        && status.streams().stream()
            .allMatch(stream ->
                stream.state().equals("Running")
                    && !stream.position().isEmpty()
                    && stream.copyStates().isEmpty());
  }

  /** What the audit log knows of a command. */
  List<Event> audited(Command command) {
    List<Event> events = new ArrayList<>();
    try (AuditLog log = new AuditLog(connection)) {
      log.replay(
          AuditQuery.ofCommand(command.header().commandId()), record -> events.add(record.event()));
    }
    return events;
  }

  @Override
  public void close() {
    workflows.close();
    client.close();
    connection.close();
    cluster.close();
  }
}
