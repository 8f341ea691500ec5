package dev.shunt.tablet.manager;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.util.Map;
import java.util.TreeMap;

/** The column {@code options}: vtctldata.WorkflowOptions as JSON. */
final class WorkflowOptionsJson {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CONFIG = "config";

  private WorkflowOptionsJson() {}

  /**
   * The options with other configuration, as Vitess changes it: keys that are given a value take
   * the place of all that were there, an empty value only removes its key.
   */
  static String withConfig(String options, Map<String, String> overrides) {
    ObjectNode root = parse(options);
    boolean replaces = overrides.values().stream().anyMatch(value -> !value.isBlank());
    ObjectNode config =
        !replaces && root.get(CONFIG) instanceof ObjectNode present
            ? present
            : root.putObject(CONFIG);
    new TreeMap<>(overrides)
        .forEach((key, value) -> {
          if (value.isBlank()) {
            config.remove(key);
          } else {
            config.put(key, value.strip());
          }
        });
    return root.toString();
  }

  /** The configuration in the options. */
  static Map<String, String> config(String options) {
    Map<String, String> values = new TreeMap<>();
    JsonNode config = parse(options).get(CONFIG);
    if (config != null && config.isObject()) {
      config.properties().forEach(entry -> values.put(entry.getKey(), entry.getValue().asText()));
    }
    return values;
  }

  private static ObjectNode parse(String options) {
    try {
      return JSON.readTree(options.isBlank() ? "{}" : options) instanceof ObjectNode object
          ? object
          : JSON.createObjectNode();
    } catch (JsonProcessingException e) {
      throw new RpcException(
          Status.Code.INTERNAL,
          "stored workflow options are no JSON: " + e.getOriginalMessage(),
          e);
    }
  }
}
