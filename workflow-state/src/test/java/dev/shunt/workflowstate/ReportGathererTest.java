package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Rejected;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.registry.InMemoryRegistry;
import dev.shunt.time.Time;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** With clients that do what a broker can't be made to do. */
class ReportGathererTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final TopicPartition ONE = new TopicPartition(Topics.STREAMS, 0);
  private static final TopicPartition OTHER = new TopicPartition(Topics.STREAMS, 1);
  private static final WorkflowKey IN_ONE = in(ONE);
  private static final WorkflowKey IN_OTHER = in(OTHER);

  private final InMemoryRegistry registry = new InMemoryRegistry();
  private final MessageSerializer serializer = new MessageSerializer(registry);
  private final MessageDeserializer deserializer = new MessageDeserializer(registry);
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private final List<MockProducer<byte[], byte[]>> producers = new CopyOnWriteArrayList<>();

  private static WorkflowKey in(TopicPartition partition) {
    return Stream.iterate(0, i -> i + 1)
        .map(i -> new WorkflowKey("customer", "w" + i))
        .filter(key -> key.partition(2) == partition.partition())
        .findFirst()
        .orElseThrow();
  }

  private ReportGatherer gatherer(
      Supplier<Consumer<byte[], byte[]>> consumers, Supplier<Producer<byte[], byte[]>> made) {
    return new ReportGatherer(consumers, made, registry, () -> 2, Time.system());
  }

  private MockProducer<byte[], byte[]> producer() {
    MockProducer<byte[], byte[]> producer =
        new MockProducer<>(
            true,
            new RoundRobinPartitioner(),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producers.add(producer);
    return producer;
  }

  private void assign(Map<TopicPartition, Long> ends) {
    consumer.updateBeginningOffsets(Map.of(ONE, 0L, OTHER, 0L));
    consumer.updateEndOffsets(ends);
    consumer.rebalance(ends.keySet());
  }

  private byte[] bytes(WorkflowKey key, String state, long rows) {
    Message report = Records.reported(key, state, rows);
    return Objects.requireNonNull(serializer.serialize(Topics.STREAMS, report));
  }

  private void add(TopicPartition partition, long offset, WorkflowKey key, byte[] value) {
    consumer.addRecord(
        new ConsumerRecord<>(
            partition.topic(),
            partition.partition(),
            offset,
            1000,
            TimestampType.CREATE_TIME,
            1,
            value.length,
            key.toString().getBytes(StandardCharsets.UTF_8),
            value,
            new RecordHeaders(),
            Optional.of(7)));
  }

  private List<Message> published() {
    return producers.stream()
        .flatMap(producer -> producer.history().stream())
        .map(record -> deserializer.decode(record.value()))
        .toList();
  }

  /** The rows of the streams of a workflow, as they were published one after another. */
  private List<Long> rows(WorkflowKey key) {
    return published().stream()
        .filter(StreamBatch.class::isInstance)
        .map(StreamBatch.class::cast)
        .filter(batch -> WorkflowKey.of(batch).equals(key))
        .flatMap(batch -> batch.reported().stream())
        .map(StreamStatus::rowsCopied)
        .toList();
  }

  private void awaitRows(WorkflowKey key, Long... rows) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(rows(key)).containsExactly(rows));
  }

  @Test
  void commitsUnderWhichLeaderItHasRead() {
    consumer.schedulePollTask(() -> {
      assign(Map.of(ONE, 0L));
      add(ONE, 0, IN_ONE, bytes(IN_ONE, "Running", 1));
    });
    try (ReportGatherer gatherer = gatherer(() -> consumer, this::producer)) {
      gatherer.start();
      awaitRows(IN_ONE, 1L);
    }

    assertThat(producers.getFirst().consumerGroupOffsetsHistory())
        .extracting(offsets -> offsets.get(consumer.groupMetadata().groupId()))
        .containsOnly(Map.of(ONE, new OffsetAndMetadata(1, Optional.of(7), "")));
  }

  /** As after the unclean election of a leader that had fifty of a hundred records. */
  @Test
  void publishesNothingOfAPartitionThatLostItsEndBeforeItHasCaughtUpAgain() {
    consumer.commitSync(Map.of(OTHER, new OffsetAndMetadata(100)));
    consumer.schedulePollTask(() -> {
      assign(Map.of(ONE, 0L, OTHER, 50L));
      add(ONE, 0, IN_ONE, bytes(IN_ONE, "Running", 1));
    });
    consumer.schedulePollTask(() -> {
      consumer.seek(OTHER, 0); // what the consumer does where its offset is out of range
      add(ONE, 1, IN_ONE, bytes(IN_ONE, "Error", 2));
      add(OTHER, 0, IN_OTHER, bytes(IN_OTHER, "Copying", 10));
    });
    try (ReportGatherer gatherer = gatherer(() -> consumer, this::producer)) {
      gatherer.start();
      awaitRows(IN_ONE, 1L, 2L);
      consumer.schedulePollTask(() -> {
        add(ONE, 2, IN_ONE, bytes(IN_ONE, "Running", 3));
        add(OTHER, 48, IN_OTHER, bytes(IN_OTHER, "Copying", 20));
      });
      awaitRows(IN_ONE, 1L, 2L, 3L);
      assertThat(rows(IN_OTHER)).isEmpty();

      consumer.schedulePollTask(() -> add(OTHER, 49, IN_OTHER, bytes(IN_OTHER, "Running", 30)));
      awaitRows(IN_OTHER, 30L);
    }
  }

  /** The records of a poll may reach beyond where the one before has ended. */
  @Test
  void noticesALostEndThoughMoreIsReadAtOnce() {
    consumer.schedulePollTask(() -> {
      assign(Map.of(ONE, 0L, OTHER, 1L));
      add(OTHER, 0, IN_OTHER, bytes(IN_OTHER, "Running", 30));
    });
    try (ReportGatherer gatherer = gatherer(() -> consumer, this::producer)) {
      gatherer.start();
      awaitRows(IN_OTHER, 30L);
      consumer.schedulePollTask(() -> {
        consumer.seek(OTHER, 0);
        consumer.updateEndOffsets(Map.of(OTHER, 10L));
        add(ONE, 0, IN_ONE, bytes(IN_ONE, "Running", 1));
        add(OTHER, 0, IN_OTHER, bytes(IN_OTHER, "Copying", 10));
        add(OTHER, 1, IN_OTHER, bytes(IN_OTHER, "Copying", 11));
      });
      awaitRows(IN_ONE, 1L);
      assertThat(rows(IN_OTHER)).containsExactly(30L);

      consumer.schedulePollTask(() -> add(OTHER, 9, IN_OTHER, bytes(IN_OTHER, "Running", 40)));
      awaitRows(IN_OTHER, 30L, 40L);
    }
  }

  @Test
  void aReportThatIsNotWholeDisplacesNone() {
    byte[] good = bytes(IN_ONE, "Running", 1);
    byte[] bad = Arrays.copyOf(good, good.length + 5);
    byte[] garbage = {1, 6, -1, -1, -1, 0}; // in a block of copy states that says its length
    System.arraycopy(garbage, 0, bad, good.length - 1, garbage.length);
    consumer.schedulePollTask(() -> {
      assign(Map.of(ONE, 0L));
      add(ONE, 0, IN_ONE, good);
      add(ONE, 1, IN_ONE, bad);
    });
    try (ReportGatherer gatherer = gatherer(() -> consumer, this::producer)) {
      gatherer.start();
      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThat(published())
                  .filteredOn(Rejected.class::isInstance)
                  .singleElement()
                  .isInstanceOfSatisfying(
                      Rejected.class, rejected -> assertThat(rejected.offset()).isEqualTo(1)));
      awaitRows(IN_ONE, 1L);
    }
  }

  @Test
  void endsTheTransactionOfAPublishThatFails() {
    consumer.schedulePollTask(() -> {
      assign(Map.of(ONE, 0L));
      add(ONE, 0, IN_ONE, bytes(IN_ONE, "Running", 1));
    });
    MockProducer<byte[], byte[]> failing = producer();
    failing.commitTransactionException = new KafkaException("not today");
    AtomicInteger asked = new AtomicInteger();
    try (ReportGatherer gatherer =
        gatherer(
            () -> asked.get() == 1 ? consumer : new MockConsumer<>("earliest"),
            () -> asked.getAndIncrement() == 0 ? failing : producer())) {
      gatherer.start();
      await().atMost(PATIENCE).until(() -> asked.get() > 1);
    }

    assertThat(failing.transactionAborted()).isTrue();
    assertThat(failing.history()).isEmpty();
  }

  /** As for want of memory, which the line in the log takes as well. */
  private static final class Unspeakable extends Error {
    private static final long serialVersionUID = 1L;

    /** Until then nothing can be said of it; what reports on tests must be able to. */
    private volatile boolean over;

    @Override
    public String getMessage() {
      if (over) {
        return "no memory";
      }
      throw new StackOverflowError();
    }
  }

  @Test
  void goesOnAfterAnErrorOfWhichNotEvenTheLogCanTell() {
    AtomicInteger asked = new AtomicInteger();
    Unspeakable error = new Unspeakable();
    try (ReportGatherer gatherer =
        gatherer(
            () -> consumer,
            () -> {
              if (asked.getAndIncrement() < 2) {
                throw error;
              }
              return producer();
            })) {
      consumer.schedulePollTask(() -> {
        assign(Map.of(ONE, 0L));
        add(ONE, 0, IN_ONE, bytes(IN_ONE, "Running", 1));
      });
      gatherer.start();
      awaitRows(IN_ONE, 1L);
    } finally {
      error.over = true;
    }
    assertThat(asked).hasValue(3);
  }
}
