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
    putOverrides(options, command.configOverrides());
    if (!command.globalKeyspace().isEmpty()) {
      options.put("global_keyspace", command.globalKeyspace());
    }
    return text(options);
  }

  /** Of a workflow whose only options are settings of its tablets. */
  static String json(Map<String, String> configOverrides) {
    Map<String, Object> options = new LinkedHashMap<>();
    putOverrides(options, configOverrides);
    return text(options);
  }

  private static void putOverrides(Map<String, Object> options, Map<String, String> overrides) {
    if (!overrides.isEmpty()) {
      options.put("config", new TreeMap<>(overrides));
    }
  }

  private static String text(Map<String, Object> options) {
    try {
      return JSON.writeValueAsString(options);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
