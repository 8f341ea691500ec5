package dev.shunt.registry;

import dev.shunt.schemas.registry.Compatibility;
import org.jspecify.annotations.Nullable;

/** What the topic of the registry says, in the order in which it holds. */
sealed interface RegistryRecord {
  /**
   * A schema is a version of a subject.
   *
   * @param subject name of the subject
   * @param version from 1, without gaps
   * @param id id of the schema, the same in every subject that has it
   * @param schema the schema as Avro prints it
   */
  record Version(String subject, int version, int id, String schema) implements RegistryRecord {}

  /**
   * A compatibility level was set.
   *
   * @param subject whose level; null for the level of all that have none
   * @param level the level; null when the subject has none any longer
   */
  record Level(@Nullable String subject, @Nullable Compatibility level) implements RegistryRecord {}
}
