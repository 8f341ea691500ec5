package dev.shunt.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a service prints when it is ready. */
final class ReadyLine {
  private ReadyLine() {}

  static String of(Service service) {
    Map<String, String> line = new LinkedHashMap<>();
    line.put("service", service.name());
    line.put("state", "ready");
    line.putAll(service.endpoints());
    try {
      return new ObjectMapper().writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
