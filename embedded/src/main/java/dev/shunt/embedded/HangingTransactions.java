package dev.shunt.embedded;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
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
   * Looks for them on a broker that has just started and ends them.
   *
   * @param port of the broker on 127.0.0.1
   * @return how many there were
   * @throws EmbeddedServerException when that can't be done
   */
  static int end(int port) {
    try (Admin admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + port))) {
      List<OpenTransaction> hanging = find(admin);
      if (!hanging.isEmpty()) {
        TransactionLogEnds ends = TransactionLogEnds.read(port);
        for (OpenTransaction one : hanging) {
          end(port, one, ends.of(one));
        }
      }
      return hanging.size();
    } catch (ExecutionException e) {
      throw new EmbeddedServerException(
          "can't find out whether transactions hang in Kafka on port " + port, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedServerException("interrupted while Kafka starts", e);
    }
  }

  private static void end(int port, OpenTransaction one, TransactionResult result) {
    TransactionMarkers.write(port, one, result);
    log.atWarn()
        .addKeyValue("partition", one.partition())
        .addKeyValue("offset", one.startOffset())
        .addKeyValue("producer", one.producerId())
        .addKeyValue("ended", result == TransactionResult.COMMIT ? "committed" : "aborted")
        .log(
            "a transaction hung in Kafka since it was killed; it is ended as its coordinator said");
  }

  /** What is open and nobody's to end any more. */
  private static List<OpenTransaction> find(Admin admin)
      throws ExecutionException, InterruptedException {
    List<OpenTransaction> open = OpenTransaction.in(admin, partitions(admin));
    if (open.isEmpty()) {
      return open;
    }
    List<OpenTransaction> abandoned = new ArrayList<>();
    for (OpenTransaction one : open) {
      if (!underWay(admin, one)) {
        abandoned.add(one);
      }
    }
    // Only then looked at again: what its coordinator was just ending is open no more.
    abandoned.retainAll(
        OpenTransaction.in(
            admin, abandoned.stream().map(OpenTransaction::partition).distinct().toList()));
    return abandoned;
  }

  private static boolean underWay(Admin admin, OpenTransaction open)
      throws ExecutionException, InterruptedException {
    Collection<TransactionListing> listed =
        admin
            .listTransactions(
                new ListTransactionsOptions().filterProducerIds(Set.of(open.producerId())))
            .all()
            .get();
    Set<String> ids =
        listed.stream()
            .filter(one -> UNDER_WAY.contains(one.state()))
            .map(TransactionListing::transactionalId)
            .collect(Collectors.toSet());
    Collection<TransactionDescription> described =
        admin.describeTransactions(ids).all().get().values();
    return described.stream().anyMatch(one -> one.topicPartitions().contains(open.partition()));
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
