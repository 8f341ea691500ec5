package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.schemas.registry.InMemoryRegistry;
import dev.shunt.schemas.registry.RegistryException;
import dev.shunt.schemas.registry.SchemaRegistry;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class SchemaRegistrationTest {
  private record Failing(RegistryException why) implements SchemaRegistry {
    @Override
    public int register(String subject, Schema schema) {
      throw why;
    }

    @Override
    public Schema byId(int id) {
      throw why;
    }
  }

  @Test
  void registersBeforeAnythingIsWritten() {
    InMemoryRegistry registry = new InMemoryRegistry();

    SchemaRegistration.register(registry, List.of(StreamBatch.class, Rejected.class));

    assertThat(registry.byId(1)).isEqualTo(SchemaFiles.schemaOf(StreamBatch.class));
    assertThat(registry.byId(2)).isEqualTo(SchemaFiles.schemaOf(Rejected.class));
  }

  @Test
  void saysWhichSchemaIsRefusedAndWhatToDo() {
    SchemaRegistry registry = new Failing(new RegistryException(403, 40301, "forbidden", null));

    assertThatThrownBy(() -> SchemaRegistration.register(registry, List.of(StreamBatch.class)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "the schema registry refuses the schema dev.shunt.StreamBatch, so nothing can be written"
                + " in it: forbidden; permit this service to register its schemas, or register them"
                + " for it");
  }

  @Test
  void saysThatNoRegistryAnswers() {
    SchemaRegistry registry = new Failing(new RegistryException(0, 0, "no answer", null));

    assertThatThrownBy(() -> SchemaRegistration.register(registry, List.of(StreamBatch.class)))
        .hasMessage("the schema dev.shunt.StreamBatch can't be registered: no answer");
  }
}
