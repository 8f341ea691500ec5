package dev.shunt.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Merges partitions by the time of their records, up to given offsets; the order within a partition
 * stays. Holds few records: a partition with many waiting is not wanted until they are gone.
 */
final class TimeMerge {
  private static final int ENOUGH = 500;

  private final Map<TopicPartition, Long> ends;
  private final Consumer<ConsumerRecord<byte[], byte[]>> sink;
  private final Map<TopicPartition, Deque<ConsumerRecord<byte[], byte[]>>> waiting;
  private final Set<TopicPartition> open;

  /**
   * @param ends the offset of each partition that the merge stops before
   */
  TimeMerge(Map<TopicPartition, Long> ends, Consumer<ConsumerRecord<byte[], byte[]>> sink) {
    this.ends = new HashMap<>(ends);
    this.sink = sink;
    this.waiting = new TreeMap<>(Comparator.comparingInt(TopicPartition::partition));
    ends.keySet().forEach(partition -> waiting.put(partition, new ArrayDeque<>()));
    this.open = new HashSet<>(ends.keySet());
  }

  /** Takes a record; those of a partition come in their order. */
  void add(ConsumerRecord<byte[], byte[]> record) {
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    if (record.offset() < ends.get(partition)) {
      waiting.get(partition).add(record);
    }
  }

  /** Tells how far a partition has been read. */
  void position(TopicPartition partition, long position) {
    if (position >= ends.get(partition)) {
      open.remove(partition);
    }
  }

  /** Hands over what no later record can precede. */
  void drain() {
    while (open.stream().noneMatch(partition -> waiting.get(partition).isEmpty())) {
      Deque<ConsumerRecord<byte[], byte[]>> earliest =
          waiting.values().stream()
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
    return open.isEmpty() && waiting.values().stream().allMatch(Deque::isEmpty);
  }

  List<TopicPartition> wanted() {
    List<TopicPartition> wanted = new ArrayList<>(open);
    wanted.removeIf(partition -> waiting.get(partition).size() >= ENOUGH);
    return wanted;
  }

  List<TopicPartition> unwanted() {
    List<TopicPartition> unwanted = new ArrayList<>(waiting.keySet());
    unwanted.removeAll(wanted());
    return unwanted;
  }
}
