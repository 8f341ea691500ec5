package dev.shunt.schemas.setup;

import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the topics of a cluster ready for a service, or refuses. Whoever is first writes the
 * cluster's record, before it creates any topic by it:
 *
 * <pre>
 *   no record ──▶ write one, read the first ──▶ record ──▶ create what is missing ──▶ ready
 *       │                                         │                  │
 *       └─────────────── refused ◀────────────────┴──────────────────┘
 * </pre>
 */
public final class ClusterSetup {
  private static final Logger log = LoggerFactory.getLogger(ClusterSetup.class);

  private final Map<String, Object> kafka;
  private final ClusterLog clusterLog;
  private final int replicationFactor;
  private final int wanted;
  private final String instance;

  /**
   * @param kafka settings of Kafka clients: {@code bootstrap.servers}, security
   * @param replicationFactor copies of each partition of new topics, or {@link
   *     TopicCreator#CLUSTER_DEFAULT}; from 3 on, a write needs two of them
   * @param wanted how many partitions the co-partitioned topics are to have; 0 for as many as they
   *     have, and {@link Topics#PARTITIONS} in a new cluster
   * @param instance who sets it up, for its record
   */
  public ClusterSetup(Map<String, ?> kafka, int replicationFactor, int wanted, String instance) {
    this.kafka = Map.copyOf(kafka);
    this.clusterLog = new ClusterLog(kafka);
    this.replicationFactor = replicationFactor;
    this.wanted = wanted;
    this.instance = instance;
  }

  /**
   * Creates what is missing, and looks whether all topics are as the record says. Several processes
   * may do so at once; all that return have the same answer. A topic that is there is never
   * changed.
   *
   * @return how many partitions each co-partitioned topic has
   * @throws SetupRefusedException when settings, record and topics don't go together; then nothing
   *     was written or created, unless another process set the cluster up at the same time
   * @throws KafkaException when the cluster refuses or does not answer
   */
  public int ensure() {
    try (Admin admin = Admin.create(new HashMap<>(kafka))) {
      Map<String, Integer> counts = TopicCreator.partitionCounts(admin);
      FirstRecord first =
          counts.containsKey(Topics.CLUSTER) ? clusterLog.first() : new FirstRecord.Missing();
      int partitions =
          switch (SetupDecision.of(first, wanted, counts)) {
            case SetupDecision.Proceed(int recorded) -> recorded;
            case SetupDecision.Write(int chosen) -> {
              counts = write(admin, chosen);
              first = clusterLog.awaitFirst();
              yield proceed(first, counts);
            }
            case SetupDecision.Refuse(String reason) -> throw new SetupRefusedException(reason);
          };
      if (counts.size() == Topics.all().size()) {
        return partitions;
      }
      counts = TopicCreator.createMissing(admin, replicationFactor, partitions, Topics.all());
      return proceed(first, counts);
    }
  }

  private Map<String, Integer> write(Admin admin, int partitions) {
    Map<String, Integer> counts =
        TopicCreator.createMissing(
            admin, replicationFactor, partitions, List.of(Topics.definition(Topics.CLUSTER)));
    clusterLog.append(new ClusterRecord(partitions, instance));
    log.atInfo()
        .addKeyValue("topic", Topics.CLUSTER)
        .addKeyValue("partitions", partitions)
        .addKeyValue("instance", instance)
        .log("cluster record written");
    return counts;
  }

  private int proceed(FirstRecord first, Map<String, Integer> counts) {
    return switch (SetupDecision.of(first, wanted, counts)) {
      case SetupDecision.Proceed(int partitions) -> partitions;
      case SetupDecision.Write _ ->
          throw new IllegalStateException(Topics.CLUSTER + " is empty behind a write");
      case SetupDecision.Refuse(String reason) -> throw new SetupRefusedException(reason);
    };
  }

  /**
   * How many partitions the record says the co-partitioned topics have; empty where there is no
   * record that can be read. Changes nothing.
   *
   * @param kafka settings of Kafka clients
   * @throws KafkaException when the cluster does not answer
   */
  public static OptionalInt recordedPartitions(Map<String, ?> kafka) {
    return switch (new ClusterLog(kafka).first()) {
      case FirstRecord.Written written -> OptionalInt.of(written.record().partitions());
      case FirstRecord.Missing _, FirstRecord.Foreign _ -> OptionalInt.empty();
    };
  }
}
