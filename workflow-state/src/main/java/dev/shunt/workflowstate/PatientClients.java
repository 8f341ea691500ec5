package dev.shunt.workflowstate;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
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
 * that must not be late; once all of them are committed, nothing is due but the ticks of the
 * processors.
 */
final class PatientClients implements KafkaClientSupplier {
  /** How long it waits for records while none come. */
  static final Duration PATIENCE = Duration.ofMillis(500);

  private final BooleanSupplier settled;
  private final Runnable committed;
  private final Set<Consumer<byte[], byte[]>> consumers = ConcurrentHashMap.newKeySet();
  private volatile boolean hurried;

  /**
   * @param settled whether all records that came are committed; asked on the thread that polls
   * @param committed called behind each commit, on the thread that has committed
   */
  PatientClients(BooleanSupplier settled, Runnable committed) {
    this.settled = settled;
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
    PatientConsumer(Map<String, Object> config) {
      super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration asked) {
      consumers.add(this);
      try {
        return super.poll(patient() && asked.isPositive() ? PATIENCE : asked);
      } catch (WakeupException e) {
        return ConsumerRecords.empty(); // hurried
      } finally {
        consumers.remove(this);
      }
    }

    /** What is about to be assigned or restored goes on when a poll returns. */
    private boolean patient() {
      return !hurried && settled.getAsBoolean() && !assignment().isEmpty() && paused().isEmpty();
    }
  }
}
