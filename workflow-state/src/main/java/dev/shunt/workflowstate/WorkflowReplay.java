package dev.shunt.workflowstate;

import dev.shunt.schemas.TopicDefinition;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.Durations;
import dev.shunt.service.KafkaSettings;
import dev.shunt.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds the whole event log and all stream reports into an empty topology, beside the live one and
 * without any effect: what it writes equals the live topics of statuses and of their shards, byte
 * for byte.
 */
public final class WorkflowReplay {
  private static final Logger log = LoggerFactory.getLogger(WorkflowReplay.class);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final KafkaSettings kafka;
  private final SchemaRegistry registry;
  private final Time time;

  /** The registry stays the caller's and must be the one that the live service uses. */
  public WorkflowReplay(KafkaSettings kafka, SchemaRegistry registry, Time time) {
    this.kafka = kafka;
    this.registry = registry;
    this.time = time;
  }

  /**
   * Replays what is on the logs now.
   *
   * @param output topic for the states, with their shards; created when missing, with the
   *     partitions of the live ones
   * @param patience how long it may take
   * @throws IllegalStateException when it takes longer
   */
  public void replayInto(String output, Duration patience) {
    String application = "shunt-replay-" + UUID.randomUUID();
    Path directory = temporaryDirectory();
    try (Admin admin = Admin.create(kafka.admin())) {
      List<TopicPartition> inputs = partitions(admin, Topics.EVENTS, Topics.STREAMS);
      int count = partitions(admin, Topics.WORKFLOWS).size();
      create(admin, output, count);
      Map<TopicPartition, Long> ends = ends(admin, inputs);
      KafkaStreams streams =
          new KafkaStreams(
              AdmissionTopology.replay(registry, output, count),
              StreamsSettings.replay(kafka, application, directory.toString()));
      streams.setUncaughtExceptionHandler(failure -> StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
      try {
        streams.start();
        awaitEnds(admin, application, ends, streams, patience);
      } finally {
        streams.close(
            CloseOptions.timeout(Duration.ofSeconds(10))
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        streams.cleanUp();
        deleteIfEmpty(directory);
      }
      await(admin.deleteConsumerGroups(List.of(application)).all());
    }
  }

  private void awaitEnds(
      Admin admin,
      String group,
      Map<TopicPartition, Long> ends,
      KafkaStreams streams,
      Duration patience) {
    long deadline = time.nanoTime() + patience.toNanos();
    while (!reached(admin, group, ends)) {
      if (streams.state().hasStartedOrFinishedShuttingDown()) {
        throw new IllegalStateException("the replay failed: " + streams.state());
      }
      if (time.nanoTime() - deadline > 0) {
        throw new IllegalStateException("the replay took more than " + Durations.text(patience));
      }
      pause();
    }
  }

  private void pause() {
    try {
      time.sleep(PAUSE);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while replaying", e);
  }

  private static boolean reached(Admin admin, String group, Map<TopicPartition, Long> ends) {
    Map<TopicPartition, OffsetAndMetadata> committed =
        await(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
    return ends.entrySet().stream()
        .allMatch(end -> {
          OffsetAndMetadata at = committed.get(end.getKey());
          return end.getValue() == 0 || (at != null && at.offset() >= end.getValue());
        });
  }

  private static Map<TopicPartition, Long> ends(Admin admin, List<TopicPartition> partitions) {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
    Map<TopicPartition, ListOffsetsResultInfo> found =
        await(
            admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all());
    Map<TopicPartition, Long> ends = new HashMap<>();
    found.forEach((partition, info) -> ends.put(partition, info.offset()));
    return ends;
  }

  private static List<TopicPartition> partitions(Admin admin, String... topics) {
    Map<String, TopicDescription> described =
        await(admin.describeTopics(List.of(topics)).allTopicNames());
    List<TopicPartition> partitions = new ArrayList<>();
    described
        .values()
        .forEach(topic ->
            topic
                .partitions()
                .forEach(
                    info -> partitions.add(new TopicPartition(topic.name(), info.partition()))));
    return partitions;
  }

  private void create(Admin admin, String output, int partitions) {
    Set<String> existing = await(admin.listTopics().names());
    if (!existing.contains(output)) {
      TopicDefinition live = Topics.definition(Topics.WORKFLOWS);
      NewTopic topic =
          new NewTopic(output, partitions, (short) kafka.replicationFactor())
              .configs(live.configs());
      await(admin.createTopics(List.of(topic)).all());
    }
  }

  private static Path temporaryDirectory() {
    try {
      return Files.createTempDirectory("shunt-replay");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The application's own folder in it went with its clean-up. */
  private static void deleteIfEmpty(Path directory) {
    try {
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      log.atWarn().addKeyValue("folder", directory).setCause(e).log("could not delete");
    }
  }

  private static <T> T await(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the replay failed: " + e.getCause(), e.getCause());
    }
  }
}
