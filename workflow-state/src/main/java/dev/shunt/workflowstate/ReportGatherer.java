package dev.shunt.workflowstate;

import dev.shunt.schemas.Rejected;
import dev.shunt.schemas.StreamHead;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.Transactions;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what tablets report of their streams and publishes the last report of each, gathered by
 * workflow, to be folded: however fast reports come in, a workflow has a batch a second, and one
 * more when a stream's state changes. Any number of instances share the partitions.
 *
 * <p>Batches and how far reports are read are committed together. A report that waits holds back
 * the latter, so a successor reads it again; and as a successor publishes nothing before it has
 * read all that was there when it began, no stream goes back to an older report.
 */
final class ReportGatherer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ReportGatherer.class);

  /** A record ends the wait, and so do a batch that is due and {@link #close}. */
  private static final Duration POLL = Duration.ofSeconds(5);

  /** Between two transactions. */
  private static final Duration PUBLISH_EVERY = Duration.ofMillis(25);

  /**
   * Into how many target shards of workflows a transaction may have mere progress; it may have
   * changes into twice as many. These are 8,000 and 16,000 a second, of all partitions together.
   */
  private static final int SHARDS = 200;

  /** Reports of a transaction, which is to be over long before the broker takes it for lost. */
  private static final long TRANSACTION_BYTES = 4L * 1024 * 1024;

  private static final CloseOptions LEAVE_WITHIN = CloseOptions.timeout(Duration.ofMillis(250));
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);
  private static final Duration TRY_AGAIN_AFTER = Duration.ofSeconds(1);

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final IncomingReports incoming;
  private final ReportBatches batches;
  private final Time time;
  private final CompletableFuture<Boolean> closing = new CompletableFuture<>();
  private final CompletableFuture<Boolean> joined = new CompletableFuture<>();
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
  private final Thread thread;
  private final Gatherings gatherings = new Gatherings();
  private final TransactionShares shares = new TransactionShares(SHARDS, TRANSACTION_BYTES);
  private final List<Rejected> rejections = new ArrayList<>();
  private long publishedAt;
  private volatile @Nullable Consumer<byte[], byte[]> current;

  /**
   * Reads nothing before {@link #start}.
   *
   * @param consumers makes members of the group; one that broke is replaced
   * @param producers makes producers with transactions, not initialized
   * @param partitions how many partitions each co-partitioned topic has; asked once a record comes
   */
  ReportGatherer(
      Supplier<Consumer<byte[], byte[]>> consumers,
      Supplier<Producer<byte[], byte[]>> producers,
      SchemaRegistry registry,
      IntSupplier partitions,
      Time time) {
    this.consumers = consumers;
    this.producers = producers;
    this.incoming = new IncomingReports(registry, partitions);
    this.batches = new ReportBatches(registry, time);
    this.time = time;
    this.thread = Thread.ofPlatform().name("stream-reports").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Completes when the group has assigned partitions for the first time. */
  CompletableFuture<Boolean> joined() {
    return joined;
  }

  private void run() {
    try {
      while (!closing.isDone()) {
        try {
          gather();
        } catch (WakeupException e) {
          // Closing.
        } catch (RuntimeException | Error e) { // nothing is kept, so it begins as after a death
          sayAndWait(e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.complete(true);
    }
  }

  /** Nobody would see that this thread has ended, so not even a failure in here ends it. */
  private void sayAndWait(Throwable why) throws InterruptedException {
    try {
      try {
        log.atWarn().setCause(why).log("reading of stream reports broke, it begins again");
      } finally {
        time.await(closing, TRY_AGAIN_AFTER);
      }
    } catch (RuntimeException | Error e) {
      // Most likely there is no memory for it, nor would there be to say that.
    }
  }

  private void gather() {
    Producer<byte[], byte[]> producer = producers.get();
    try {
      producer.initTransactions();
      Consumer<byte[], byte[]> consumer = consumers.get();
      current = consumer;
      try {
        consumer.subscribe(List.of(Topics.STREAMS), new Assignment(consumer));
        publishedAt = time.nanoTime() - PUBLISH_EVERY.toNanos();
        while (!closing.isDone()) {
          ConsumerRecords<byte[], byte[]> records = consumer.poll(untilDue(time.nanoTime()));
          forgetRejections(gatherings.polled(consumer, records));
          take(records);
          long now = time.nanoTime();
          if (untilDue(now).isZero()) {
            publish(consumer, producer, now);
          }
        }
      } finally {
        current = null;
        gatherings.clear();
        rejections.clear();
        consumer.close(LEAVE_WITHIN);
      }
    } finally {
      producer.close(Duration.ZERO); // what it has not committed is not to be
    }
  }

  /** Until the next transaction is due. */
  private Duration untilDue(long now) {
    long due = rejections.isEmpty() ? gatherings.dueIn(now) : 0;
    long nanos =
        due == Long.MAX_VALUE
            ? POLL.toNanos()
            : Math.max(due, publishedAt + PUBLISH_EVERY.toNanos() - now);
    return Duration.ofNanos(Math.max(0, Math.min(nanos, POLL.toNanos())));
  }

  private void take(ConsumerRecords<byte[], byte[]> records) {
    for (TopicPartition partition : records.partitions()) {
      Gathering gathering = gatherings.of(partition);
      for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
        take(gathering, record);
      }
    }
    records.nextOffsets().forEach((partition, next) -> gatherings.of(partition).readTo(next));
  }

  private void take(Gathering gathering, ConsumerRecord<byte[], byte[]> record) {
    switch (incoming.read(record.partition(), record.key(), record.value())) {
      case IncomingReports.Read.Understood(WorkflowKey key, StreamHead head) ->
          gathering.put(
              key,
              head,
              new Gathering.Report(record.offset(), record.leaderEpoch(), record.value()));
      case IncomingReports.Read.Unreadable(String reason) ->
          reject(record.partition(), record.offset(), record.key(), record.value(), reason);
    }
  }

  private void reject(
      int partition, long offset, byte @Nullable [] key, byte @Nullable [] value, String reason) {
    rejections.add(
        Rejections.of(Topics.STREAMS, partition, offset, reason, key, value, time.millis()));
  }

  /** Whatever can be refused or wait for others is done before the transaction begins. */
  private void publish(
      Consumer<byte[], byte[]> consumer, Producer<byte[], byte[]> producer, long now) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    shares
        .take(gatherings.byPartition(), now)
        .forEach((partition, all) ->
            all.forEach(due -> records.addAll(batches.of(partition.partition(), due))));
    gatherings.forEach((partition, gathering) -> {
      gathering.resumeAt().ifPresent(at -> offsets.put(partition, at));
    });
    rejections.forEach(rejected -> records.add(batches.of(rejected)));
    rejections.clear();
    Transactions.commit(
        producer,
        () -> {
          for (ProducerRecord<byte[], byte[]> record : records) {
            var unused = producer.send(record); // one that fails fails the transaction
          }
          producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        });
    publishedAt = time.nanoTime();
  }

  /** What of these partitions waits to be rejected; it is found again. */
  private void forgetRejections(Collection<TopicPartition> partitions) {
    rejections.removeIf(rejected ->
        partitions.contains(new TopicPartition(rejected.topic(), rejected.partition())));
  }

  private final class Assignment implements ConsumerRebalanceListener {
    private final Consumer<byte[], byte[]> consumer;

    Assignment(Consumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      gatherings.begin(consumer, partitions);
      joined.complete(true);
    }

    /** What is not published yet is read again by whoever gets the partition. */
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      gatherings.forget(partitions);
      forgetRejections(partitions);
    }
  }

  /** Stops; what is not published yet is read again by a successor. */
  @Override
  public void close() {
    closing.complete(true);
    Consumer<byte[], byte[]> reading = current;
    if (reading != null) {
      reading.wakeup();
    }
    try {
      if (thread.getState() != Thread.State.NEW && !time.await(ended, CLOSE_WITHIN)) {
        log.atWarn()
            .log(
                "the reader of stream reports does not end: Kafka or the registry does not answer");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
