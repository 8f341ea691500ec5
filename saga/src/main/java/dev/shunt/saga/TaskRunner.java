package dev.shunt.saga;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.Rejected;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.registry.RegistryException;
import dev.shunt.time.Time;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the tasks of one topic from Kafka and runs them. Members of the group share the partitions;
 * a partition is read from its beginning when it is assigned, since the newest record of each key
 * tells what is open. When a partition is revoked its runs are stopped before another member gets
 * it; when an instance dies another one takes over after the session timeout.
 */
public final class TaskRunner implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TaskRunner.class);

  /** A record ends the wait, and so does {@link #close}; else only the registry is waited for. */
  private static final Duration POLL = Duration.ofSeconds(5);

  /** Enough to leave the group; the fetch that the broker holds is not waited for. */
  private static final CloseOptions SOON = CloseOptions.timeout(Duration.ofMillis(250));

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOOK_UP_AGAIN = Duration.ofSeconds(1);

  private final String topic;
  private final Supplier<Consumer<String, byte[]>> consumers;
  private final Deserializer<Message> deserializer;
  private final java.util.function.Consumer<Rejected> rejected;
  private final Time time;
  private final TaskBoard board;
  private final Map<Integer, Long> ends = new HashMap<>();

  /** Partitions that wait for the registry, and until when. */
  private final Map<TopicPartition, Long> waits = new HashMap<>();

  private final CompletableFuture<Boolean> joined = new CompletableFuture<>();
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
  private final Thread thread;
  private volatile boolean closing;
  private volatile @Nullable Consumer<String, byte[]> current;

  /**
   * Takes no tasks before {@link #start}.
   *
   * @param topic task topic of the service
   * @param consumers makes group consumers; a broken one is replaced
   * @param deserializer reads the values
   * @param rejected told of each record that is no readable task
   */
  public TaskRunner(
      String topic,
      Supplier<Consumer<String, byte[]>> consumers,
      Deserializer<Message> deserializer,
      java.util.function.Consumer<Rejected> rejected,
      TaskHandler handler,
      Time time,
      SagaSettings settings) {
    this.topic = topic;
    this.consumers = consumers;
    this.deserializer = deserializer;
    this.rejected = rejected;
    this.time = time;
    this.board = new TaskBoard(handler, time, settings);
    this.thread = Thread.ofPlatform().name("tasks-" + topic).unstarted(this::run);
  }

  /** Begins to take tasks. */
  public void start() {
    thread.start();
  }

  /**
   * Waits until the group has assigned partitions for the first time; false when it took longer.
   */
  public boolean awaitAssignment(Duration wait) throws InterruptedException {
    return time.await(joined, wait);
  }

  private void run() {
    try {
      loop();
    } finally {
      ended.complete(true);
    }
  }

  private void loop() {
    while (!closing) {
      try {
        takeTasks();
      } catch (WakeupException e) {
        // Closing.
      } catch (RuntimeException e) {
        log.atWarn().addKeyValue("topic", topic).setCause(e).log("consumer broke, making another");
        pause();
      }
    }
  }

  private void takeTasks() {
    Consumer<String, byte[]> consumer = consumers.get();
    current = consumer;
    try {
      consumer.subscribe(List.of(topic), new Assignment(consumer));
      while (!closing) {
        step(consumer);
      }
    } finally {
      current = null;
      board.dropAll(PATIENCE);
      ends.clear();
      waits.clear();
      consumer.close(SOON);
    }
  }

  private void pause() {
    try {
      time.sleep(Duration.ofSeconds(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void step(Consumer<String, byte[]> consumer) {
    ConsumerRecords<String, byte[]> records = consumer.poll(waits.isEmpty() ? POLL : LOOK_UP_AGAIN);
    for (TopicPartition partition : records.partitions()) {
      takeInOrder(consumer, partition, records.records(partition));
    }
    goOnWhereItIsTime(consumer);
    for (TopicPartition partition : consumer.assignment()) {
      Long end = ends.get(partition.partition());
      if (end != null && consumer.position(partition) >= end) {
        ends.remove(partition.partition());
        board.ready(partition.partition());
      }
    }
    board.startDue();
  }

  /**
   * Takes records of a partition, up to one whose schema the registry would have to tell and can't
   * for now: from that one on they are read again after a while, as it may be fine. What runs goes
   * on running, and so do other partitions.
   */
  private void takeInOrder(
      Consumer<String, byte[]> consumer,
      TopicPartition partition,
      List<ConsumerRecord<String, byte[]>> records) {
    for (ConsumerRecord<String, byte[]> record : records) {
      try {
        take(record);
      } catch (RegistryException e) {
        waitForRegistry(consumer, partition, record, e);
        return;
      }
    }
    if (waits.remove(partition) != null) {
      log.atInfo().addKeyValue("topic", topic).log("the registry answers again, tasks are taken");
    }
  }

  private void waitForRegistry(
      Consumer<String, byte[]> consumer,
      TopicPartition partition,
      ConsumerRecord<String, byte[]> record,
      RegistryException why) {
    consumer.seek(partition, record.offset());
    consumer.pause(List.of(partition));
    if (waits.put(partition, time.nanoTime() + LOOK_UP_AGAIN.toNanos()) == null) {
      log.atWarn()
          .addKeyValue("topic", topic)
          .addKeyValue("partition", record.partition())
          .addKeyValue("offset", record.offset())
          .addKeyValue("reason", why.getMessage())
          .log("tasks wait for the schema registry");
    }
  }

  private void goOnWhereItIsTime(Consumer<String, byte[]> consumer) {
    long now = time.nanoTime();
    Set<TopicPartition> due = new HashSet<>(consumer.paused());
    due.removeIf(partition -> now - waits.getOrDefault(partition, now) < 0);
    consumer.resume(due);
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      board.put(record.partition(), record.key(), null);
      return;
    }
    try {
      if (deserializer.deserialize(topic, record.headers(), record.value())
          instanceof Command command) {
        if (command instanceof CommandSignal signal) {
          board.signal(record.partition(), record.key(), signal);
          return;
        }
        WorkflowKey key = WorkflowKey.of(command.header());
        board.put(
            record.partition(),
            record.key(),
            new Task(
                key,
                command,
                record.partition(),
                record.timestamp(),
                MessageHeaders.traceparent(record.headers())));
        return;
      }
      reject(record, "not a command");
    } catch (UndecodableException e) {
      reject(record, "unreadable task: " + e.getMessage());
    }
  }

  /** Its workflow waits until a newer version of this service has read it. */
  private void reject(ConsumerRecord<String, byte[]> record, String reason) {
    log.atError()
        .addKeyValue("topic", topic)
        .addKeyValue("offset", record.offset())
        .addKeyValue("reason", reason)
        .log("task left alone");
    String key = record.key() == null ? "" : record.key();
    rejected.accept(
        new Rejected(
            topic,
            record.partition(),
            record.offset(),
            reason,
            key.getBytes(StandardCharsets.UTF_8),
            record.value(),
            time.millis()));
  }

  /** Stops the runs, waits for them and leaves the group. */
  @Override
  public void close() {
    closing = true;
    Consumer<String, byte[]> consumer = current;
    if (consumer != null) {
      consumer.wakeup();
    }
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      boolean unused = time.await(ended, PATIENCE.multipliedBy(3));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Assignment implements ConsumerRebalanceListener {
    private final Consumer<String, byte[]> consumer;

    Assignment(Consumer<String, byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      List<TopicPartition> assigned = new ArrayList<>(partitions);
      consumer.seekToBeginning(assigned);
      consumer.endOffsets(assigned).forEach((p, end) -> ends.put(p.partition(), end));
      joined.complete(true);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      Set<Integer> numbers = new HashSet<>();
      partitions.forEach(partition -> numbers.add(partition.partition()));
      ends.keySet().removeAll(numbers);
      waits.keySet().removeAll(partitions);
      board.drop(numbers, PATIENCE);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      onPartitionsRevoked(partitions);
    }
  }
}
