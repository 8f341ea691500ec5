package dev.shunt.topowatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.ShardStatus;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.RegistryException;
import dev.shunt.schemas.registry.SchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StatusFollowerTest {
  private static final WorkflowKey KEY = new WorkflowKey("customer", "c2c");

  private final HashRegistry registry = new HashRegistry();
  private final MessageSerializer serializer = new MessageSerializer(registry);
  private final List<ConsumerRecord<String, byte[]>> topic = new ArrayList<>();
  private final AtomicInteger registryFailures = new AtomicInteger();
  private final AtomicInteger consumerFailures = new AtomicInteger();
  private final AtomicInteger errors = new AtomicInteger();
  private final Unspeakable error = new Unspeakable();
  private final StatusFollower follower =
      new StatusFollower(
          this::consumer, new MessageDeserializer(new Flaky()), Duration.ofMillis(5));

  @AfterEach
  void stop() {
    follower.close();
  }

  private final class Flaky implements SchemaRegistry {
    @Override
    public int register(String subject, Schema schema) {
      throw new AssertionError("only reads");
    }

    @Override
    public Schema byId(int id) {
      if (registryFailures.getAndDecrement() > 0) {
        throw new RegistryException(503, 0, "away", null);
      }
      return registry.byId(id);
    }
  }

  private Consumer<String, byte[]> consumer() {
    if (errors.getAndDecrement() > 0) {
      throw error;
    }
    if (consumerFailures.getAndDecrement() > 0) {
      throw new IllegalStateException("no consumer today");
    }
    MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
    Node node = new Node(1, "here", 1);
    for (String name : List.of(Topics.WORKFLOWS, Topics.SHARDS)) {
      consumer.updatePartitions(
          name, List.of(new PartitionInfo(name, 0, node, new Node[] {node}, new Node[] {node})));
      consumer.updateBeginningOffsets(Map.of(new TopicPartition(name, 0), 0L));
    }
    consumer.schedulePollTask(() -> topic.forEach(consumer::addRecord));
    return consumer;
  }

  private void add(String key, byte[] value) {
    String name = key.contains("/") ? Topics.SHARDS : Topics.WORKFLOWS;
    topic.add(new ConsumerRecord<>(name, 0, topic.size(), key, value));
  }

  private byte[] status(WorkflowKey key) {
    byte[] bytes =
        serializer.serialize(
            Topics.WORKFLOWS,
            WorkflowStatus.of(key.keyspace(), key.workflow())
                .with(draft -> {
                  draft.version = 1;
                  draft.phase = Phase.ACTIVE;
                }));
    assertThat(bytes).isNotNull();
    return bytes;
  }

  private void awaitKnown() {
    follower.start();
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(follower.statuses()).containsOnlyKeys(KEY));
  }

  @Test
  void outlivesARegistryThatIsAway() {
    registryFailures.set(3);
    add(KEY.toString(), status(KEY));
    awaitKnown();
  }

  @Test
  void passesOverWhatIsNoStatusOfAWorkflow() {
    add("no key of a workflow", status(KEY));
    add(KEY.toString(), "rubbish".getBytes(StandardCharsets.UTF_8));
    add(KEY.toString(), status(KEY));
    awaitKnown();
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
  void outlivesAnErrorOfWhichNotEvenTheLogCanTell() {
    errors.set(2);
    add(KEY.toString(), status(KEY));
    try {
      awaitKnown();
    } finally {
      error.over = true;
    }
  }

  @Test
  void joinsTheStreamsOfTargetShards() {
    StreamStatus stream = StreamStatus.of("-80", "zone1-0000000200", 1);
    StreamStatus old = StreamStatus.of("-80", "zone1-0000000200", 2);
    add(
        KEY + "/-80",
        serializer.serialize(
            Topics.WORKFLOWS, new ShardStatus("customer", "c2c", "-80", List.of(stream))));
    add(
        KEY.toString(),
        serializer.serialize(
            Topics.WORKFLOWS,
            WorkflowStatus.of("customer", "c2c").with(draft -> draft.shards = List.of("-80"))));

    // A version before wrote these there too.
    topic.add(
        new ConsumerRecord<>(
            Topics.WORKFLOWS,
            0,
            topic.size(),
            KEY + "/-80",
            serializer.serialize(
                Topics.WORKFLOWS, new ShardStatus("customer", "c2c", "-80", List.of(old)))));

    awaitKnown();

    assertThat(follower.statuses().get(KEY).streams()).containsExactly(stream);
  }

  @Test
  void outlivesAnyFailureOfItsConsumer() {
    consumerFailures.set(2);
    add(KEY.toString(), status(KEY));
    awaitKnown();
  }
}
