package dev.shunt.client;

import dev.shunt.schemas.Event;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.UndecodableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/** The log of what happened, from its first record. Any number of threads may use one. */
public final class AuditLog implements AutoCloseable {
  /** A replay never waits for new records. */
  private static final Duration FETCH_WAIT = Duration.ofMillis(10);

  private static final Duration POLL = Duration.ofMillis(200);

  private final Connection connection;
  private final MessageDeserializer deserializer;
  private final Admin admin;

  /**
   * @param connection stays the giver's to close
   */
  public AuditLog(Connection connection) {
    this.connection = connection;
    this.deserializer = connection.deserializer();
    this.admin = connection.admin();
  }

  /**
   * Reads everything that was committed before the call. The events of a workflow come in the order
   * in which they took effect; those of several workflows are merged by the time they were written.
   *
   * @param sink gets each event that the query wants, on this thread
   * @return how many it got
   * @throws UndecodableException when a record that may be wanted is not an event, with its place;
   *     nothing is left out in silence
   */
  public long replay(AuditQuery query, Consumer<EventRecord> sink) {
    return replay(
        query,
        sink,
        unreadable -> {
          throw unreadable;
        });
  }

  /**
   * As {@link #replay(AuditQuery, Consumer)}, but goes on behind a record that is not an event.
   *
   * @param unreadable gets what is wrong with each of those, with its place, unless its key or the
   *     command that it names says that it is not wanted
   */
  public long replay(
      AuditQuery query, Consumer<EventRecord> sink, Consumer<UndecodableException> unreadable) {
    long[] count = {0};
    read(
        Topics.EVENTS,
        record -> {
          Event event;
          try {
            event = decode(record);
          } catch (UndecodableException e) {
            if (query.mayMatch(record)) {
              unreadable.accept(e);
            }
            return;
          }
          if (query.matches(event)) {
            count[0]++;
            sink.accept(new EventRecord(record.partition(), record.offset(), event));
          }
        });
    return count[0];
  }

  /**
   * How many partitions workflows are spread over: as the services have it of the cluster's record,
   * also where somebody has added partitions to a topic since. An old cluster has no record.
   */
  int partitions() {
    return connection
        .recordedPartitions()
        .orElseGet(() -> Offsets.partitions(admin, List.of(Topics.EVENTS)).size());
  }

  /** Hands over every record of a topic that was committed before the call, merged by time. */
  void read(String topic, Consumer<ConsumerRecord<byte[], byte[]>> sink) {
    List<TopicPartition> partitions = Offsets.partitions(admin, List.of(topic));
    Map<TopicPartition, Long> ends = Offsets.committedEnds(admin, partitions);
    Map<TopicPartition, Long> beginnings = Offsets.beginnings(admin, partitions);
    TimeMerge merge = new TimeMerge(ends, sink);
    try (KafkaConsumer<byte[], byte[]> consumer = connection.consumer(FETCH_WAIT)) {
      consumer.assign(partitions);
      beginnings.forEach(consumer::seek);
      beginnings.forEach(merge::position);
      while (!merge.complete()) {
        consumer.resume(merge.wanted());
        consumer.pause(merge.unwanted());
        consumer.poll(POLL).forEach(merge::add);
        partitions.forEach(one -> merge.position(one, consumer.position(one)));
        merge.drain();
      }
    }
  }

  /**
   * Hands over every record of a topic that was committed before the call, those of a partition in
   * their order, on as many threads as there are processors: all that the fold of a workflow needs,
   * in a fraction of the time of a merge.
   *
   * @param sinks makes a sink, which gets all records of some partitions, on one thread
   * @return the sinks
   */
  <T extends Consumer<ConsumerRecord<byte[], byte[]>>> List<T> readPartitions(
      String topic, Supplier<T> sinks) {
    List<TopicPartition> partitions = Offsets.partitions(admin, List.of(topic));
    Map<TopicPartition, Long> ends = Offsets.committedEnds(admin, partitions);
    Map<TopicPartition, Long> beginnings = Offsets.beginnings(admin, partitions);
    int shares = Math.min(partitions.size(), Runtime.getRuntime().availableProcessors());
    List<Future<T>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int share = 0; share < shares; share++) {
        int first = share;
        List<TopicPartition> some =
            IntStream.iterate(first, i -> i < partitions.size(), i -> i + shares)
                .mapToObj(partitions::get)
                .toList();
        all.add(threads.submit(() -> read(some, beginnings, ends, sinks.get())));
      }
      try {
        List<T> read = new ArrayList<>();
        for (Future<T> one : all) {
          read.add(one.get());
        }
        return read;
      } catch (ExecutionException e) {
        threads.shutdownNow();
        throw e.getCause() instanceof RuntimeException cause ? cause : new KafkaException(e);
      } catch (InterruptedException e) {
        threads.shutdownNow();
        throw new InterruptException(e);
      }
    }
  }

  private <T extends Consumer<ConsumerRecord<byte[], byte[]>>> T read(
      List<TopicPartition> partitions,
      Map<TopicPartition, Long> beginnings,
      Map<TopicPartition, Long> ends,
      T sink) {
    Set<TopicPartition> open = new HashSet<>(partitions);
    try (KafkaConsumer<byte[], byte[]> consumer = connection.bulkConsumer(FETCH_WAIT)) {
      consumer.assign(partitions);
      partitions.forEach(one -> consumer.seek(one, end(beginnings, one)));
      while (true) {
        open.removeIf(one -> consumer.position(one) >= end(ends, one));
        if (open.isEmpty()) {
          return sink;
        }
        consumer.pause(partitions.stream().filter(one -> !open.contains(one)).toList());
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        for (TopicPartition partition : records.partitions()) {
          long end = end(ends, partition);
          for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
            if (record.offset() < end) {
              sink.accept(record);
            }
          }
        }
      }
    }
  }

  private static long end(Map<TopicPartition, Long> ends, TopicPartition partition) {
    return Objects.requireNonNull(ends.get(partition));
  }

  /**
   * The event of a record.
   *
   * @throws UndecodableException when it has none, with its place
   */
  Event decode(ConsumerRecord<byte[], byte[]> record) {
    String place = "partition " + record.partition() + " offset " + record.offset();
    @Nullable Message message;
    try {
      message = deserializer.deserialize(record.topic(), record.value());
    } catch (UndecodableException e) {
      throw new UndecodableException(e.kind(), place + ": " + e.getMessage(), e);
    }
    if (message instanceof Event event) {
      return event;
    }
    throw new UndecodableException(
        UndecodableException.Kind.UNKNOWN_RECORD,
        place
            + ": not an event but a "
            + (message == null ? "tombstone" : message.getClass().getSimpleName()));
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(5));
  }
}
