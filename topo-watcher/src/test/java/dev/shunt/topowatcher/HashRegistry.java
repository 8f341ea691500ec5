package dev.shunt.topowatcher;

import dev.shunt.schemas.MessageTypes;
import dev.shunt.schemas.SchemaFiles;
import dev.shunt.schemas.registry.SchemaRegistry;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;

/** Gives every process the same ids without a server. */
final class HashRegistry implements SchemaRegistry {
  private final Map<Integer, Schema> schemas = new HashMap<>();

  HashRegistry() {
    MessageTypes.all()
        .forEach(type -> {
          Schema schema = SchemaFiles.schemaOf(type);
          schemas.put(id(MessageTypes.nameOf(type)), schema);
        });
  }

  private static int id(String subject) {
    return subject.hashCode() & 0xffffff;
  }

  @Override
  public int register(String subject, Schema schema) {
    return id(subject);
  }

  @Override
  public Schema byId(int id) {
    return schemas.get(id);
  }
}
