package dev.shunt.copy.creating;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shunt.schemas.MoveTablesCreate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Options of a workflow as they stand in {@code _vt.vreplication.options}: zero values left out.
 */
final class WorkflowOptions {
  private static final ObjectMapper JSON = new ObjectMapper();

  private WorkflowOptions() {}

  static String json(MoveTablesCreate command) {
    Map<String, Object> options = new LinkedHashMap<>();
    switch (CreationChecks.handling(command)) {
      case "REMOVE" -> options.put("sharded_auto_increment_handling", 1);
      case "REPLACE" -> options.put("sharded_auto_increment_handling", 2);
      default -> {}
    }
    if (!command.configOverrides().isEmpty()) {
      options.put("config", new TreeMap<>(command.configOverrides()));
    }
    if (!command.globalKeyspace().isEmpty()) {
      options.put("global_keyspace", command.globalKeyspace());
    }
    try {
      return JSON.writeValueAsString(options);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
