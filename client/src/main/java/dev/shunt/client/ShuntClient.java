package dev.shunt.client;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.WorkflowKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends commands and awaits what becomes of them. One consumer follows shunt.events for all who
 * wait; any number of threads may use one client.
 *
 * <pre>{@code
 * try (Connection connection = Connection.to("localhost:9092", "http://localhost:8081");
 *     ShuntClient client = new ShuntClient(connection)) {
 *   client.start();
 *   switch (client.execute(command, Duration.ofMinutes(1))) { ... }
 * }
 * }</pre>
 */
public final class ShuntClient implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ShuntClient.class);

  private final Map<String, List<OutcomeWatch>> watches = new ConcurrentHashMap<>();
  private final KafkaProducer<String, Message> producer;
  private final MessageDeserializer deserializer;
  private final TopicFollower events;
  private final AuditLog audit;

  /**
   * @param connection stays the giver's to close
   */
  public ShuntClient(Connection connection) {
    this.producer = connection.producer();
    this.deserializer = connection.deserializer();
    this.audit = new AuditLog(connection);
    this.events =
        new TopicFollower(
            connection, List.of(Topics.EVENTS), TopicFollower.From.END, this::dispatch);
  }

  /** Begins to follow the events; KafkaException when Kafka or the topic is not there. */
  public void start() {
    events.start();
  }

  /**
   * Sends a command and returns once all replicas have it.
   *
   * @throws SendException when Kafka did not confirm it within three quarters of a minute; it says
   *     whether it may have arrived, and it may be sent again, as its id makes it act once
   * @throws dev.shunt.schemas.registry.RegistryException when the registry refuses its schema
   */
  public SentCommand send(Command command) {
    String id = command.header().commandId();
    WorkflowKey key = WorkflowKey.of(command.header());
    RecordMetadata metadata =
        written(
            new ProducerRecord<>(
                Topics.COMMANDS, null, key.toString(), command, MessageHeaders.ofCommand(id, "")));
    return new SentCommand(id, key, metadata.partition(), metadata.offset());
  }

  /**
   * Puts an event on the audit log that no command caused, such as what an operator did past the
   * commands, and returns once all replicas have it. It changes no state: its command id is known
   * to nobody.
   *
   * @throws KafkaException when Kafka did not take it within half a minute
   */
  public void publish(Event event) {
    RecordMetadata unused =
        written(
            new ProducerRecord<>(
                Topics.EVENTS,
                null,
                event.header().at(),
                WorkflowKey.of(event.header()).toString(),
                event,
                MessageHeaders.ofEvent(event.header().commandId(), "")));
  }

  private RecordMetadata written(ProducerRecord<String, Message> record) {
    try {
      awaitTopic();
      return producer.send(record).get();
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      KafkaException cause =
          e.getCause() instanceof KafkaException one ? one : new KafkaException(e.getCause());
      if (cause instanceof ApiException && !(cause instanceof RetriableException)) {
        throw cause; // refused for good, such as a record that is too large
      }
      throw new SendException(true, cause);
    }
  }

  /** While the producer does not know the topic it can't have sent anything. */
  private void awaitTopic() {
    try {
      boolean unused = producer.partitionsFor(Topics.COMMANDS).isEmpty();
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      throw new SendException(false, e);
    }
  }

  /** Sends a command and waits until it has ended, or the time is over. */
  public CommandResult execute(Command command, Duration timeout) {
    return execute(command, timeout, event -> {});
  }

  /**
   * As {@link #execute(Command, Duration)}.
   *
   * @param listener gets each event of the command, on the thread that serves all waiters: be quick
   */
  public CommandResult execute(Command command, Duration timeout, Consumer<Event> listener) {
    long deadline = System.nanoTime() + timeout.toNanos();
    String id = command.header().commandId();
    OutcomeWatch watch = watch(id, listener);
    try {
      send(command);
      CommandResult result = watch.awaitEnd(left(deadline));
      return watch.endedBefore() ? earlierResult(id, listener) : result;
    } finally {
      unwatch(id, watch);
    }
  }

  /**
   * Sends a command and waits until it is admitted, has ended, or the time is over.
   *
   * @return Pending with {@code admitted} once it is admitted
   */
  public CommandResult submit(Command command, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    String id = command.header().commandId();
    OutcomeWatch watch = watch(id, event -> {});
    try {
      send(command);
      return watch.awaitAdmission(left(deadline));
    } finally {
      unwatch(id, watch);
    }
  }

  /**
   * Waits for the end of a command that anybody sent at any time.
   *
   * @return Pending when it has not ended within the time, or was never sent
   */
  public CommandResult await(String commandId, Duration timeout) {
    return await(commandId, timeout, event -> {});
  }

  /**
   * As {@link #await(String, Duration)}.
   *
   * @param listener gets the events of the command from its first; the newest perhaps twice
   */
  public CommandResult await(String commandId, Duration timeout, Consumer<Event> listener) {
    long deadline = System.nanoTime() + timeout.toNanos();
    OutcomeWatch watch = watch(commandId, listener);
    try {
      CommandResult earlier = earlierResult(commandId, watch::see);
      return earlier instanceof CommandResult.Pending ? watch.awaitEnd(left(deadline)) : earlier;
    } finally {
      unwatch(commandId, watch);
    }
  }

  private CommandResult earlierResult(String commandId, Consumer<Event> listener) {
    OutcomeWatch history = new OutcomeWatch(listener);
    audit.replay(
        AuditQuery.ofCommand(commandId),
        record -> history.see(record.event()),
        unreadable ->
            log.atWarn().addKeyValue("reason", unreadable.getMessage()).log("event can't be read"));
    return history.awaitEnd(Duration.ZERO);
  }

  private OutcomeWatch watch(String commandId, Consumer<Event> listener) {
    OutcomeWatch watch = new OutcomeWatch(listener);
    watches.computeIfAbsent(commandId, unused -> new CopyOnWriteArrayList<>()).add(watch);
    return watch;
  }

  private void unwatch(String commandId, OutcomeWatch watch) {
    watches.computeIfPresent(
        commandId,
        (unused, list) -> {
          list.remove(watch);
          return list.isEmpty() ? null : list;
        });
  }

  private void dispatch(ConsumerRecord<byte[], byte[]> record) {
    if (watches.isEmpty()
        || !mayBeWatched(record.headers().lastHeader(MessageHeaders.COMMAND_ID))) {
      return;
    }
    try {
      if (deserializer.deserialize(record.topic(), record.value()) instanceof Event event) {
        List<OutcomeWatch> waiting = watches.getOrDefault(event.header().commandId(), List.of());
        waiting.forEach(watch -> watch.see(event));
      }
    } catch (UndecodableException e) {
      log.atWarn()
          .addKeyValue("partition", record.partition())
          .addKeyValue("offset", record.offset())
          .addKeyValue("reason", e.getMessage())
          .log("event can't be read");
    }
  }

  /** Spares decoding: most events are of commands that nobody here waits for. */
  private boolean mayBeWatched(@Nullable Header commandId) {
    return commandId == null
        || commandId.value() == null
        || watches.containsKey(new String(commandId.value(), StandardCharsets.UTF_8));
  }

  private static Duration left(long deadline) {
    return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
    events.close();
    audit.close();
  }
}
