package dev.shunt.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaBrokerIT {
  @Test
  void keepsTopicsRecordsAndPortOverARestart(@TempDir Path directory) throws Exception {
    int port;
    String clusterId;
    try (KafkaBroker broker = KafkaBroker.start(directory, 0);
        Admin admin = admin(broker)) {
      port = broker.port();
      clusterId = admin.describeCluster().clusterId().get();
      admin.createTopics(java.util.List.of(new NewTopic("t", 1, (short) 1))).all().get();
      assertThat(send(broker)).isZero();
    }
    try (KafkaBroker broker = KafkaBroker.start(directory, port);
        Admin admin = admin(broker)) {
      assertThat(broker.bootstrapServers()).isEqualTo("127.0.0.1:" + port);
      assertThat(admin.describeCluster().clusterId().get()).isEqualTo(clusterId);
      assertThat(send(broker)).isEqualTo(1);
    }
  }

  private static long send(KafkaBroker broker) throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      return producer.send(new ProducerRecord<>("t", "k", "v")).get().offset();
    }
  }

  private static Admin admin(KafkaBroker broker) {
    return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }
}
