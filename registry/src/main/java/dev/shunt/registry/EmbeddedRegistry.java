package dev.shunt.registry;

import dev.shunt.net.HttpFace;
import dev.shunt.registry.RegistryLog.Decision;
import dev.shunt.schemas.registry.Compatibility;
import dev.shunt.schemas.registry.RegistryException;
import dev.shunt.schemas.registry.SchemaRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.kafka.clients.CommonClientConfigs;
import org.jspecify.annotations.Nullable;

/**
 * A schema registry within this process, kept in the compacted topic {@code _schemas}. Any number
 * of processes may run one over the same Kafka; whatever one has answered, all know. Compatibility
 * is FULL_TRANSITIVE until somebody sets another level. Schemas are never deleted: records on the
 * logs need them for ever.
 */
public final class EmbeddedRegistry implements SchemaRegistry, AutoCloseable {
  private final RegistryState state = new RegistryState();
  private final RegistryLog log;

  /**
   * @param bootstrapServers Kafka, as clients take it
   */
  public EmbeddedRegistry(String bootstrapServers) {
    this(Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
  }

  /**
   * @param kafka settings of Kafka clients: bootstrap servers, security
   */
  public EmbeddedRegistry(Map<String, ?> kafka) {
    this.log = new RegistryLog(kafka, state);
  }

  /** Creates the topic when it is missing, reads it to its end and follows it. */
  public void start() {
    log.start();
  }

  /** Serves Confluent's paths below the root of a server; its other paths stay as they are. */
  public void mount(HttpFace face) {
    RegistryHandler handler = new RegistryHandler(this);
    for (String path : List.of("/subjects", "/schemas", "/config", "/compatibility", "/mode")) {
      face.serve(path, handler);
    }
  }

  @Override
  public int register(String subject, Schema schema) {
    Optional<RegistryState.Version> known = state.find(subject, schema);
    return known.isPresent()
        ? known.get().id()
        : log.write(() -> decideToRegister(subject, schema));
  }

  private Decision<Integer> decideToRegister(String subject, Schema schema) {
    Optional<RegistryState.Version> known = state.find(subject, schema);
    if (known.isPresent()) {
      return new Decision<>(null, known.get().id());
    }
    List<RegistryState.Version> versions = state.versions(subject);
    List<String> problems = problems(subject, schema, versions);
    if (!problems.isEmpty()) {
      throw new RegistryException(
          409,
          409,
          "Schema being registered is incompatible with an earlier schema for subject \"%s\" (%s): %s"
              .formatted(subject, state.levelOf(subject), String.join("; ", problems)),
          null);
    }
    int id = state.idFor(schema);
    int version = versions.isEmpty() ? 1 : versions.getLast().number() + 1;
    return new Decision<>(new RegistryRecord.Version(subject, version, id, schema.toString()), id);
  }

  /** Why a schema may not follow some versions of a subject, by the level that holds for it. */
  List<String> problems(String subject, Schema schema, List<RegistryState.Version> versions) {
    return state
        .levelOf(subject)
        .problems(schema, versions.stream().map(RegistryState.Version::schema).toList());
  }

  @Override
  public Schema byId(int id) {
    Schema known = state.schema(id);
    if (known == null) {
      known = current().schema(id);
    }
    if (known == null) {
      throw new RegistryException(404, 40403, "Schema " + id + " not found", null);
    }
    return known;
  }

  /** Sets the level of a subject, or of all without one of their own when it is null. */
  void setLevel(@Nullable String subject, @Nullable Compatibility level) {
    log.write(() -> new Decision<>(new RegistryRecord.Level(subject, level), true));
  }

  /** The state with all that any instance has answered before this call. */
  RegistryState current() {
    log.catchUp();
    return state;
  }

  @Override
  public void close() {
    log.close();
  }
}
