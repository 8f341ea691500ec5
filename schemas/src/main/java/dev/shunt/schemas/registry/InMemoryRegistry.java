package dev.shunt.schemas.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * A registry within one JVM, for unit tests and topologies driven without a broker: ids are good
 * for its own life only. Refuses what is not FULL_TRANSITIVE, as the real one does.
 */
public final class InMemoryRegistry implements SchemaRegistry {
  private final Map<String, List<Schema>> subjects = new HashMap<>();
  private final List<Schema> byId = new ArrayList<>();
  private final Map<String, Integer> ids = new HashMap<>();

  @Override
  public synchronized int register(String subject, Schema schema) {
    List<Schema> versions = subjects.computeIfAbsent(subject, unused -> new ArrayList<>());
    List<String> problems = Compatibility.FULL_TRANSITIVE.problems(schema, versions);
    if (!problems.isEmpty()) {
      throw new RegistryException(409, 409, subject + ": " + problems.getFirst(), null);
    }
    String text = schema.toString();
    Integer id = ids.get(text);
    if (id == null) {
      byId.add(schema);
      id = byId.size();
      ids.put(text, id);
    }
    if (versions.stream().noneMatch(version -> version.toString().equals(text))) {
      versions.add(schema);
    }
    return id;
  }

  @Override
  public synchronized Schema byId(int id) {
    if (id < 1 || id > byId.size()) {
      throw new RegistryException(404, 40403, "Schema " + id + " not found", null);
    }
    return byId.get(id - 1);
  }
}
