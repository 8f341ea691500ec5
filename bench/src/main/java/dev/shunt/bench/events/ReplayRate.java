package dev.shunt.bench.events;

import dev.shunt.bench.measure.Medians;
import dev.shunt.client.StateReplay;
import dev.shunt.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * How many records a second the replay folds that {@code shunt audit replay} and other auditors
 * use, and how many a consumer takes that only looks at them.
 *
 * @param replay records a second
 * @param plain the same of the consumer
 */
record ReplayRate(double replay, double plain) {
  private static final int PASSES = 3;
  private static final List<String> TOPICS = List.of(Topics.EVENTS, Topics.STREAMS);

  /**
   * Of all that is on the logs; the median of three passes each.
   *
   * @throws IllegalStateException when replay and consumer do not count the same
   */
  static ReplayRate measure(EventsCluster cluster) {
    List<Double> replays = new ArrayList<>();
    List<Double> plains = new ArrayList<>();
    try (StateReplay replay = new StateReplay(cluster.connection())) {
      for (int pass = 0; pass < PASSES; pass++) {
        long began = System.nanoTime();
        long read = read(cluster);
        plains.add(read / ((System.nanoTime() - began) / 1e9));
        began = System.nanoTime();
        StateReplay.Fold fold = replay.fold(null);
        long folded = fold.events() + fold.streamEvents();
        replays.add(folded / ((System.nanoTime() - began) / 1e9));
        if (folded != read) {
          throw new IllegalStateException("replayed %d records of %d".formatted(folded, read));
        }
      }
    }
    return new ReplayRate(Medians.of(replays), Medians.of(plains));
  }

  private static long read(EventsCluster cluster) {
    Map<String, Object> settings = cluster.kafka().reader();
    long read = 0;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          TOPICS.stream()
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        read += consumer.poll(Duration.ofMillis(200)).count();
      }
    }
    return read;
  }
}
