package dev.shunt.embedded;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.common.TopicPartition;

/**
 * A transaction that a partition holds open: whoever reads committed records waits at its start.
 *
 * @param producerId of the producer that wrote it
 * @param producerEpoch that its records carry
 * @param coordinatorEpoch the highest that the partition has seen of the producer, at least 0
 * @param startOffset of its first record
 */
record OpenTransaction(
    TopicPartition partition,
    long producerId,
    short producerEpoch,
    int coordinatorEpoch,
    long startOffset) {

  /** All that the leaders of these partitions hold open. */
  static List<OpenTransaction> in(Admin admin, Collection<TopicPartition> partitions)
      throws ExecutionException, InterruptedException {
    List<OpenTransaction> open = new ArrayList<>();
    admin
        .describeProducers(partitions)
        .all()
        .get()
        .forEach((partition, producers) -> {
          for (ProducerState one : producers.activeProducers()) {
            one.currentTransactionStartOffset()
                .ifPresent(start -> open.add(of(partition, one, start)));
          }
        });
    return open;
  }

  private static OpenTransaction of(TopicPartition partition, ProducerState state, long start) {
    return new OpenTransaction(
        partition,
        state.producerId(),
        (short) state.producerEpoch(),
        Math.max(0, state.coordinatorEpoch().orElse(0)),
        start);
  }
}
