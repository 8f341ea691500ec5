package dev.shunt.command;

import dev.shunt.client.CommandResult;
import dev.shunt.client.Connection;
import dev.shunt.client.SendException;
import dev.shunt.client.ShuntClient;
import dev.shunt.client.WorkflowTable;
import dev.shunt.command.sending.Reply;
import dev.shunt.net.HttpFace;
import dev.shunt.registry.EmbeddedRegistry;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.MessageTypes;
import dev.shunt.schemas.SchemaRegistration;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.HttpRegistryClient;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.ClusterTopics;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.KafkaWatch;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The backend over Kafka: sends through a client, reads from a table of its own. Creates what
 * topics are missing; runs the embedded schema registry when it is asked to.
 */
final class KafkaBackend implements Backend {
  private static final Duration FIRST_READ = Duration.ofMinutes(1);

  private final KafkaSettings settings;
  private final KafkaWatch watch;
  private final @Nullable EmbeddedRegistry embedded;
  private final @Nullable HttpRegistryClient remote;
  private @Nullable Connection connection;
  private @Nullable ShuntClient client;
  private @Nullable WorkflowTable table;

  KafkaBackend(CommandServiceConfig config) {
    this.settings = config.kafka();
    this.watch = new KafkaWatch("command", settings);
    this.embedded = config.embeddedRegistry() ? new EmbeddedRegistry(settings.admin()) : null;
    this.remote = config.embeddedRegistry() ? null : new HttpRegistryClient(settings.registryUrl());
  }

  /** Adds the paths of the embedded registry to a server, if there is one. */
  void mount(HttpFace face) {
    if (embedded != null) {
      embedded.start();
      embedded.mount(face);
    }
  }

  @Override
  public void start() {
    int unused = ClusterTopics.ensure(settings, "command");
    SchemaRegistry registry = embedded != null ? embedded : remote;
    // All, so that others find the schema of a record that nobody has written yet.
    SchemaRegistration.register(started(registry), MessageTypes.all());
    connection = new Connection(settings.admin(), started(registry));
    client = new ShuntClient(connection);
    client.start();
    table = new WorkflowTable(connection);
    table.start(FIRST_READ);
    watch.start();
  }

  @Override
  public Optional<String> unready() {
    return table == null ? Optional.of("the command service has not started yet") : watch.away();
  }

  @Override
  public Reply execute(Command command, Duration timeout) {
    return sent(command, () -> reply(started(client).execute(command, timeout)));
  }

  @Override
  public Reply submit(Command command, Duration timeout) {
    return sent(command, () -> reply(started(client).submit(command, timeout)));
  }

  /** Nothing is sent while Kafka is known to be away; else the caller learns what is sure. */
  private Reply sent(Command command, Supplier<Reply> sending) {
    Optional<String> away = watch.away();
    if (away.isPresent()) {
      throw unavailable(away.get() + "; nothing was sent");
    }
    try {
      return sending.get();
    } catch (SendException e) {
      String where = "Kafka at %s does not answer; ".formatted(watch.address());
      throw unavailable(
          e.perhapsSent()
              ? where
                  + "command %s may have been sent: look at the workflow's status, or send it again"
                      .formatted(command.header().commandId())
                  + " with the same id"
              : where + "nothing was sent");
    }
  }

  private static StatusRuntimeException unavailable(String description) {
    return Status.UNAVAILABLE.withDescription(description).asRuntimeException();
  }

  private static Reply reply(CommandResult result) {
    return switch (result) {
      case CommandResult.Succeeded done ->
          new Reply.Succeeded(done.summary(), done.lines(), done.attributes(), done.at());
      case CommandResult.Refused refused -> new Reply.Rejected(refused.code(), refused.message());
      case CommandResult.Failed failed -> new Reply.Rejected(failed.code(), failed.message());
      case CommandResult.Pending pending ->
          pending.admitted() ? new Reply.Admitted() : new Reply.Unheard();
    };
  }

  @Override
  public void audit(Event event) {
    started(client).publish(event);
  }

  @Override
  public Optional<WorkflowStatus> find(WorkflowKey key) {
    return started(table).get(key);
  }

  @Override
  public List<WorkflowStatus> all() {
    return started(table).all();
  }

  @Override
  public boolean await(
      WorkflowKey key, Predicate<Optional<WorkflowStatus>> wanted, Duration timeout) {
    return started(table).await(key, wanted, timeout);
  }

  @Override
  public void close() {
    watch.close();
    if (client != null) {
      client.close();
    }
    if (table != null) {
      table.close();
    }
    if (connection != null) {
      connection.close();
    }
    if (embedded != null) {
      embedded.close();
    }
    if (remote != null) {
      remote.close();
    }
  }

  private static <T> T started(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the command service has not started yet");
    }
    return part;
  }
}
