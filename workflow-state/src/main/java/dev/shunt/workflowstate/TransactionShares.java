package dev.shunt.workflowstate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.apache.kafka.common.TopicPartition;

/**
 * Deals out what one transaction may have to the partitions: equal shares where it is enough for
 * all. Where it is not, as with more partitions than shards, those that got none are the first of
 * the next transaction.
 */
final class TransactionShares {
  private final int shards;
  private final long bytes;

  /** How many partitions, by their numbers, had their turn. */
  private int turn;

  /**
   * @param shards into how many target shards of workflows a transaction may have mere progress;
   *     into twice as many it may have more than that
   * @param bytes of reports in a transaction
   */
  TransactionShares(int shards, long bytes) {
    this.shards = shards;
    this.bytes = bytes;
  }

  /**
   * Takes what is due.
   *
   * @param now monotonic time, nanoseconds
   */
  SequencedMap<TopicPartition, List<Gathering.Due>> take(
      Map<TopicPartition, Gathering> gatherings, long now) {
    List<TopicPartition> order = new ArrayList<>(gatherings.keySet());
    order.sort(Comparator.comparingInt(TopicPartition::partition));
    Collections.rotate(order, -turn);
    int shares = Math.max(1, order.size());
    int left = shards;
    SequencedMap<TopicPartition, List<Gathering.Due>> all = new LinkedHashMap<>();
    for (TopicPartition partition : order) {
      if (left == 0) {
        break;
      }
      int most = Math.min(left, Math.ceilDiv(shards, shares));
      Gathering gathering = gatherings.get(partition);
      List<Gathering.Due> due =
          gathering == null ? List.of() : gathering.take(now, most, bytes / shares);
      left -= Math.min(most, due.stream().mapToInt(Gathering.Due::shards).sum());
      all.put(partition, due);
    }
    turn = (turn + all.size()) % shares;
    return all;
  }
}
