package dev.shunt.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.MessageTypes;
import dev.shunt.schemas.SchemaFiles;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.registry.Compatibility;
import dev.shunt.schemas.registry.HttpRegistryClient;
import dev.shunt.schemas.registry.RegistryException;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the client needs of a registry; runs against ours and against another one. */
abstract class RegistryConformance {
  private HttpRegistryClient client;
  private HttpRegistryClient other;

  /** Base URL of the registry under test. */
  abstract String url();

  @BeforeEach
  void connect() {
    client = new HttpRegistryClient(url());
    other = new HttpRegistryClient(url());
    client.setCompatibility(Compatibility.FULL_TRANSITIVE);
  }

  @AfterEach
  void disconnect() {
    client.close();
    other.close();
  }

  @Test
  void keepsEveryRecordOfShunt() {
    for (Class<? extends Message> type : MessageTypes.all()) {
      int id = client.register(MessageTypes.nameOf(type), SchemaFiles.schemaOf(type));
      assertThat(other.register(MessageTypes.nameOf(type), SchemaFiles.schemaOf(type)))
          .isEqualTo(id);
      assertThat(other.byId(id)).isEqualTo(SchemaFiles.schemaOf(type));
    }
    assertThat(other.subjects()).contains("dev.shunt.SwitchTraffic", "dev.shunt.WorkflowStatus");
  }

  @Test
  void carriesARecordFromOneToAnother() {
    StepStarted event = new StepStarted(new EventHeader("k", "w", "c", 1, "me", 2), "deny", "x");
    byte[] bytes = Objects.requireNonNull(new MessageSerializer(client).serialize("t", event));

    assertThat(new MessageDeserializer(other).decode(bytes)).isEqualTo(event);
  }

  @Test
  void tellsUnknownIdsFromTrouble() {
    assertThatThrownBy(
            () -> new MessageDeserializer(client).decode(new byte[] {0, 0, 99, 99, 99, 1}))
        .isInstanceOfSatisfying(
            UndecodableException.class,
            e -> assertThat(e.kind()).isEqualTo(UndecodableException.Kind.UNKNOWN_SCHEMA));
  }

  @Test
  void refusesWhatIsIncompatible() {
    Schema first =
        SchemaBuilder.record("R").namespace("conformance").fields().optionalLong("a").endRecord();
    Schema second =
        SchemaBuilder.record("R")
            .namespace("conformance")
            .fields()
            .optionalLong("a")
            .optionalLong("b")
            .endRecord();
    Schema broken =
        SchemaBuilder.record("R").namespace("conformance").fields().requiredLong("c").endRecord();
    client.register("conformance.R", first);
    client.register("conformance.R", second);

    assertThat(client.isCompatible("conformance.R", first)).isTrue();
    assertThat(client.isCompatible("conformance.R", broken)).isFalse();
    assertThatThrownBy(() -> client.register("conformance.R", broken))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.status()).isEqualTo(409));
    assertThat(other.versions("conformance.R")).containsExactly(1, 2);
    assertThat(other.version("conformance.R", 2)).isEqualTo(second);
    assertThat(other.compatibility()).isEqualTo(Compatibility.FULL_TRANSITIVE);
  }
}
