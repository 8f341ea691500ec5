package dev.shunt.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;

/**
 * Where a cluster listens.
 *
 * @param vtctld host:port of vtctlservice.Vtctld
 * @param http base address of the command service's HTTP face
 * @param kafka host:port of Kafka
 * @param registry base address of the schema registry
 * @param tablets host:port of each tablet, by alias
 * @param mysql database address of each tablet, by alias; the password is {@code shunt} unless the
 *     user gave the database
 */
public record Endpoints(
    String vtctld,
    String http,
    String kafka,
    String registry,
    Map<String, String> tablets,
    Map<String, String> mysql) {

  /** One JSON object on one line. */
  public String toJson() {
    try {
      return new ObjectMapper().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
