package dev.shunt.workflowstate;

import dev.shunt.schemas.MessageTypes;
import dev.shunt.schemas.SchemaFiles;
import dev.shunt.schemas.registry.InMemoryRegistry;
import dev.shunt.schemas.registry.SchemaRegistry;
import java.util.Comparator;

/** A registry that gives the same ids in every process. */
final class FixedRegistry {
  private FixedRegistry() {}

  static SchemaRegistry create() {
    InMemoryRegistry registry = new InMemoryRegistry();
    MessageTypes.all().stream()
        .sorted(Comparator.comparing(MessageTypes::nameOf))
        .forEach(type -> registry.register(MessageTypes.nameOf(type), SchemaFiles.schemaOf(type)));
    return registry;
  }
}
