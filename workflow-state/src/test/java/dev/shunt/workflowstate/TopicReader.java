package dev.shunt.workflowstate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads a topic from its beginning, as far as it is committed; keeps what it has read. */
final class TopicReader implements AutoCloseable {
  private final KafkaConsumer<String, byte[]> consumer;
  private final List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();

  TopicReader(String bootstrapServers, String... topics) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        Stream.of(topics)
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** What is new since the last call, after a short wait. */
  List<ConsumerRecord<String, byte[]>> more() {
    List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
    consumer.poll(Duration.ofMillis(50)).forEach(found::add);
    records.addAll(found);
    return found;
  }

  /** Everything read so far, with what is new. */
  List<ConsumerRecord<String, byte[]>> all() {
    more();
    return List.copyOf(records);
  }

  /** The last value of each key; tombstones are left out. */
  Map<String, byte[]> last() {
    Map<String, byte[]> last = new HashMap<>();
    for (ConsumerRecord<String, byte[]> record : all()) {
      if (record.value() == null) {
        last.remove(record.key());
      } else {
        last.put(record.key(), record.value());
      }
    }
    return last;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
