package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StreamReported;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

/**
 * Kafka Streams closes a processor and initializes it again when the transaction of its task has
 * failed. What it scheduled before goes on, unless it is cancelled.
 */
class RevivedTaskTest {
  private final MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
  private final CommitPace pace =
      new CommitPace(
          Duration.ofHours(1), 0, Duration.ofHours(1), Duration.ofHours(1), System::nanoTime);
  private final AdmissionProcessor processor =
      new AdmissionProcessor(FixedRegistry.create(), "i", () -> 4, pace);

  RevivedTaskTest() {
    for (String name :
        List.of(
            AdmissionTopology.STATUSES,
            AdmissionTopology.ADMISSIONS,
            AdmissionTopology.COMMAND_IDS,
            AdmissionTopology.UNTOLD)) {
      var store =
          Stores.keyValueStoreBuilder(
                  Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray())
              .withLoggingDisabled()
              .build();
      store.init(context.getStateStoreContext(), store);
      context.addStateStore(store);
    }
  }

  private Stream<CapturedPunctuator> going() {
    return context.scheduledPunctuators().stream().filter(one -> !one.cancelled());
  }

  private void takeSomething() {
    context.setCurrentSystemTimeMs(1);
    context.setRecordMetadata(Topics.EVENTS, 0, 0);
    byte[] noEvent =
        new MessageSerializer(FixedRegistry.create())
            .serialize(
                Topics.STREAMS,
                new StreamReported("customer", "c2c", 1, StreamStatus.of("0", "zone1-1", 1)));
    processor.process(new Record<>(new byte[0], noEvent, 0));
  }

  @Test
  void nothingOfTheFormerLifeGoesOn() {
    processor.init(context);
    pace.committed();
    takeSomething();
    assertThat(going()).as("the tick and the reminder of a commit").hasSize(2);

    processor.close();
    assertThat(going()).isEmpty();

    processor.init(context);
    takeSomething();
    assertThat(going()).hasSize(2);
  }
}
