package dev.shunt.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimeMergeTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 20261122})
  void handsOverEverythingBeforeTheEndsByTime(long seed) {
    Random random = new Random(seed);
    List<List<ConsumerRecord<byte[], byte[]>>> logs = new ArrayList<>();
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (int partition = 0; partition < 4; partition++) {
      List<ConsumerRecord<byte[], byte[]>> log = log(random, partition);
      logs.add(log);
      ends.put(new TopicPartition("t", partition), (long) random.nextInt(log.size() + 1));
    }
    List<ConsumerRecord<byte[], byte[]>> expected =
        logs.stream()
            .flatMap(log -> log.subList(0, ends.get(partition(log)).intValue()).stream())
            .sorted(Comparator.comparingLong(ConsumerRecord::timestamp))
            .toList();

    List<ConsumerRecord<byte[], byte[]>> merged = new ArrayList<>();
    TimeMerge merge = new TimeMerge(ends, merged::add);
    int[] read = new int[4];
    ends.keySet().forEach(partition -> merge.position(partition, 0));
    while (!merge.complete()) {
      List<TopicPartition> wanted = merge.wanted();
      assertThat(wanted).as("seed %d", seed).isNotEmpty();
      TopicPartition next = wanted.get(random.nextInt(wanted.size()));
      List<ConsumerRecord<byte[], byte[]>> log = logs.get(next.partition());
      for (int i = random.nextInt(300); i > 0 && read[next.partition()] < log.size(); i--) {
        merge.add(log.get(read[next.partition()]++));
      }
      merge.position(next, read[next.partition()]);
      merge.drain();
    }

    assertThat(merged.stream().map(ConsumerRecord::timestamp))
        .containsExactlyElementsOf(expected.stream().map(ConsumerRecord::timestamp).toList());
    for (int partition = 0; partition < 4; partition++) {
      int wanted = partition;
      assertThat(
              merged.stream()
                  .filter(record -> record.partition() == wanted)
                  .map(ConsumerRecord::offset))
          .isSorted();
    }
  }

  private static TopicPartition partition(List<ConsumerRecord<byte[], byte[]>> log) {
    return new TopicPartition("t", log.getFirst().partition());
  }

  private static List<ConsumerRecord<byte[], byte[]>> log(Random random, int partition) {
    List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();
    long time = 1000;
    int size = 1 + random.nextInt(2000);
    for (int offset = 0; offset < size; offset++) {
      time += random.nextInt(5);
      log.add(
          new ConsumerRecord<>(
              "t",
              partition,
              offset,
              time,
              TimestampType.CREATE_TIME,
              0,
              0,
              new byte[0],
              new byte[0],
              new RecordHeaders(),
              Optional.empty()));
    }
    return log;
  }
}
