package dev.shunt.embedded;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.coordinator.transaction.TransactionLog;
import org.apache.kafka.coordinator.transaction.TransactionMetadata;
import org.apache.kafka.coordinator.transaction.TransactionState;
import org.jspecify.annotations.Nullable;

/** How transactions ended, as far as their coordinators' log still says. */
final class TransactionLogEnds {
  /**
   * A decision of a coordinator, in the order of its log.
   *
   * @param producerEpoch of the marker that was to be written
   * @param bumped whether the marker's epoch is one above that of the records
   * @param partitions that the transaction wrote to
   */
  record Decision(
      long producerId,
      short producerEpoch,
      boolean bumped,
      TransactionResult result,
      Set<TopicPartition> partitions) {}

  private final List<Decision> decisions;
  private final Map<Long, String> ids;

  /**
   * @param ids transactional ids by the ids of their producers
   */
  TransactionLogEnds(List<Decision> decisions, Map<Long, String> ids) {
    this.decisions = List.copyOf(decisions);
    this.ids = Map.copyOf(ids);
  }

  /** The transactional id of a producer; null when the log knows none. */
  @Nullable String transactionalId(long producerId) {
    return ids.get(producerId);
  }

  /**
   * The end of a transaction.
   *
   * @return ABORT where the log says nothing of it, as Kafka's tools do
   */
  TransactionResult of(OpenTransaction open) {
    TransactionResult result = TransactionResult.ABORT;
    for (Decision one : decisions) {
      // Where the log was compacted only its last word is left, which names no partitions.
      boolean itsPartition =
          one.partitions().contains(open.partition())
              || (one.partitions().isEmpty()
                  && one.bumped()
                  && one.producerEpoch() == open.producerEpoch() + 1);
      boolean sameProducer = one.producerId() == open.producerId() && itsPartition;
      // An abort after a time-out bumps the epoch under every version of the protocol.
      boolean ofItsEpoch =
          one.producerEpoch() == open.producerEpoch() + 1
              || (!one.bumped() && one.producerEpoch() == open.producerEpoch());
      if (sameProducer && ofItsEpoch) {
        result = one.result();
      }
    }
    return result;
  }

  /** Reads the log of a broker on 127.0.0.1. */
  static TransactionLogEnds read(int port) {
    List<Decision> decisions = new ArrayList<>();
    Map<Long, String> ids = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                "127.0.0.1:" + port,
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topic.TRANSACTION_STATE_TOPIC_NAME).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long giveUp = System.nanoTime() + Duration.ofMinutes(1).toNanos();
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        if (System.nanoTime() - giveUp > 0) {
          throw new EmbeddedServerException("Kafka's log of transactions can't be read");
        }
        consumer.poll(Duration.ofMillis(100)).forEach(record -> add(record, decisions, ids));
      }
    }
    return new TransactionLogEnds(decisions, ids);
  }

  private static void add(
      ConsumerRecord<byte[], byte[]> record, List<Decision> decisions, Map<Long, String> ids) {
    if (record.key() == null || record.value() == null) {
      return;
    }
    TransactionLog.ReadResult read =
        TransactionLog.read(ByteBuffer.wrap(record.key()), ByteBuffer.wrap(record.value()));
    if (read instanceof TransactionLog.TxnRecord one) {
      TransactionMetadata transaction = one.metadata();
      ids.put(transaction.producerId(), one.transactionId());
      TransactionState state = transaction.state();
      boolean commit =
          state == TransactionState.PREPARE_COMMIT || state == TransactionState.COMPLETE_COMMIT;
      boolean abort =
          state == TransactionState.PREPARE_ABORT || state == TransactionState.COMPLETE_ABORT;
      if (commit || abort) {
        decisions.add(
            new Decision(
                transaction.producerId(),
                transaction.producerEpoch(),
                transaction.clientTransactionVersion().supportsEpochBump(),
                commit ? TransactionResult.COMMIT : TransactionResult.ABORT,
                Set.copyOf(transaction.topicPartitions())));
      }
    }
  }
}
