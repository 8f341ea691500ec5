package dev.shunt.schemas;

import dev.shunt.schemas.registry.RegistryException;
import dev.shunt.schemas.registry.SchemaRegistry;
import java.util.Collection;

/**
 * Registers schemas ahead of the first record. A service that does so when it starts finds out
 * there that it may not, and others find the schema of a record that nobody has written yet.
 */
public final class SchemaRegistration {
  private SchemaRegistration() {}

  /**
   * Registers the schemas of some types.
   *
   * @throws IllegalStateException when the registry refuses one, or can't be reached
   */
  public static void register(SchemaRegistry registry, Collection<Class<? extends Message>> types) {
    for (Class<? extends Message> type : types) {
      try {
        registry.register(MessageTypes.nameOf(type), SchemaFiles.schemaOf(type));
      } catch (RegistryException e) {
        throw new IllegalStateException(message(MessageTypes.nameOf(type), e), e);
      }
    }
  }

  private static String message(String subject, RegistryException e) {
    return e.mayPass()
        ? "the schema %s can't be registered: %s".formatted(subject, e.getMessage())
        : ("the schema registry refuses the schema %s, so nothing can be written in it: %s; permit"
                + " this service to register its schemas, or register them for it")
            .formatted(subject, e.getMessage());
  }
}
