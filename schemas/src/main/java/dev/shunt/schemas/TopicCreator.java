package dev.shunt.schemas;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates the topics that are not there yet. Never changes one that is. */
public final class TopicCreator {
  private static final Duration VISIBLE_WITHIN = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private TopicCreator() {}

  /** Stands for the replication factor that the cluster gives to new topics. */
  public static final int CLUSTER_DEFAULT = -1;

  /**
   * Creates those of the topics that are missing. Several processes may do so at once.
   *
   * @param admin client of the cluster
   * @param replicationFactor copies of each partition, or {@link #CLUSTER_DEFAULT}; from 3 on, a
   *     write needs two of them
   * @param partitions how many partitions a new co-partitioned topic gets
   * @return how many partitions each topic of Shunt has that is there now
   * @throws KafkaException when the cluster refuses
   */
  public static Map<String, Integer> createMissing(
      Admin admin, int replicationFactor, int partitions, List<TopicDefinition> topics) {
    Map<String, Integer> existing = partitionCounts(admin);
    List<NewTopic> missing =
        topics.stream()
            .filter(topic -> !existing.containsKey(topic.name()))
            .map(topic -> toNewTopic(topic, partitions, (short) replicationFactor))
            .toList();
    if (missing.isEmpty()) {
      return existing;
    }
    for (KafkaFuture<Void> created : admin.createTopics(missing).values().values()) {
      try {
        await(created);
      } catch (TopicExistsException e) {
        // Another process was quicker: that is what was wanted.
      }
    }
    return awaitVisible(admin, missing.stream().map(NewTopic::name).toList());
  }

  /** Brokers learn of a topic some time after the controller has created it. */
  private static Map<String, Integer> awaitVisible(Admin admin, List<String> created) {
    long deadline = System.nanoTime() + VISIBLE_WITHIN.toNanos();
    Map<String, Integer> counts = partitionCounts(admin);
    while (!counts.keySet().containsAll(created)) {
      if (System.nanoTime() > deadline) {
        throw new KafkaException(
            "created topics are not there after " + VISIBLE_WITHIN.toSeconds() + " s");
      }
      LockSupport.parkNanos(PAUSE.toNanos());
      counts = partitionCounts(admin);
    }
    awaitLeaders(admin, created, counts);
    return counts;
  }

  /**
   * A leader that is known may still refuse writes for a moment. An idempotent producer whose first
   * batch is refused while its second is taken never gets the first one through, as the broker
   * takes the second for the start of the sequence.
   */
  private static void awaitLeaders(Admin admin, List<String> created, Map<String, Integer> counts) {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (String topic : created) {
      for (int partition = 0; partition < counts.getOrDefault(topic, 0); partition++) {
        ends.put(new TopicPartition(topic, partition), OffsetSpec.latest());
      }
    }
    await(admin.listOffsets(ends).all());
  }

  private static NewTopic toNewTopic(TopicDefinition topic, int partitions, short replication) {
    Map<String, String> configs = new HashMap<>(topic.configs());
    if (replication >= 3) {
      configs.put("min.insync.replicas", "2");
    }
    return new NewTopic(topic.name(), topic.partitions(partitions), replication).configs(configs);
  }

  /**
   * How many partitions each topic of Shunt has; those that are missing aren't in it.
   *
   * @throws KafkaException when the cluster does not answer
   */
  public static Map<String, Integer> partitionCounts(Admin admin) {
    List<String> names = Topics.all().stream().map(TopicDefinition::name).toList();
    Map<String, Integer> counts = new HashMap<>();
    admin
        .describeTopics(names)
        .topicNameValues()
        .forEach((name, described) -> {
          try {
            counts.put(name, await(described).partitions().size());
          } catch (UnknownTopicOrPartitionException e) {
            // Missing.
          }
        });
    return counts;
  }

  private static <T> T await(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KafkaException cause) {
        throw cause;
      }
      throw new KafkaException(e.getCause());
    }
  }
}
