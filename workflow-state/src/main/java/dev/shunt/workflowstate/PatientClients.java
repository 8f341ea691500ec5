package dev.shunt.workflowstate;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
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

  private static final int SLICES = 10;
  private static final Duration SLICE = PATIENCE.dividedBy(SLICES);

  private final CommitPace pace;
  private final Set<Consumer<byte[], byte[]>> consumers = ConcurrentHashMap.newKeySet();
  private volatile boolean hurried;

  /**
   * @param pace of the commits of the application; used on its thread
   */
  PatientClients(CommitPace pace) {
    this.pace = pace;
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
    pace.dropped();
    return new AllOrNothing(config);
  }

  /**
   * A producer that is of no use any more once a transaction of it was aborted with records of
   * tasks in it that go on. Where a task is corrupted while a rebalance is under way, Kafka Streams
   * 4.3 aborts what its thread has not committed, and lets the other tasks go on from behind it:
   * what they took would be gone, and their offsets be committed with the next transaction. As the
   * next one is refused, it gives all tasks up and begins from what is committed.
   */
  private final class AllOrNothing extends KafkaProducer<byte[], byte[]> {
    private boolean lost;

    AllOrNothing(Map<String, Object> config) {
      super(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public void beginTransaction() {
      if (lost) {
        throw new ProducerFencedException(
            "what this producer had sent was aborted before it was committed");
      }
      super.beginTransaction();
    }

    @Override
    public void commitTransaction() {
      super.commitTransaction();
      pace.committed();
    }

    @Override
    public void abortTransaction() {
      lost |= !pace.settled();
      pace.dropped();
      super.abortTransaction();
    }
  }

  @Override
  public Admin getAdmin(Map<String, Object> config) {
    return Admin.create(config);
  }

  private final class PatientConsumer extends KafkaConsumer<byte[], byte[]> {
    private boolean assigned;

    PatientConsumer(Map<String, Object> config) {
      super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void subscribe(Collection<String> topics, ConsumerRebalanceListener listener) {
      super.subscribe(topics, noting(listener));
    }

    @Override
    public void subscribe(Pattern topics, ConsumerRebalanceListener listener) {
      super.subscribe(topics, noting(listener));
    }

    private ConsumerRebalanceListener noting(ConsumerRebalanceListener listener) {
      return new ConsumerRebalanceListener() {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
          assigned = true;
          listener.onPartitionsAssigned(partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
          pace.noneAtHand();
          listener.onPartitionsRevoked(partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
          pace.noneAtHand();
          listener.onPartitionsLost(partitions);
        }
      };
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration asked) {
      consumers.add(this);
      try {
        ConsumerRecords<byte[], byte[]> records =
            asked.isPositive() && patient() ? patientPoll() : super.poll(asked);
        if (asked.isPositive() && records.isEmpty()) {
          // Kafka Streams takes what it has before it waits for more: the rest was given up.
          pace.noneAtHand();
        }
        pace.came(records.count());
        return records;
      } catch (WakeupException e) {
        return ConsumerRecords.empty(); // hurried
      } finally {
        consumers.remove(this);
      }
    }

    /** A poll goes on behind an assignment, but what was assigned begins when this returns. */
    private ConsumerRecords<byte[], byte[]> patientPoll() {
      assigned = false;
      ConsumerRecords<byte[], byte[]> records = super.poll(SLICE);
      for (int slice = 1; slice < SLICES && nothingIn(records) && !assigned && !hurried; slice++) {
        records = super.poll(SLICE);
      }
      return records;
    }

    /** Positions alone, as behind a transaction that was aborted, are committed as well. */
    private static boolean nothingIn(ConsumerRecords<byte[], byte[]> records) {
      return records.isEmpty() && records.nextOffsets().isEmpty();
    }

    /** What is about to be assigned or restored goes on when a poll returns. */
    private boolean patient() {
      return !hurried && pace.settled() && !assignment().isEmpty() && paused().isEmpty();
    }
  }
}
