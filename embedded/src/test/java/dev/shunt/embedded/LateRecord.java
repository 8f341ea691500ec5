package dev.shunt.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestHeader;

/** A record of a transaction that no coordinator knows of, as a producer of old writes one late. */
final class LateRecord {
  /** Versions from 12 on tell the coordinator of the partition. */
  private static final short VERSION = 9;

  private static final Set<Errors> NOT_YET =
      Set.of(Errors.NOT_LEADER_OR_FOLLOWER, Errors.UNKNOWN_TOPIC_OR_PARTITION);

  private LateRecord() {}

  static void write(int port, TopicPartition partition, long producerId, short epoch)
      throws IOException {
    ProduceRequestData.TopicProduceDataCollection topics =
        new ProduceRequestData.TopicProduceDataCollection();
    topics.add(
        new ProduceRequestData.TopicProduceData()
            .setName(partition.topic())
            .setPartitionData(
                List.of(
                    new ProduceRequestData.PartitionProduceData()
                        .setIndex(partition.partition())
                        .setRecords(
                            MemoryRecords.withTransactionalRecords(
                                Compression.NONE,
                                producerId,
                                epoch,
                                0,
                                new SimpleRecord(
                                    System.currentTimeMillis(),
                                    "late".getBytes(StandardCharsets.UTF_8)))))));
    ProduceRequest request =
        new ProduceRequest.Builder(
                VERSION,
                VERSION,
                new ProduceRequestData()
                    .setTransactionalId("forgotten")
                    .setAcks((short) -1)
                    .setTimeoutMs(10_000)
                    .setTopicData(topics))
            .build(VERSION);
    // A partition that was just created may have no leader yet; a producer would try again.
    assertThat(await().until(() -> send(port, request), error -> !NOT_YET.contains(error)))
        .isEqualTo(Errors.NONE);
  }

  private static Errors send(int port, ProduceRequest request) throws IOException {
    RequestHeader header = new RequestHeader(ApiKeys.PRODUCE, VERSION, "test", 1);
    AbstractResponse response =
        AbstractResponse.parseResponse(
            TransactionMarkers.call(port, request.serializeWithHeader(header)), header);
    return ((ProduceResponse) response).errorCounts().keySet().iterator().next();
  }
}
