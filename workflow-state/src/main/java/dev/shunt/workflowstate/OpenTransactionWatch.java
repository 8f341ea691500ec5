package dev.shunt.workflowstate;

import dev.shunt.schemas.Topics;
import dev.shunt.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports when a transaction stays open on a partition of the topics of workflows: committed
 * records behind it can't be read until it ends, and if nobody ends it the workflows of that
 * partition wait for ever.
 */
final class OpenTransactionWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OpenTransactionWatch.class);

  /** Of the topics of workflows those that the applications read. */
  private static final Set<String> READ =
      Set.of(
          Topics.COMMANDS,
          Topics.EVENTS,
          Topics.STREAMS,
          Topics.STREAM_BATCHES,
          Topics.STREAM_SUMMARIES);

  private final Map<String, Object> settings;
  private final String internalPrefix;
  private final Duration every;
  private final Duration patience;
  private final Time time;
  private final CompletableFuture<Boolean> closing = new CompletableFuture<>();
  private final Map<TopicPartition, Wait> waits = new HashMap<>();
  private final Thread thread = Thread.ofVirtual().name("open-transactions").unstarted(this::run);

  /** The longest wait of an application, for whoever has to explain why it does not go on. */
  private volatile Optional<String> longest = Optional.empty();

  /** The time of day is shown, the other one measured. */
  private record Wait(
      long stableOffset, long end, Instant since, long sinceNanos, boolean reported) {}

  /**
   * @param settings of an admin client
   * @param applicationId prefix of the internal topics
   * @param every how often it looks
   * @param patience how long a transaction may be open before it is reported
   */
  OpenTransactionWatch(
      Map<String, Object> settings,
      String applicationId,
      Duration every,
      Duration patience,
      Time time) {
    this.settings = settings;
    this.internalPrefix = applicationId + "-";
    this.every = every;
    this.patience = patience;
    this.time = time;
  }

  void start() {
    thread.start();
  }

  /** A sentence on the partition for which an application has waited longest, if one waits. */
  Optional<String> longest() {
    return longest;
  }

  private void run() {
    try (Admin admin = Admin.create(settings)) {
      while (!time.await(closing, every)) {
        try {
          look(admin);
        } catch (ExecutionException | RuntimeException | Error e) {
          failed(e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Goes on whatever fails, memory for the line in the log included. */
  private static void failed(Throwable why) {
    try {
      log.atDebug().setCause(why).log("can't look for open transactions");
    } catch (RuntimeException | Error e) {
      // There may be no memory for it, nor would there be to say that.
    }
  }

  private void look(Admin admin) throws ExecutionException, InterruptedException {
    List<TopicPartition> partitions = partitions(admin);
    Map<TopicPartition, Long> stable = ends(admin, partitions, IsolationLevel.READ_COMMITTED);
    Map<TopicPartition, Long> ends = ends(admin, partitions, IsolationLevel.READ_UNCOMMITTED);
    for (TopicPartition partition : partitions) {
      long stableOffset = stable.getOrDefault(partition, 0L);
      long end = ends.getOrDefault(partition, 0L);
      if (stableOffset < end) {
        waiting(partition, stableOffset, end);
      } else {
        goesOn(partition);
      }
    }
    longest =
        waits.entrySet().stream()
            .filter(one -> waitedLong(one.getValue()) && isRead(one.getKey().topic()))
            .min(Map.Entry.comparingByValue((a, b) -> a.since().compareTo(b.since())))
            .map(one -> sentence(one.getKey(), one.getValue()));
  }

  private boolean isRead(String topic) {
    return READ.contains(topic) || topic.startsWith(internalPrefix);
  }

  private void waiting(TopicPartition partition, long stableOffset, long end) {
    Wait before = waits.get(partition);
    Wait now =
        before != null && before.stableOffset() == stableOffset
            ? new Wait(stableOffset, end, before.since(), before.sinceNanos(), before.reported())
            : new Wait(stableOffset, end, time.instant(), time.nanoTime(), false);
    if (!now.reported() && waitedLong(now)) {
      log.atWarn()
          .addKeyValue("partition", partition)
          .addKeyValue("lastStableOffset", stableOffset)
          .addKeyValue("end", end)
          .addKeyValue("since", now.since())
          .log(sentence(partition, now));
      now = new Wait(stableOffset, end, now.since(), now.sinceNanos(), true);
    }
    waits.put(partition, now);
  }

  private void goesOn(TopicPartition partition) {
    Wait before = waits.remove(partition);
    if (before != null && before.reported()) {
      log.atInfo()
          .addKeyValue("partition", partition)
          .addKeyValue("since", before.since())
          .log("the transaction has ended, its partition is read on");
    }
  }

  private boolean waitedLong(Wait wait) {
    return time.nanoTime() - wait.sinceNanos() >= patience.toNanos();
  }

  private static String sentence(TopicPartition partition, Wait wait) {
    return "partition %s is read up to offset %d only, where a transaction is open since %s or before;"
            .formatted(partition, wait.stableOffset(), wait.since())
        + " if its producer is gone, end it: kafka-transactions.sh --bootstrap-server HOST:PORT abort"
        + " --topic %s --partition %d --start-offset %d"
            .formatted(partition.topic(), partition.partition(), wait.stableOffset());
  }

  private List<TopicPartition> partitions(Admin admin)
      throws ExecutionException, InterruptedException {
    Set<String> topics =
        Stream.concat(
                Topics.CO_PARTITIONED.stream(),
                admin.listTopics().names().get().stream()
                    .filter(name -> name.startsWith(internalPrefix)))
            .collect(Collectors.toSet());
    List<TopicPartition> partitions = new ArrayList<>();
    admin
        .describeTopics(topics)
        .allTopicNames()
        .get()
        .forEach((name, topic) ->
            topic
                .partitions()
                .forEach(one -> partitions.add(new TopicPartition(name, one.partition()))));
    return partitions;
  }

  private static Map<TopicPartition, Long> ends(
      Admin admin, List<TopicPartition> partitions, IsolationLevel isolation)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(partition, OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> one :
        admin.listOffsets(wanted, new ListOffsetsOptions(isolation)).all().get().entrySet()) {
      ends.put(one.getKey(), one.getValue().offset());
    }
    return ends;
  }

  @Override
  public void close() {
    closing.complete(true);
  }
}
