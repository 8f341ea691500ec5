package dev.shunt.registry;

import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.Transactions;
import dev.shunt.schemas.registry.RegistryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registry's topic, read and written so that several instances agree.
 *
 * <p>All instances write with one transactional id. Whoever starts to write fences the others; a
 * write that was decided on by an instance that has been fenced meanwhile fails and is decided
 * anew, after reading what the others wrote. So a decision always rests on everything before it.
 */
final class RegistryLog implements AutoCloseable {
  /**
   * What a look at the state led to.
   *
   * @param record to be written; null when nothing needs to be
   * @param answer for the caller, once it is written
   */
  record Decision<T>(@Nullable RegistryRecord record, T answer) {}

  private static final Logger log = LoggerFactory.getLogger(RegistryLog.class);
  private static final String TRANSACTIONAL_ID = "shunt-schema-registry";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  static final TopicPartition PARTITION = new TopicPartition(Topics.SCHEMAS, 0);

  private final Map<String, Object> kafka;
  private final RegistryRecordCodec codec = new RegistryRecordCodec();
  private final ReentrantLock writing = new ReentrantLock();
  private final RegistryFollower follower;
  private final Admin admin;
  private @Nullable KafkaProducer<byte[], byte[]> producer;

  RegistryLog(Map<String, ?> kafka, RegistryState state) {
    this.kafka = new HashMap<>(kafka);
    this.follower = new RegistryFollower(this.kafka, codec, state);
    this.admin = Admin.create(this.kafka);
  }

  /** Creates the topic when it is missing, and reads it. */
  void start() {
    TopicCreator.createMissing(
        admin, TopicCreator.CLUSTER_DEFAULT, 1, List.of(Topics.definition(Topics.SCHEMAS)));
    follower.start();
    catchUp();
  }

  /** Returns once all that any instance has answered for before the call is folded. */
  void catchUp() {
    follower.awaitPosition(committedEnd(), PATIENCE);
  }

  /**
   * Decides on the newest state and writes what was decided, once.
   *
   * @return the answer of the decision that was written
   * @throws RegistryException what the decision threw, or status 500 when Kafka does not take it
   */
  <T> T write(Supplier<Decision<T>> decide) {
    writing.lock();
    try {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (true) {
        try {
          return decideAndWrite(decide);
        } catch (KafkaException e) {
          dropProducer();
          if (System.nanoTime() > deadline) {
            throw unavailable(e);
          }
          log.atInfo().addKeyValue("reason", e.toString()).log("registry write decided anew");
          pause();
        }
      }
    } finally {
      writing.unlock();
    }
  }

  private <T> T decideAndWrite(Supplier<Decision<T>> decide) {
    KafkaProducer<byte[], byte[]> writer = producer;
    if (writer == null) {
      writer = openProducer();
      producer = writer;
    }
    catchUp();
    Decision<T> decision = decide.get();
    RegistryRecord record = decision.record();
    if (record != null) {
      follower.awaitPosition(append(writer, record) + 1, PATIENCE);
    }
    return decision.answer();
  }

  /**
   * Commits a record. Kafka acknowledges a commit before all readers see it: who needs that waits
   * until its own reader has seen the offset that this returns.
   */
  private long append(KafkaProducer<byte[], byte[]> writer, RegistryRecord record) {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    Transactions.commit(writer, () -> sent.add(writer.send(codec.write(Topics.SCHEMAS, record))));
    return sent.getFirst().resultNow().offset();
  }

  private KafkaProducer<byte[], byte[]> openProducer() {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, TRANSACTIONAL_ID);
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 10_000);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_MESSAGE_BYTES);
    KafkaProducer<byte[], byte[]> opened =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    try {
      opened.initTransactions();
      return opened;
    } catch (KafkaException e) {
      opened.close(Duration.ZERO);
      throw e;
    }
  }

  private void dropProducer() {
    KafkaProducer<byte[], byte[]> dropped = producer;
    producer = null;
    if (dropped != null) {
      dropped.close(Duration.ZERO);
    }
  }

  private long committedEnd() {
    var options = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
    try {
      return admin
          .listOffsets(Map.of(PARTITION, OffsetSpec.latest()), options)
          .partitionResult(PARTITION)
          .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .offset();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(e);
    } catch (ExecutionException | TimeoutException e) {
      throw unavailable(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(5, 100));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(e);
    }
  }

  static RegistryException unavailable(@Nullable Throwable cause) {
    return new RegistryException(
        500, 50001, "Error in the backend data store: Kafka does not answer", cause);
  }

  @Override
  public void close() {
    dropProducer();
    follower.close();
    admin.close(Duration.ofSeconds(5));
  }
}
