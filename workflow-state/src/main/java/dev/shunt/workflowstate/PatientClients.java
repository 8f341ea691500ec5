package dev.shunt.workflowstate;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * Clients of Kafka Streams, of which the main consumer waits longer for records while none come.
 * Streams looks for what is due, such as a commit, each time that a poll returns. Behind records
 * that must not be late; once nothing has come for two intervals of commits, what came before is
 * committed, and nothing is due but the ticks of the processors.
 */
final class PatientClients implements KafkaClientSupplier {
  /** How long it waits for records while none come. */
  static final Duration PATIENCE = Duration.ofMillis(500);

  private final long settledNanos;
  private final LongSupplier clock;
  private final Runnable committed;
  private final Set<Consumer<byte[], byte[]>> consumers = ConcurrentHashMap.newKeySet();
  private volatile boolean hurried;

  /**
   * @param commitInterval of the application
   * @param clock monotonic time, nanoseconds
   * @param committed called behind each commit, on the thread that has committed
   */
  PatientClients(Duration commitInterval, LongSupplier clock, Runnable committed) {
    this.clock = clock;
    this.settledNanos = commitInterval.multipliedBy(2).toNanos();
    this.committed = committed;
  }

  /** Lets no poll wait any longer than it was asked to, not even one that waits already. */
  void hurry() {
    hurried = true;
    consumers.forEach(Consumer::wakeup);
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
    return new PatientConsumer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  @Override
  public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
    return getRestoreConsumer(config);
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()) {
      @Override
      public void commitTransaction() {
        super.commitTransaction();
        committed.run();
      }
    };
  }

  @Override
  public Admin getAdmin(Map<String, Object> config) {
    return Admin.create(config);
  }

  private final class PatientConsumer extends KafkaConsumer<byte[], byte[]> {
    private long recordsAt = clock.getAsLong();
    private boolean hadRecords;

    PatientConsumer(Map<String, Object> config) {
      super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration asked) {
      if (hadRecords) {
        recordsAt = clock.getAsLong(); // they were worked on until now
      }
      consumers.add(this);
      ConsumerRecords<byte[], byte[]> records = ConsumerRecords.empty();
      try {
        records = super.poll(patient() && asked.isPositive() ? PATIENCE : asked);
      } catch (WakeupException e) {
        // Hurried.
      } finally {
        consumers.remove(this);
      }
      hadRecords = !records.isEmpty();
      return records;
    }

    /** What is about to be assigned or restored goes on when a poll returns. */
    private boolean patient() {
      return !hurried
          && clock.getAsLong() - recordsAt > settledNanos
          && !assignment().isEmpty()
          && paused().isEmpty();
    }
  }
}
