package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.StreamHead;
import dev.shunt.schemas.StreamId;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class TransactionSharesTest {
  private static final int SHARDS = 12;
  private static final long NOW = 5;

  private final TransactionShares shares = new TransactionShares(SHARDS, 1_000_000);
  private final Map<TopicPartition, Gathering> gatherings = new HashMap<>();
  private long offset;

  /** So many workflows of each partition have a report that tells something new. */
  private void reports(int partitions, int workflows) {
    for (int partition = 0; partition < partitions; partition++) {
      Gathering gathering =
          gatherings.computeIfAbsent(
              new TopicPartition(Topics.STREAMS, partition), _ -> new Gathering(0));
      for (int i = 0; i < workflows; i++) {
        WorkflowKey key = new WorkflowKey("customer", partition + "-" + i);
        report(gathering, key);
      }
    }
  }

  private void report(Gathering gathering, WorkflowKey key) {
    StreamHead head =
        new StreamHead(
            key.keyspace(),
            key.workflow(),
            1,
            new StreamId("-80", "zone1-0000000200", 1),
            false,
            "Running",
            "as of " + offset);
    gathering.put(key, head, new Gathering.Report(offset++, Optional.empty(), new byte[] {1}));
  }

  /** How many workflows of each partition are taken. */
  private Map<Integer, Integer> take() {
    Map<Integer, Integer> taken = new HashMap<>();
    shares
        .take(gatherings, NOW)
        .forEach((partition, due) -> taken.put(partition.partition(), due.size()));
    taken.values().removeIf(count -> count == 0);
    return taken;
  }

  @Test
  void fewPartitionsHaveEqualShares() {
    reports(4, 10);

    assertThat(take()).isEqualTo(Map.of(0, 6, 1, 6, 2, 6, 3, 6));
    assertThat(take()).isEqualTo(Map.of(0, 4, 1, 4, 2, 4, 3, 4));
    assertThat(take()).isEmpty();
  }

  @Test
  void morePartitionsThanWorkflowsTakeTurns() {
    reports(16, 4);

    Set<Integer> served = new HashSet<>();
    for (int i = 0; i < 2; i++) {
      Map<Integer, Integer> taken = take();
      assertThat(taken).hasSize(SHARDS);
      served.addAll(taken.keySet());
    }
    assertThat(served).hasSize(16);
    int rest = 0;
    for (Map<Integer, Integer> taken = take(); !taken.isEmpty(); taken = take()) {
      rest += taken.values().stream().mapToInt(Integer::intValue).sum();
    }
    assertThat(rest).isEqualTo(16 * 4 - 2 * 2 * SHARDS);
  }

  @Test
  void ofManyPartitionsWhereLittleIsDueNoneWaits() {
    reports(64, 0);
    TopicPartition last = new TopicPartition(Topics.STREAMS, 63);
    WorkflowKey key = new WorkflowKey("customer", "only");
    report(gatherings.get(last), key);

    assertThat(shares.take(gatherings, NOW).get(last)).hasSize(1);
  }

  @Test
  void withoutPartitionsNothingIsTaken() {
    assertThat(shares.take(Map.of(), NOW)).isEmpty();
  }

  @Test
  void partitionsMayComeAndGo() {
    reports(16, 8);
    take();
    gatherings.keySet().removeIf(partition -> partition.partition() > 2);

    assertThat(take()).isEqualTo(Map.of(0, 6, 1, 6, 2, 6));
    gatherings.clear();
    assertThat(take()).isEmpty();
  }
}
