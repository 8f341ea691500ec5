package dev.shunt.registry;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.avro.AvroRuntimeException;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Folds the committed records of the registry's topic into the state, for ever. */
final class RegistryFollower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RegistryFollower.class);
  private static final Duration POLL = Duration.ofSeconds(5);

  /** The fetch that the broker holds is not waited for. */
  private static final CloseOptions AT_ONCE = CloseOptions.timeout(Duration.ZERO);

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final RegistryRecordCodec codec;
  private final RegistryState state;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private long position = -1;
  private @Nullable Exception failure;
  private volatile boolean closed;

  RegistryFollower(Map<String, Object> kafka, RegistryRecordCodec codec, RegistryState state) {
    this.codec = codec;
    this.state = state;
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    this.consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.thread = Thread.ofVirtual().name("schema-registry-follower").unstarted(this::follow);
  }

  void start() {
    thread.start();
  }

  /** Returns once everything before an offset is folded. */
  void awaitPosition(long offset, Duration patience) {
    long nanos = patience.toNanos();
    lock.lock();
    try {
      while (position < offset) {
        if (failure != null || nanos <= 0) {
          throw RegistryLog.unavailable(failure);
        }
        nanos = moved.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RegistryLog.unavailable(e);
    } finally {
      lock.unlock();
    }
  }

  private void follow() {
    try {
      consumer.assign(List.of(RegistryLog.PARTITION));
      consumer.seekToBeginning(List.of(RegistryLog.PARTITION));
      while (!closed) {
        pollOnce();
      }
    } catch (WakeupException e) {
      log.atDebug().log("registry follower stopped");
    } finally {
      consumer.close(AT_ONCE);
    }
  }

  private void pollOnce() {
    try {
      // A poll of an empty topic says nothing until it ends, but where the topic begins is known.
      advance(consumer.position(RegistryLog.PARTITION), null);
      consumer.poll(POLL).forEach(this::fold);
      advance(consumer.position(RegistryLog.PARTITION), null);
    } catch (WakeupException e) {
      throw e;
    } catch (KafkaException e) {
      log.atWarn().setCause(e).log("registry topic can't be read");
      advance(-1, e);
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private void fold(ConsumerRecord<byte[], byte[]> record) {
    try {
      RegistryRecord read = codec.read(record.key(), record.value());
      if (read != null) {
        state.apply(read);
      }
    } catch (IOException | AvroRuntimeException e) {
      log.atError()
          .addKeyValue("offset", record.offset())
          .addKeyValue("reason", e.getMessage())
          .log("registry record left out");
    }
  }

  private void advance(long to, @Nullable Exception why) {
    lock.lock();
    try {
      position = Math.max(position, to);
      failure = why;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
    consumer.wakeup();
    if (thread.getState() == Thread.State.NEW) {
      consumer.close(AT_ONCE);
      return;
    }
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
