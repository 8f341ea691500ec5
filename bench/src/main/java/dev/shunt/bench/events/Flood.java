package dev.shunt.bench.events;

import dev.shunt.client.WorkflowTable;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StreamReported;
import dev.shunt.schemas.StreamState;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Reports of all streams, round after round, as fast as Kafka takes them, and what their last ones
 * must come to. Bytes are made before: tablets are other machines' work.
 */
final class Flood {
  private static final String KEYSPACE = "flood";
  private static final List<String> SHARDS = List.of("-40", "40-80", "80-c0", "c0-");
  private static final String STOPPED = "stopped by the last report";

  @SuppressWarnings("ArrayRecordComponent")
  private record Report(String key, byte[] value) {}

  private final EventsCluster cluster;
  private final EventsOptions options;
  private int rounds;

  Flood(EventsCluster cluster, EventsOptions options) {
    this.cluster = cluster;
    this.options = options;
  }

  /** Reports that are ready to be written, some rounds of all streams, and what they come to. */
  final class Wave {
    private final List<Report> reports = new ArrayList<>();
    private final Map<WorkflowKey, List<StreamStatus>> last = new HashMap<>();

    private Wave(int count) {
      MessageSerializer serializer = new MessageSerializer(cluster.registry());
      for (int round = 1; round <= count; round++) {
        rounds++;
        for (int workflow = 0; workflow < options.workflows(); workflow++) {
          WorkflowKey key = new WorkflowKey(KEYSPACE, "workflow-" + workflow);
          for (int stream = 0; stream < options.streams(); stream++) {
            StreamStatus status = stream(stream, rounds, round == count);
            byte[] value =
                serializer.serialize(
                    Topics.STREAMS,
                    new StreamReported(key.keyspace(), key.workflow(), rounds, status));
            reports.add(new Report(key.toString(), Objects.requireNonNull(value)));
            if (round == count) {
              last.computeIfAbsent(key, unused -> new ArrayList<>()).add(status);
            }
          }
        }
      }
    }

    int size() {
      return reports.size();
    }

    private boolean isLast(WorkflowKey key, @Nullable WorkflowStatus status) {
      return status != null && status.streams().equals(sorted(key));
    }

    private List<StreamStatus> sorted(WorkflowKey key) {
      // Shards, tablets and ids ascend together but for the order in which they are reported.
      return Objects.requireNonNull(last.get(key)).stream()
          .sorted(Comparator.comparing(StreamStatus::shard).thenComparingLong(StreamStatus::id))
          .toList();
    }
  }

  /** Makes the reports of some rounds. */
  Wave wave(int count) {
    return new Wave(count);
  }

  private static StreamStatus stream(int number, int round, boolean last) {
    int shard = number % SHARDS.size();
    boolean stopped = last && number == 0;
    return StreamStatus.of(
            SHARDS.get(shard), "zone1-%010d".formatted(200 + shard), 1 + number / SHARDS.size())
        .with(draft -> {
          draft.source =
              "keyspace:\"commerce\" shard:\"0\" filter:{rules:{match:\"customer\""
                  + " filter:\"select * from customer\"}}";
          draft.position = "MySQL56/0f1a2b3c-4d5e-11ee-8a9b-0242ac120002:1-" + 1000L * round;
          draft.state = (stopped ? StreamState.STOPPED : StreamState.RUNNING).text();
          draft.message = stopped ? STOPPED : "";
          draft.dbName = "vt_flood";
          draft.rowsCopied = 1000L * round;
          draft.timeUpdated = 1_700_000_000L + round;
          draft.workflowType = 1;
        });
  }

  /**
   * Writes a wave and waits until the status of every stream is its last one.
   *
   * @return seconds from the first write on
   * @throws IllegalStateException when it takes too long, or the status comes to something else
   */
  double run(Wave wave, WorkflowTable table) throws InterruptedException {
    CountDownLatch folded = new CountDownLatch(1);
    Set<WorkflowKey> missing = new HashSet<>(wave.last.keySet());
    WorkflowTable.Subscription subscription =
        table.subscribe(change -> {
          if (missing.contains(change.key()) && wave.isLast(change.key(), change.status())) {
            missing.remove(change.key());
            if (missing.isEmpty()) {
              folded.countDown();
            }
          }
        });
    try (KafkaProducer<String, byte[]> producer = producer()) {
      long began = System.nanoTime();
      for (Report report : wave.reports) {
        var unused =
            producer.send(new ProducerRecord<>(Topics.STREAMS, report.key(), report.value()));
      }
      producer.flush();
      boolean all = folded.await(options.longest().toSeconds(), TimeUnit.SECONDS);
      double seconds = (System.nanoTime() - began) / 1e9;
      check(wave, table, all);
      return seconds;
    } finally {
      subscription.close();
    }
  }

  /** A fast wrong answer is none: what the table has in the end is what was reported last. */
  private static void check(Wave wave, WorkflowTable table, boolean all) {
    for (WorkflowKey key : wave.last.keySet()) {
      WorkflowStatus status = table.get(key).orElse(null);
      if (!wave.isLast(key, status)) {
        throw new IllegalStateException(
            "%s: the streams of %s are %s and not %s"
                .formatted(
                    all ? "the status has changed once more" : "not folded in time",
                    key,
                    status == null ? "unknown" : status.streams(),
                    wave.sorted(key)));
      }
    }
  }

  private KafkaProducer<String, byte[]> producer() {
    Map<String, Object> settings = cluster.kafka().producer();
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024);
    return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }
}
