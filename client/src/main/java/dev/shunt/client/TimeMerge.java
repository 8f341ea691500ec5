package dev.shunt.client;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Merges partitions by the time of their records, up to given offsets; the order within a partition
 * stays. Holds few records: a partition with many waiting is not wanted until they are gone.
 */
final class TimeMerge {
  private static final int ENOUGH = 500;

  private final Consumer<ConsumerRecord<byte[], byte[]>> sink;
  private final Map<TopicPartition, Part> parts;

  /** What is known of a partition. */
  private static final class Part {
    private final long end;
    private final Deque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
    private boolean open = true;

    private Part(long end) {
      this.end = end;
    }

    private boolean isWanted() {
      return open && waiting.size() < ENOUGH;
    }
  }

  /**
   * @param ends the offset of each partition that the merge stops before
   */
  TimeMerge(Map<TopicPartition, Long> ends, Consumer<ConsumerRecord<byte[], byte[]>> sink) {
    this.sink = sink;
    this.parts = new TreeMap<>(Comparator.comparingInt(TopicPartition::partition));
    ends.forEach((partition, end) -> parts.put(partition, new Part(end)));
  }

  /** Takes a record; those of a partition come in their order. */
  void add(ConsumerRecord<byte[], byte[]> record) {
    Part part = part(new TopicPartition(record.topic(), record.partition()));
    if (record.offset() < part.end) {
      part.waiting.add(record);
    }
  }

  /** Tells how far a partition has been read. */
  void position(TopicPartition partition, long position) {
    Part part = part(partition);
    if (position >= part.end) {
      part.open = false;
    }
  }

  private Part part(TopicPartition partition) {
    return Objects.requireNonNull(
        parts.get(partition), () -> "partition " + partition + " is none of those to merge");
  }

  /** Hands over what no later record can precede. */
  void drain() {
    while (parts.values().stream().noneMatch(part -> part.open && part.waiting.isEmpty())) {
      Deque<ConsumerRecord<byte[], byte[]>> earliest =
          parts.values().stream()
              .map(part -> part.waiting)
              .filter(records -> !records.isEmpty())
              .min(Comparator.comparingLong(records -> records.getFirst().timestamp()))
              .orElse(null);
      if (earliest == null) {
        return;
      }
      sink.accept(earliest.removeFirst());
    }
  }

  /** Whether everything has been read and handed over. */
  boolean complete() {
    return parts.values().stream().noneMatch(part -> part.open || !part.waiting.isEmpty());
  }

  List<TopicPartition> wanted() {
    return named(Part::isWanted);
  }

  List<TopicPartition> unwanted() {
    return named(part -> !part.isWanted());
  }

  private List<TopicPartition> named(Predicate<Part> wanted) {
    return parts.entrySet().stream()
        .filter(part -> wanted.test(part.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }
}
