package dev.shunt.saga;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Details of a step that a later run reads back from the log: JSON. */
public final class Details {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Details() {}

  /** Names as text. */
  public static String text(Collection<String> names) {
    return write(new TreeSet<>(names));
  }

  /** Names by name as text. */
  public static String text(Map<String, Set<String>> names) {
    return write(new TreeMap<>(names));
  }

  /** A record of names, lists, sets and maps as text. */
  public static String text(Record values) {
    return write(values);
  }

  /** Reads a record; IllegalArgumentException when the text is something else. */
  public static <T extends Record> T values(String text, Class<T> type) {
    try {
      return JSON.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not the detail of a step: " + text, e);
    }
  }

  /** Reads names; IllegalArgumentException when the text is something else. */
  public static Set<String> names(String text) {
    return read(text, new TypeReference<TreeSet<String>>() {});
  }

  /** Reads names by name; IllegalArgumentException when the text is something else. */
  public static Map<String, Set<String>> setsByName(String text) {
    return read(text, new TypeReference<TreeMap<String, Set<String>>>() {});
  }

  private static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static <T> T read(String text, TypeReference<T> type) {
    try {
      return JSON.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not the detail of a step: " + text, e);
    }
  }
}
