package dev.shunt.embedded;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.requests.TransactionResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends transactions that a partition holds open although their coordinator has finished with them,
 * as {@code kafka-transactions find-hanging} and {@code abort} do. How a transaction ended is read
 * from the coordinator's log: what was committed is committed, and all else aborted.
 */
final class HangingTransactions {
  private static final Logger log = LoggerFactory.getLogger(HangingTransactions.class);

  /** States in which the coordinator still ends a transaction by itself. */
  private static final Set<TransactionState> UNDER_WAY =
      Set.of(
          TransactionState.ONGOING,
          TransactionState.PREPARE_ABORT,
          TransactionState.PREPARE_COMMIT,
          TransactionState.PREPARE_EPOCH_FENCE);

  private HangingTransactions() {}

  /**
   * Looks for them on a broker that has just started and ends them. What can't be ended is left as
   * it is: those who read the partition report that they wait.
   *
   * @param port of the broker on 127.0.0.1
   * @return how many were ended
   */
  static int end(int port) {
    int ended = 0;
    try (Admin admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + port))) {
      List<OpenTransaction> open = OpenTransaction.in(admin, partitions(admin));
      if (!open.isEmpty()) {
        TransactionLogEnds coordinators = TransactionLogEnds.read(port);
        for (OpenTransaction one : hanging(admin, open, coordinators)) {
          ended += endOrSay(port, one, coordinators.of(one)) ? 1 : 0;
        }
      }
    } catch (ExecutionException | KafkaException | EmbeddedServerException e) {
      log.atWarn()
          .addKeyValue("port", port)
          .addKeyValue("reason", e.getMessage())
          .log("can't find out whether transactions hang in Kafka");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return ended;
  }

  /** One that can't be ended keeps no other from it. */
  private static boolean endOrSay(int port, OpenTransaction one, TransactionResult result) {
    try {
      return end(port, one, result);
    } catch (EmbeddedServerException | KafkaException e) {
      log.atWarn()
          .addKeyValue("partition", one.partition())
          .addKeyValue("reason", e.getMessage())
          .log("a transaction hangs in Kafka and can't be ended");
      return false;
    }
  }

  private static boolean end(int port, OpenTransaction one, TransactionResult result) {
    boolean ended = TransactionMarkers.write(port, one, result);
    if (ended) {
      log.atWarn()
          .addKeyValue("partition", one.partition())
          .addKeyValue("offset", one.startOffset())
          .addKeyValue("producer", one.producerId())
          .addKeyValue("ended", result == TransactionResult.COMMIT ? "committed" : "aborted")
          .log("a transaction hung since Kafka was killed; it is ended as its coordinator said");
    }
    return ended;
  }

  /** What is open and nobody's to end any more. */
  private static List<OpenTransaction> hanging(
      Admin admin, List<OpenTransaction> open, TransactionLogEnds coordinators)
      throws ExecutionException, InterruptedException {
    List<OpenTransaction> abandoned = new ArrayList<>();
    for (OpenTransaction one : open) {
      String id = coordinators.transactionalId(one.producerId());
      if (id == null || !underWay(admin, id, one)) {
        abandoned.add(one);
      }
    }
    // Only then looked at again: what its coordinator was just ending is open no more.
    abandoned.retainAll(
        OpenTransaction.in(
            admin, abandoned.stream().map(OpenTransaction::partition).distinct().toList()));
    return abandoned;
  }

  /**
   * Asked of the coordinator by the transaction's id, which waits until it has read its log; a list
   * of all transactions is empty before that.
   */
  private static boolean underWay(Admin admin, String id, OpenTransaction open)
      throws ExecutionException, InterruptedException {
    try {
      TransactionDescription now = admin.describeTransactions(Set.of(id)).all().get().get(id);
      return now != null
          && now.producerId() == open.producerId()
          && UNDER_WAY.contains(now.state())
          && now.topicPartitions().contains(open.partition());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TransactionalIdNotFoundException) {
        return false;
      }
      throw e;
    }
  }

  private static List<TopicPartition> partitions(Admin admin)
      throws ExecutionException, InterruptedException {
    Set<String> topics = admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
    List<TopicPartition> partitions = new ArrayList<>();
    admin
        .describeTopics(topics)
        .allTopicNames()
        .get()
        .forEach((topic, description) ->
            description
                .partitions()
                .forEach(one -> partitions.add(new TopicPartition(topic, one.partition()))));
    return partitions;
  }
}
