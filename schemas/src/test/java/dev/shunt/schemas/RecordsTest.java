package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.shunt.schemas.registry.InMemoryRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What records know beside what they hold, and how they are read without being set up. */
class RecordsTest {
  private static final CommandHeader HEADER =
      new CommandHeader("c1", "customer", "c2c", "me", "", null, false, 1000);

  private static InFlight running(String id) {
    return InFlight.of(id, "SwitchTraffic", "switcher", "me", false, 5);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 9223372036854775807, false",
    "2000, 2000, false",
    "2000, 2001, true",
    "-1, 5, false"
  })
  void aCommandIsLateBehindItsTime(long beginBefore, long now, boolean late) {
    assertThat(HEADER.withBeginBefore(beginBefore).late(now)).isEqualTo(late);
    assertThat(HEADER.withBeginBefore(beginBefore).withBeginBefore(0)).isEqualTo(HEADER);
  }

  @Test
  void aDiffIsNamedAfterItsCommandUnlessItHasAName() {
    assertThat(VDiffCreate.of(HEADER).uuid()).isEqualTo("c1");
    assertThat(VDiffCreate.of(HEADER).with(draft -> draft.uuid = "u").uuid()).isEqualTo("u");
  }

  @Test
  void theCommandThatChangesAWorkflowIsNamedBeforeThoseBesideIt() {
    WorkflowStatus status =
        WorkflowStatus.of("customer", "c2c")
            .with(draft -> {
              draft.inFlight = running("change");
              draft.inFlightDiffs = List.of(running("d1"), running("d2"));
            });

    assertThat(status.allInFlight())
        .extracting(InFlight::commandId)
        .containsExactly("change", "d1", "d2");
    assertThat(status.inFlight("d2")).contains(running("d2"));
    assertThat(status.inFlight("d3")).isEmpty();
    assertThat(status.inFlightDiff()).isEqualTo(running("d1"));
    assertThat(WorkflowStatus.of("a", "b").allInFlight()).isEmpty();
  }

  @Test
  void whatChangesOfACommandUnderWayLeavesTheRest() {
    InFlight one = running("c1").withStep("deny").withFence(7);
    Signal signal = new Signal("s1", SignalKind.STOP, "me", 9);

    assertThat(one.withSignals(List.of(signal)).withStep("").withFence(0).withSignals(List.of()))
        .isEqualTo(running("c1"));
    assertThat(one.step()).isEqualTo("deny");
    assertThat(one.fence()).isEqualTo(7);
  }

  @Test
  void listsOfARecordAreItsOwn() {
    List<String> tables = new ArrayList<>(List.of("t"));
    VDiffCreate diff = VDiffCreate.of(HEADER).with(draft -> draft.tables = tables);
    tables.add("u");
    assertThat(diff.tables()).containsExactly("t");
  }

  @Test
  void aReportIsABatchOfItsOwn() {
    StreamStatus stream = StreamStatus.of("-80", "zone1-0000000200", 7);
    assertThat(StreamBatch.of(new StreamReported("customer", "c2c", 5, stream)))
        .isEqualTo(new StreamBatch("customer", "c2c", List.of(stream), List.of()));
    assertThat(
            StreamBatch.of(new StreamRemoved("customer", "c2c", 5, "-80", "zone1-0000000200", 7)))
        .isEqualTo(
            new StreamBatch(
                "customer", "c2c", List.of(), List.of(new StreamId("-80", "zone1-0000000200", 7))));
    assertThat(StreamId.of(stream)).isEqualTo(new StreamId("-80", "zone1-0000000200", 7));
  }

  @Test
  void withoutARegistryNothingIsWrittenOrRead() {
    byte[] bytes = {0, 0, 0, 0, 1, 2};
    try (MessageSerializer serializer = new MessageSerializer();
        MessageDeserializer deserializer = new MessageDeserializer()) {
      assertThatExceptionOfType(SerializationException.class)
          .isThrownBy(() -> serializer.serialize("t", VDiffCreate.of(HEADER)))
          .withMessage("no schema registry: configure() was not called");
      assertThatExceptionOfType(SerializationException.class)
          .isThrownBy(() -> deserializer.deserialize("t", bytes))
          .withMessage("no schema registry: configure() was not called");
      for (Map<String, Object> settings :
          List.<Map<String, Object>>of(Map.of(), Map.of("schema.registry.url", 7))) {
        assertThatExceptionOfType(SerializationException.class)
            .isThrownBy(() -> serializer.configure(settings, false))
            .withMessage("schema.registry.url is not set");
        assertThatExceptionOfType(SerializationException.class)
            .isThrownBy(() -> deserializer.configure(settings, true));
      }
    }
  }

  /** Where one was given, the settings of a client do not take its place. */
  @Test
  void theRegistryThatIsGivenStays() {
    InMemoryRegistry registry = new InMemoryRegistry();
    try (MessageSerializer serializer = new MessageSerializer(registry);
        MessageDeserializer deserializer = new MessageDeserializer(registry)) {
      serializer.configure(Map.of(), false);
      deserializer.configure(Map.of(), false);
      byte[] bytes = serializer.serialize("t", VDiffCreate.of(HEADER));
      assertThat(deserializer.deserialize("t", bytes)).isEqualTo(VDiffCreate.of(HEADER));
    }
  }

  @Test
  void aUrlThatIsNoneIsRefusedWithoutItsPassword() {
    try (MessageSerializer serializer = new MessageSerializer()) {
      for (String url :
          List.of("http://ann:ge heim@h:1", "http://ann:ge^heim@h:1", "http://ann:geheim%@h:1")) {
        assertThatExceptionOfType(IllegalArgumentException.class)
            .isThrownBy(
                () -> serializer.configure(Map.of(MessageSerializer.REGISTRY_URL, url), false))
            .withMessageStartingWith("the URL of the schema registry is malformed: ")
            .withNoCause()
            .satisfies(e -> assertThat(e.getMessage()).doesNotContain("heim"));
      }
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(
              () -> serializer.configure(Map.of(MessageSerializer.REGISTRY_URL, " , "), false))
          .withMessage("the URL of the schema registry is empty");
    }
  }
}
