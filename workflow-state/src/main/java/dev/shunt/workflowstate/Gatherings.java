package dev.shunt.workflowstate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gathered reports of the partitions that this instance has, and how far each is read. */
final class Gatherings {
  private static final Logger log = LoggerFactory.getLogger(Gatherings.class);

  private final Map<TopicPartition, Gathering> all = new HashMap<>();

  /** Whatever was published of these partitions before, it was read up to where they end now. */
  void begin(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
    consumer
        .endOffsets(partitions)
        .forEach((partition, end) -> all.put(partition, new Gathering(end)));
  }

  void forget(Collection<TopicPartition> partitions) {
    all.keySet().removeAll(partitions);
  }

  void clear() {
    all.clear();
  }

  Map<TopicPartition, Gathering> byPartition() {
    return Collections.unmodifiableMap(all);
  }

  /** That of a partition, which this instance has. */
  Gathering of(TopicPartition partition) {
    return Objects.requireNonNull(all.get(partition));
  }

  void forEach(BiConsumer<TopicPartition, Gathering> action) {
    all.forEach(action);
  }

  /** As {@link Gathering#dueIn}, of whichever is due first. */
  long dueIn(long now) {
    return all.values().stream()
        .mapToLong(gathering -> gathering.dueIn(now))
        .min()
        .orElse(Long.MAX_VALUE);
  }

  /**
   * Notes where a poll began. Where that is before the end of the poll before, the partition has
   * lost what was read there, as after the failure of a leader that had not passed it on. Older
   * reports come again then, of which none may be published before the newer ones are read: it
   * begins anew.
   *
   * @return the partitions that have begun anew
   */
  List<TopicPartition> polled(Consumer<?, ?> consumer, ConsumerRecords<byte[], byte[]> records) {
    List<TopicPartition> anew = new ArrayList<>();
    for (TopicPartition partition : List.copyOf(all.keySet())) {
      OptionalLong from = from(consumer, records, partition);
      if (from.isPresent()) {
        if (of(partition).isBehind(from.getAsLong())) {
          log.atWarn()
              .addKeyValue("partition", partition)
              .addKeyValue("offset", from.getAsLong())
              .log("a partition has lost its end, its stream reports are read again");
          begin(consumer, List.of(partition));
          anew.add(partition);
        }
        of(partition).readTo(from.getAsLong());
      }
    }
    return anew;
  }

  /** Where a poll began in a partition; empty while the consumer has yet to find out. */
  private static OptionalLong from(
      Consumer<?, ?> consumer, ConsumerRecords<byte[], byte[]> records, TopicPartition partition) {
    List<ConsumerRecord<byte[], byte[]>> read = records.records(partition);
    if (!read.isEmpty()) {
      return OptionalLong.of(read.getFirst().offset());
    }
    try {
      return OptionalLong.of(consumer.position(partition, Duration.ZERO));
    } catch (TimeoutException e) {
      return OptionalLong.empty();
    }
  }
}
