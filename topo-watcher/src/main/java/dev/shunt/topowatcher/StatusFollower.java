package dev.shunt.topowatcher;

import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.StatusJoiner;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.RegistryException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the statuses of all workflows by following their topics. Outlives failures of Kafka and of
 * the registry: what it knows must not stand still unseen, as streams are removed by it.
 */
final class StatusFollower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StatusFollower.class);
  private static final Duration POLL = Duration.ofSeconds(5);
  private static final Duration CLOSE = Duration.ofSeconds(5);

  /** The fetch that the broker holds is not waited for. */
  private static final CloseOptions AT_ONCE = CloseOptions.timeout(Duration.ZERO);

  private final Supplier<Consumer<String, byte[]>> consumers;
  private final MessageDeserializer deserializer;
  private final Duration retry;
  private final StatusJoiner statuses = new StatusJoiner();
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile @Nullable Consumer<String, byte[]> current;
  private @Nullable Thread thread;

  /**
   * @param consumers makes consumers; a broken one is replaced
   * @param retry pause after a failure
   */
  StatusFollower(
      Supplier<Consumer<String, byte[]>> consumers,
      MessageDeserializer deserializer,
      Duration retry) {
    this.consumers = consumers;
    this.deserializer = deserializer;
    this.retry = retry;
  }

  void start() {
    thread = Thread.ofVirtual().name("follow " + Topics.WORKFLOWS).start(this::follow);
  }

  /** The statuses as they are known by now. */
  Map<WorkflowKey, WorkflowStatus> statuses() {
    return statuses.all();
  }

  private void follow() {
    while (stop.getCount() > 0) {
      try {
        read();
      } catch (InterruptException | WakeupException e) {
        return;
      } catch (RuntimeException | Error e) { // the next one reads all from the start
        failed(e);
      }
    }
  }

  /** Goes on whatever fails, memory for the line in the log included. */
  private void failed(Throwable why) {
    try {
      log.atWarn().setCause(why).log("statuses not read, trying again");
      pause();
    } catch (RuntimeException | Error e) {
      // There may be no memory for it, nor would there be to say that.
    }
  }

  private void read() {
    Consumer<String, byte[]> consumer = consumers.get();
    current = consumer;
    try {
      assignFromStart(consumer, Topics.WORKFLOWS, Topics.SHARDS);
      while (stop.getCount() > 0) {
        consumer.poll(POLL).forEach(this::take);
      }
    } finally {
      current = null;
      consumer.close(AT_ONCE);
    }
  }

  /** All partitions of topics, from their first record on. */
  static List<TopicPartition> assignFromStart(Consumer<String, byte[]> consumer, String... topics) {
    List<TopicPartition> partitions =
        Stream.of(topics)
            .flatMap(topic ->
                consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition())))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return partitions;
  }

  /** A record is taken again for as long as the registry is away, as it may be fine. */
  private void take(ConsumerRecord<String, byte[]> record) {
    while (stop.getCount() > 0) {
      try {
        keep(record);
        return;
      } catch (RegistryException e) {
        log.atWarn().addKeyValue("reason", e.getMessage()).log("schema registry is needed");
        pause();
      }
    }
  }

  private void keep(ConsumerRecord<String, byte[]> record) {
    try {
      var unused =
          statuses.take(
              record.topic(),
              record.key() == null ? "" : record.key(),
              deserializer.deserialize(record.topic(), record.value()));
    } catch (UndecodableException | IllegalArgumentException e) {
      log.atWarn()
          .addKeyValue("topic", record.topic())
          .addKeyValue("partition", record.partition())
          .addKeyValue("offset", record.offset())
          .addKeyValue("reason", e.getMessage())
          .log("unreadable record passed over");
    }
  }

  private void pause() {
    try {
      boolean unused = stop.await(retry.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      stop.countDown();
    }
  }

  @Override
  public void close() {
    stop.countDown();
    Consumer<String, byte[]> consumer = current;
    if (consumer != null) {
      consumer.wakeup();
    }
    Thread running = thread;
    if (running != null) {
      try {
        boolean unused = running.join(CLOSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
