package dev.shunt.schemas.registry;

import org.apache.avro.Schema;

/** Gives each schema an id, the same to everybody who asks. Safe for use by many threads. */
public interface SchemaRegistry {
  /**
   * Ensures that a schema is a version of a subject.
   *
   * @return the id that stands for the schema on the wire
   * @throws RegistryException with status 409 when the schema is incompatible with the subject's
   *     versions; with status 0 when no registry could be reached
   */
  int register(String subject, Schema schema);

  /**
   * The schema of an id.
   *
   * @throws RegistryException with status 404 when there is none; with status 0 when no registry
   *     could be reached
   */
  Schema byId(int id);
}
