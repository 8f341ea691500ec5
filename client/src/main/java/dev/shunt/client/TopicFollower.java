package dev.shunt.client;

import dev.shunt.schemas.registry.RegistryException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands every committed record of some topics to a handler, each partition in its order, on one
 * thread of its own, until it is closed. Outlives failures of Kafka and of the registry.
 */
final class TopicFollower implements AutoCloseable {
  /** Where to begin. */
  enum From {
    BEGINNING,
    END
  }

  private static final Logger log = LoggerFactory.getLogger(TopicFollower.class);
  private static final Duration POLL = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** The fetch that the broker holds is not waited for. */
  private static final CloseOptions AT_ONCE = CloseOptions.timeout(Duration.ZERO);

  private static final Duration PAUSE = Duration.ofMillis(500);

  private final List<String> topics;
  private final From from;
  private final Consumer<ConsumerRecord<byte[], byte[]>> handler;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Admin admin;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private volatile Instant caughtUpAt = Instant.EPOCH;
  private volatile boolean closed;

  /**
   * @param handler gets each record; one that fails gets it again after a pause, so it should pass
   *     over what it can't handle
   */
  TopicFollower(
      Connection connection,
      List<String> topics,
      From from,
      Consumer<ConsumerRecord<byte[], byte[]>> handler) {
    this.topics = List.copyOf(topics);
    this.from = from;
    this.handler = handler;
    this.consumer = connection.consumer();
    this.admin = connection.admin();
    this.thread = Thread.ofVirtual().name("follow-" + topics).unstarted(this::follow);
  }

  /**
   * Begins to follow, once the topics are there. Records written after this returns are handed
   * over.
   *
   * @throws KafkaException when a topic is not there after half a minute, or Kafka does not answer
   */
  void start() {
    List<TopicPartition> partitions = awaitPartitions();
    Map<TopicPartition, Long> first =
        from == From.BEGINNING
            ? Offsets.beginnings(admin, partitions)
            : Offsets.committedEnds(admin, partitions);
    consumer.assign(partitions);
    first.forEach(consumer::seek);
    positions.putAll(first);
    thread.start();
  }

  private List<TopicPartition> awaitPartitions() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        return Offsets.partitions(admin, topics);
      } catch (UnknownTopicOrPartitionException e) {
        if (closed || System.nanoTime() > deadline) {
          throw new KafkaException(
              "of %s not all are there; services of this version create them when they start"
                  .formatted(topics),
              e);
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  /**
   * Waits until everything that was committed before the call has been handed over.
   *
   * @return false when it was not within the time
   */
  boolean awaitCaughtUp(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    Map<TopicPartition, Long> ends =
        Offsets.committedEnds(admin, Offsets.partitions(admin, topics));
    lock.lock();
    try {
      while (!reached(ends)) {
        long left = deadline - System.nanoTime();
        if (left <= 0 || closed) {
          return false;
        }
        moved.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** When everything committed was last known to have been handed over. */
  Instant caughtUpAt() {
    return caughtUpAt;
  }

  private boolean reached(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> positions.getOrDefault(end.getKey(), -1L) >= end.getValue());
  }

  private void follow() {
    try {
      while (!closed) {
        pollOnce();
      }
    } catch (WakeupException e) {
      log.atDebug().addKeyValue("topics", topics).log("stopped to follow");
    } finally {
      consumer.close(AT_ONCE);
      signal(Map.of());
    }
  }

  private void pollOnce() {
    try {
      handOver(consumer.poll(POLL));
      Map<TopicPartition, Long> now = new HashMap<>();
      consumer.assignment().forEach(partition -> now.put(partition, consumer.position(partition)));
      if (now.keySet().stream()
          .allMatch(partition -> consumer.currentLag(partition).orElse(1) == 0)) {
        caughtUpAt = InstantSource.system().instant();
      }
      signal(now);
    } catch (WakeupException e) {
      throw e;
    } catch (RuntimeException | Error e) { // who waits here would never hear that nobody reads
      failed(e);
    }
  }

  /** Goes on whatever fails, memory for the line in the log included. */
  private void failed(Throwable why) {
    try {
      log.atWarn().setCause(why).addKeyValue("topics", topics).log("topic can't be read");
    } catch (RuntimeException | Error e) {
      // There may be no memory for it, nor would there be to say that.
    }
    LockSupport.parkNanos(PAUSE.toNanos());
  }

  /** What is not handed over because of a failure comes again. */
  private void handOver(ConsumerRecords<byte[], byte[]> records) {
    Map<TopicPartition, Long> left = new HashMap<>();
    for (TopicPartition partition : records.partitions()) {
      left.put(partition, records.records(partition).getFirst().offset());
    }
    try {
      for (TopicPartition partition : records.partitions()) {
        for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
          handOver(record);
          left.put(partition, record.offset() + 1);
        }
      }
    } catch (RuntimeException | Error e) {
      left.forEach(consumer::seek);
      throw e;
    }
  }

  private void handOver(ConsumerRecord<byte[], byte[]> record) {
    while (!closed) {
      try {
        handler.accept(record);
        return;
      } catch (RegistryException e) {
        log.atWarn().addKeyValue("reason", e.getMessage()).log("schema registry is needed");
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  private void signal(Map<TopicPartition, Long> now) {
    lock.lock();
    try {
      positions.putAll(now);
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
    if (thread.getState() == Thread.State.NEW) {
      consumer.close(AT_ONCE);
    } else {
      consumer.wakeup();
      try {
        thread.join(Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    admin.close(Duration.ofSeconds(5));
  }
}
