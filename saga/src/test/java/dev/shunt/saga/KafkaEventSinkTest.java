package dev.shunt.saga;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.InMemoryRegistry;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class KafkaEventSinkTest {
  private final MockProducer<String, byte[]> producer =
      new MockProducer<>(
          true, new RoundRobinPartitioner(), new StringSerializer(), new ByteArraySerializer());
  private final KafkaEventSink sink =
      new KafkaEventSink(
          Topics.EVENTS, () -> producer, new MessageSerializer(new InMemoryRegistry()));

  private Map<String, String> headersOf(String traceparent) {
    var unused =
        sink.send(
            new StepStarted(new EventHeader("customer", "c2c", "c1", 5, "here", 7), "a step", ""),
            traceparent);
    Map<String, String> headers = new TreeMap<>();
    producer
        .history()
        .getLast()
        .headers()
        .forEach(header ->
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
    return headers;
  }

  @Test
  void eventsSayWhatTheyAreAndWhatCausedThem() {
    assertThat(headersOf("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
        .containsOnly(
            Map.entry(MessageHeaders.CONTENT_TYPE, MessageHeaders.AVRO),
            Map.entry(MessageHeaders.COMMAND_ID, "c1"),
            Map.entry(MessageHeaders.CAUSATION_ID, "c1"),
            Map.entry(
                MessageHeaders.TRACEPARENT,
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  }

  @Test
  void anEventOfACommandWithoutATraceHasNone() {
    assertThat(headersOf(""))
        .containsOnlyKeys(
            MessageHeaders.CONTENT_TYPE, MessageHeaders.COMMAND_ID, MessageHeaders.CAUSATION_ID);
  }
}
