package dev.shunt.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a record of a workflow lies, and what stands beside its value. */
class KeysAndHeadersTest {
  private static String word(Random random) {
    String letters = "abAB09_-ä漢";
    StringBuilder word = new StringBuilder();
    for (int i = random.nextInt(8); i >= 0; i--) {
      word.append(letters.charAt(random.nextInt(letters.length())));
    }
    return word.toString();
  }

  /** Readers ask the partition that the producer has chosen by itself. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void thePartitionIsTheOneThatKafkasProducerChooses(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      WorkflowKey key = new WorkflowKey(word(random), word(random) + "." + word(random));
      int partitions = 1 + random.nextInt(Topics.MOST_PARTITIONS);
      assertThat(key.partition(partitions))
          .isEqualTo(BuiltInPartitioner.partitionForKey(key.toString().getBytes(UTF_8), partitions))
          .isBetween(0, partitions - 1);
      assertThat(WorkflowKey.parse(key.toString())).isEqualTo(key);
      assertThat(TaskKey.workflowOf(TaskKey.beside(key, "a.b"))).isEqualTo(key);
    }
  }

  @Test
  void keysAreInTheOrderOfTheirKeyspaces() {
    List<WorkflowKey> keys = new ArrayList<>();
    for (String text : List.of("b.a", "a.z", "a.b.c", "ab.a", "a.b")) {
      keys.add(WorkflowKey.parse(text));
    }
    keys.sort(null);
    assertThat(keys)
        .extracting(WorkflowKey::toString)
        .containsExactly("a.b", "a.b.c", "a.z", "ab.a", "b.a");
    assertThat(WorkflowKey.parse("a.b")).isEqualByComparingTo(new WorkflowKey("a", "b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a", "a.", ".a", "..", "/", "a/b.c", "!x"})
  void whatNamesNoWorkflowIsRefused(String text) {
    String named = text.split("[/!]", -1)[0];
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TaskKey.workflowOf(text))
        .withMessage("not a workflow key (keyspace.workflow): " + named);
  }

  private static List<String> names(Headers headers) {
    return Arrays.stream(headers.toArray()).map(Header::key).toList();
  }

  private static String value(Headers headers, String name) {
    return new String(headers.lastHeader(name).value(), UTF_8);
  }

  @Test
  void eachKindOfRecordHasItsHeaders() {
    assertThat(names(MessageHeaders.plain())).containsExactly("content-type");
    assertThat(value(MessageHeaders.plain(), "content-type"))
        .isEqualTo("application/vnd.confluent.avro");

    Headers command = MessageHeaders.ofCommand("ä-1", "00-t-s-01");
    assertThat(names(command)).containsExactly("content-type", "shunt-command-id", "traceparent");
    assertThat(value(command, "shunt-command-id")).isEqualTo("ä-1");
    assertThat(MessageHeaders.traceparent(command)).isEqualTo("00-t-s-01");

    Headers event = MessageHeaders.ofEvent("c1", "");
    assertThat(names(event))
        .containsExactly("content-type", "shunt-command-id", "shunt-causation-id");
    assertThat(value(event, "shunt-causation-id")).isEqualTo("c1");
    assertThat(MessageHeaders.traceparent(event)).isEmpty();
  }

  /** Anybody may have written it: what goes on into every event must stay small. */
  @Test
  void aTraceThatCanNotBePassedOnIsNone() {
    Headers headers = MessageHeaders.plain();
    headers.add(MessageHeaders.TRACEPARENT, null);
    assertThat(MessageHeaders.traceparent(headers)).isEmpty();
    headers.add(MessageHeaders.TRACEPARENT, "x".repeat(256).getBytes(UTF_8));
    assertThat(MessageHeaders.traceparent(headers)).hasSize(256);
    headers.add(MessageHeaders.TRACEPARENT, "x".repeat(257).getBytes(UTF_8));
    assertThat(MessageHeaders.traceparent(headers)).isEmpty();
    headers.add(MessageHeaders.TRACEPARENT, "last".getBytes(UTF_8));
    assertThat(MessageHeaders.traceparent(headers)).isEqualTo("last");
  }
}
