package dev.shunt.registry;

import dev.shunt.schemas.registry.Compatibility;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The fold of the registry's topic. Folding a record a second time changes nothing. Safe for many
 * threads.
 */
final class RegistryState {
  /**
   * A version of a subject.
   *
   * @param number from 1
   * @param id id of its schema
   * @param schema the schema
   */
  record Version(int number, int id, Schema schema) {}

  private final Map<String, NavigableMap<Integer, Version>> subjects = new TreeMap<>();
  private final Map<Integer, Schema> schemas = new HashMap<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<String, Compatibility> levels = new HashMap<>();
  private Compatibility level = Compatibility.FULL_TRANSITIVE;

  /** Folds one record; SchemaParseException when its schema isn't Avro. */
  synchronized void apply(RegistryRecord record) {
    switch (record) {
      case RegistryRecord.Version version -> {
        Schema schema = new Schema.Parser().parse(version.schema());
        schemas.putIfAbsent(version.id(), schema);
        ids.putIfAbsent(schema.toString(), version.id());
        subjects
            .computeIfAbsent(version.subject(), unused -> new TreeMap<>())
            .put(version.version(), new Version(version.version(), version.id(), schema));
      }
      case RegistryRecord.Level set -> setLevel(set.subject(), set.level());
    }
  }

  private void setLevel(@Nullable String subject, @Nullable Compatibility to) {
    if (subject == null) {
      level = to == null ? Compatibility.FULL_TRANSITIVE : to;
    } else if (to == null) {
      levels.remove(subject);
    } else {
      levels.put(subject, to);
    }
  }

  synchronized List<String> subjects() {
    return List.copyOf(subjects.keySet());
  }

  /** Versions of a subject, oldest first; none when there is no such subject. */
  synchronized List<Version> versions(String subject) {
    return List.copyOf(subjects.getOrDefault(subject, Collections.emptyNavigableMap()).values());
  }

  /** The version of a subject that has a schema. */
  Optional<Version> find(String subject, Schema schema) {
    String text = schema.toString();
    return versions(subject).stream()
        .filter(version -> version.schema().toString().equals(text))
        .findFirst();
  }

  synchronized @Nullable Schema schema(int id) {
    return schemas.get(id);
  }

  /** Subjects that have the schema of an id, with the version. */
  synchronized List<Map.Entry<String, Integer>> uses(int id) {
    List<Map.Entry<String, Integer>> uses = new ArrayList<>();
    subjects.forEach((subject, versions) ->
        versions.values().stream()
            .filter(version -> version.id() == id)
            .forEach(version -> uses.add(Map.entry(subject, version.number()))));
    return uses;
  }

  /** The id that a schema has, or that the next new one gets. */
  synchronized int idFor(Schema schema) {
    Integer known = ids.get(schema.toString());
    return known != null ? known : 1 + schemas.keySet().stream().max(Integer::compare).orElse(0);
  }

  synchronized Compatibility level() {
    return level;
  }

  /** The level of a subject's own; null when it has none. */
  synchronized @Nullable Compatibility ownLevel(String subject) {
    return levels.get(subject);
  }

  /** The level that holds for a subject. */
  synchronized Compatibility levelOf(String subject) {
    return levels.getOrDefault(subject, level);
  }
}
