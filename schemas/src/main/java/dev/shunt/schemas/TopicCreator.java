package dev.shunt.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
   * Creates all missing topics. Several processes may do so at once. Where some of the
   * co-partitioned topics exist, the others get as many partitions as they have.
   *
   * @param admin client of the cluster
   * @param replicationFactor copies of each partition, or {@link #CLUSTER_DEFAULT}; from 3 on, a
   *     write needs two of them
   * @return how many partitions each of the co-partitioned topics has
   * @throws IllegalStateException when existing topics have unequal partition counts and so can't
   *     work together
   * @throws KafkaException when the cluster refuses
   */
  public static int createMissing(Admin admin, int replicationFactor) {
    return createMissing(admin, replicationFactor, Topics.all());
  }

  /** As {@link #createMissing(Admin, int)}, for some of the topics. */
  public static int createMissing(
      Admin admin, int replicationFactor, List<TopicDefinition> topics) {
    Map<String, Integer> existing = partitionCounts(admin);
    int partitions = coPartitions(existing);
    List<NewTopic> missing =
        topics.stream()
            .filter(topic -> !existing.containsKey(topic.name()))
            .map(topic -> toNewTopic(topic, partitions, (short) replicationFactor))
            .toList();
    for (KafkaFuture<Void> created : admin.createTopics(missing).values().values()) {
      try {
        await(created);
      } catch (TopicExistsException e) {
        // Another process was quicker: that is what was wanted.
      }
    }
    awaitVisible(admin, missing);
    return partitions;
  }

  /** Brokers learn of a topic some time after the controller has created it. */
  private static void awaitVisible(Admin admin, List<NewTopic> created) {
    long deadline = System.nanoTime() + VISIBLE_WITHIN.toNanos();
    while (!partitionCounts(admin)
        .keySet()
        .containsAll(created.stream().map(NewTopic::name).toList())) {
      if (System.nanoTime() > deadline) {
        throw new KafkaException(
            "created topics are not there after " + VISIBLE_WITHIN.toSeconds() + " s");
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    awaitLeaders(admin, created);
  }

  /**
   * A leader that is known may still refuse writes for a moment. An idempotent producer whose first
   * batch is refused while its second is taken never gets the first one through, as the broker
   * takes the second for the start of the sequence.
   */
  private static void awaitLeaders(Admin admin, List<NewTopic> created) {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (NewTopic topic : created) {
      for (int partition = 0; partition < topic.numPartitions(); partition++) {
        ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
      }
    }
    await(admin.listOffsets(ends).all());
  }

  private static NewTopic toNewTopic(TopicDefinition topic, int partitions, short replication) {
    Map<String, String> configs = new HashMap<>(topic.configs());
    if (replication >= 3) {
      configs.put("min.insync.replicas", "2");
    }
    int count = Topics.CO_PARTITIONED.contains(topic.name()) ? partitions : topic.partitions();
    return new NewTopic(topic.name(), count, replication).configs(configs);
  }

  private static int coPartitions(Map<String, Integer> existing) {
    Map<String, Integer> coPartitioned = new TreeMap<>(existing);
    coPartitioned.keySet().retainAll(Topics.CO_PARTITIONED);
    Set<Integer> counts = Set.copyOf(coPartitioned.values());
    if (counts.size() > 1) {
      throw new IllegalStateException(
          "these topics must have equally many partitions, but have " + coPartitioned);
    }
    return counts.stream().findFirst().orElse(Topics.PARTITIONS);
  }

  private static Map<String, Integer> partitionCounts(Admin admin) {
    List<String> names = new ArrayList<>();
    Topics.all().forEach(topic -> names.add(topic.name()));
    Map<String, Integer> counts = new HashMap<>();
    admin
        .describeTopics(names)
        .topicNameValues()
        .forEach((name, described) -> {
          try {
            counts.put(name, await(described).partitions().size());
          } catch (UnknownTopicOrPartitionException e) {
            // Missing: it will be created.
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
