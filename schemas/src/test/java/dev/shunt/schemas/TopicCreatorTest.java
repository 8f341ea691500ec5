package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which topics are created how, beside others who do the same. */
class TopicCreatorTest {
  private final Map<String, Integer> there = new TreeMap<>();
  private final Map<String, NewTopic> created = new TreeMap<>();
  private final List<TopicPartition> asked = new ArrayList<>();

  /** What a creation ends with instead, by topic. */
  private final Map<String, RuntimeException> refusals = new HashMap<>();

  /** How often a topic that was created is not to be seen yet. */
  private int blind;

  private Admin admin() {
    return (Admin)
        Proxy.newProxyInstance(
            Admin.class.getClassLoader(),
            new Class<?>[] {Admin.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "describeTopics" -> describe((Collection<?>) arguments[0]);
                  case "createTopics" -> create((Collection<?>) arguments[0]);
                  case "listOffsets" -> offsets((Map<?, ?>) arguments[0]);
                  default -> throw new AssertionError(method);
                });
  }

  private static <T> KafkaFuture<T> done(T value, @Nullable RuntimeException failure) {
    KafkaFutureImpl<T> future = new KafkaFutureImpl<>();
    if (failure == null) {
      future.complete(value);
    } else {
      future.completeExceptionally(failure);
    }
    return future;
  }

  private DescribeTopicsResult describe(Collection<?> names) {
    Map<String, KafkaFuture<TopicDescription>> futures = new HashMap<>();
    for (Object name : names) {
      Integer partitions = there.get((String) name);
      boolean hidden = created.containsKey((String) name) && blind > 0;
      List<TopicPartitionInfo> infos = new ArrayList<>();
      for (int i = 0; partitions != null && i < partitions; i++) {
        infos.add(new TopicPartitionInfo(i, Node.noNode(), List.of(), List.of()));
      }
      futures.put(
          (String) name,
          done(
              new TopicDescription((String) name, false, infos),
              partitions == null || hidden ? new UnknownTopicOrPartitionException() : null));
    }
    blind--;
    return new DescribeTopicsResult(null, futures) {};
  }

  private CreateTopicsResult create(Collection<?> topics) {
    Map<String, KafkaFuture<CreateTopicsResult.TopicMetadataAndConfig>> futures = new HashMap<>();
    for (Object each : topics) {
      NewTopic topic = (NewTopic) each;
      RuntimeException refusal = refusals.get(topic.name());
      if (refusal == null || refusal instanceof TopicExistsException) {
        created.put(topic.name(), topic);
        there.put(topic.name(), topic.numPartitions());
      }
      futures.put(
          topic.name(),
          done(
              new CreateTopicsResult.TopicMetadataAndConfig(new TopicExistsException("x")),
              refusal));
    }
    return new CreateTopicsResult(futures) {};
  }

  private ListOffsetsResult offsets(Map<?, ?> partitions) {
    Map<TopicPartition, KafkaFuture<ListOffsetsResult.ListOffsetsResultInfo>> futures =
        new HashMap<>();
    for (Object each : partitions.keySet()) {
      TopicPartition partition = (TopicPartition) each;
      asked.add(partition);
      futures.put(
          partition,
          done(
              new ListOffsetsResult.ListOffsetsResultInfo(0, -1, java.util.Optional.empty()),
              null));
    }
    return new ListOffsetsResult(futures);
  }

  @Test
  void onlyWhatIsMissingIsCreated() {
    there.put(Topics.EVENTS, 5);
    List<TopicDefinition> wanted =
        List.of(Topics.definition(Topics.EVENTS), Topics.definition(Topics.WORKFLOWS));

    Map<String, Integer> counts = TopicCreator.createMissing(admin(), 1, 16, wanted);

    assertThat(created).containsOnlyKeys(Topics.WORKFLOWS);
    assertThat(counts).isEqualTo(Map.of(Topics.EVENTS, 5, Topics.WORKFLOWS, 16));
    assertThat(asked).hasSize(16).allMatch(one -> one.topic().equals(Topics.WORKFLOWS));
  }

  @Test
  void nothingIsAskedForWhereAllIsThere() {
    Topics.all().forEach(topic -> there.put(topic.name(), 1));

    assertThat(TopicCreator.createMissing(admin(), 1, 16, Topics.all())).isEqualTo(there);
    assertThat(created).isEmpty();
    assertThat(asked).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {"1, -", "2, -", "3, 2", "5, 2", "-1, -"})
  void aWriteNeedsTwoReplicasWhereThereAreThree(int replication, @Nullable String least) {
    TopicCreator.createMissing(admin(), replication, 8, Topics.all());

    assertThat(created).hasSize(Topics.all().size());
    for (TopicDefinition topic : Topics.all()) {
      NewTopic made = created.get(topic.name());
      assertThat(made.replicationFactor()).isEqualTo((short) replication);
      assertThat(made.numPartitions()).isEqualTo(topic.coPartitioned() ? 8 : 1);
      Map<String, String> configs = new HashMap<>(topic.configs());
      if (least != null) {
        configs.put("min.insync.replicas", least);
      }
      assertThat(made.configs()).isEqualTo(configs);
    }
  }

  @Test
  void aTopicThatAnotherProcessCreatesMeanwhileIsWhatWasWanted() {
    refusals.put(Topics.TOPO, new TopicExistsException("there already"));
    blind = 3;

    assertThat(TopicCreator.createMissing(admin(), 1, 4, Topics.all())).isEqualTo(there);
    assertThat(there).hasSize(Topics.all().size());
  }

  @Test
  void aRefusalOfTheClusterIsToldAsItIs() {
    refusals.put(Topics.TOPO, new PolicyViolationException("too few replicas"));

    assertThatExceptionOfType(PolicyViolationException.class)
        .isThrownBy(() -> TopicCreator.createMissing(admin(), 1, 4, Topics.all()))
        .withMessage("too few replicas");
  }
}
