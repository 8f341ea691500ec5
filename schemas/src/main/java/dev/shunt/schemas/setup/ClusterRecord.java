package dev.shunt.schemas.setup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;

/**
 * What all services of a cluster take for granted. On its topic it is JSON, as no registry is
 * needed to read that; when it was written is the time of its Kafka record.
 *
 * @param partitions how many partitions each co-partitioned topic has, at least 1
 * @param writtenBy the instance that wrote it
 */
public record ClusterRecord(int partitions, String writtenBy) {
  /** Of the form of the record; one that has fields more is of the same. */
  private static final int VERSION = 1;

  private static final ObjectMapper JSON = new ObjectMapper();

  public ClusterRecord {
    if (partitions < 1) {
      throw new IllegalArgumentException("a topic has at least one partition, not " + partitions);
    }
  }

  byte[] toJson() {
    try {
      return JSON.writeValueAsBytes(
          JSON.createObjectNode()
              .put("version", VERSION)
              .put("partitions", partitions)
              .put("writtenBy", writtenBy));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts and numbers are JSON", e);
    }
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException when it is not such a record; the message says why
   */
  static ClusterRecord ofJson(byte[] value) {
    JsonNode node;
    try {
      node = JSON.readTree(value);
    } catch (IOException e) {
      throw new IllegalArgumentException("it is not JSON", e);
    }
    int version = number(node, "version");
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "it has the version %d, and this program knows %d only".formatted(version, VERSION));
    }
    return new ClusterRecord(
        number(node, "partitions"), node.path("writtenBy").asText("somebody unnamed"));
  }

  private static int number(JsonNode node, String field) {
    JsonNode value = node.path(field);
    if (!value.canConvertToInt() || !value.isIntegralNumber()) {
      throw new IllegalArgumentException("it has no whole number in '" + field + "'");
    }
    return value.intValue();
  }
}
