package dev.shunt.workflow.sharding;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shunt.workflow.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the parameters of one vindex of a VSchema; their names and forms are Vitess's, but that
 * parameters which name files have come with the files' content in place of the path.
 */
final class VindexParameters {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int KEYSPACE_ID_BYTES = 8;

  private final String type;
  private final Map<String, String> given;

  VindexParameters(String type, Map<String, String> given) {
    this.type = type;
    this.given = given;
  }

  /** A map from {@code json}, or from the file {@code json_path}. */
  Vindex numericStaticMap() {
    @Nullable String inline = given.get("json");
    if (inline == null == !given.containsKey("json_path")) {
      throw wrong("needs either json or json_path");
    }
    Map<String, Long> read = numbers(inline == null ? content("json_path") : inline);
    Map<Long, Long> numbers = new HashMap<>();
    read.forEach((from, to) -> {
      try {
        numbers.put(Long.parseUnsignedLong(from), to);
      } catch (NumberFormatException _) {
        throw wrong("maps only unsigned integers, not " + from);
      }
    });
    String fallback = given.getOrDefault("fallback_type", "numeric");
    if (fallback.equalsIgnoreCase("numeric_static_map")) {
      throw wrong("can't fall back to itself");
    }
    Vindex otherwise = VindexFactory.create(fallback);
    if (otherwise.columns() != 1) {
      throw wrong("can't fall back to a vindex of several columns");
    }
    return new NumericStaticMap(numbers, otherwise);
  }

  Vindex region(boolean named) {
    int bytes = integer("region_bytes", required("region_bytes"));
    if (bytes != 1 && bytes != 2) {
      throw wrong("region_bytes must be 1 or 2: " + bytes);
    }
    return new Region(
        bytes, named ? Optional.of(numbers(content("region_map"))) : Optional.empty());
  }

  /** Bytes not given to a column are shared out among the others, the first ones getting more. */
  Vindex multiColumn() {
    int columns = integer("column_count", required("column_count"));
    if (columns < 1 || columns > KEYSPACE_ID_BYTES) {
      throw wrong("column_count must be between 1 and 8: " + columns);
    }
    List<String> vindexes = list("column_vindex", columns);
    List<String> sizes = list("column_bytes", columns);
    int left = KEYSPACE_ID_BYTES;
    int open = 0;
    for (String size : sizes) {
      left -= size.isEmpty() ? 0 : integer("column_bytes", size);
      open += size.isEmpty() ? 1 : 0;
    }
    if (open > left) {
      throw wrong("column_bytes exceed the 8 bytes of a keyspace id");
    }
    List<MultiColumn.Part> parts = new ArrayList<>();
    for (int i = 0; i < columns; i++) {
      int bytes;
      if (sizes.get(i).isEmpty()) {
        bytes = Math.ceilDiv(left, open--);
        left -= bytes;
      } else {
        bytes = integer("column_bytes", sizes.get(i));
      }
      String vindex = vindexes.get(i).isEmpty() ? "hash" : vindexes.get(i);
      parts.add(new MultiColumn.Part(part(vindex), bytes));
    }
    return new MultiColumn(parts);
  }

  private Vindex part(String vindex) {
    Map<String, String> rest = new HashMap<>(given);
    rest.keySet().removeAll(List.of("column_count", "column_vindex", "column_bytes"));
    Vindex part = VindexFactory.create(vindex, rest);
    if (part.columns() != 1 || part instanceof CompositeKey || part instanceof MultiColumn) {
      throw wrong("can't use vindex " + vindex + " for a column");
    }
    return part;
  }

  Vindex compositeKey() {
    CompositeKey.HashFunction hash =
        switch (given.getOrDefault("hash", "")) {
          case "" -> CompositeKey.HashFunction.NONE;
          case "md5" -> CompositeKey.HashFunction.MD5;
          case "xxhash64" -> CompositeKey.HashFunction.XXHASH64;
          default -> throw wrong("hash must be md5 or xxhash64: " + given.get("hash"));
        };
    return new CompositeKey(
        hash, hash == CompositeKey.HashFunction.NONE ? List.of() : offsets(required("offsets")));
  }

  private List<Integer> offsets(String text) {
    List<Integer> offsets = new ArrayList<>();
    int last = 0;
    for (JsonNode offset : json(text)) {
      if (!offset.isInt() || offset.intValue() <= last) {
        throw wrong("offsets must be ascending positive integers in brackets: " + text);
      }
      last = offset.intValue();
      offsets.add(last);
    }
    if (offsets.isEmpty()) {
      throw wrong("offsets must be ascending positive integers in brackets: " + text);
    }
    return offsets;
  }

  private List<String> list(String name, int size) {
    List<String> parts = new ArrayList<>();
    for (String part : given.getOrDefault(name, "").split(",", -1)) {
      parts.add(part.trim());
    }
    if (parts.size() > size) {
      throw wrong(name + " names more columns than column_count");
    }
    while (parts.size() < size) {
      parts.add("");
    }
    return parts;
  }

  private Map<String, Long> numbers(String text) {
    JsonNode object = json(text);
    Map<String, Long> numbers = new HashMap<>();
    object
        .properties()
        .forEach(entry -> {
          try {
            numbers.put(entry.getKey(), Long.parseUnsignedLong(entry.getValue().asText()));
          } catch (NumberFormatException _) {
            throw wrong("maps to unsigned integers only, not for " + entry.getKey());
          }
        });
    if (!object.isObject()) {
      throw wrong("needs a map in JSON");
    }
    return numbers;
  }

  private JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw wrong("has malformed JSON: " + e.getOriginalMessage());
    }
  }

  /** A file's content, which whoever reads vschemas puts in the place of its path. */
  private String content(String name) {
    String text = required(name);
    if (!text.stripLeading().startsWith("{")) {
      throw wrong("needs the file of " + name + ", which can't be read: " + text);
    }
    return text;
  }

  private String required(String name) {
    String value = given.getOrDefault(name, "");
    if (value.isEmpty()) {
      throw wrong("needs parameter " + name);
    }
    return value;
  }

  private int integer(String name, String text) {
    try {
      int number = Integer.parseInt(text.trim());
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException _) {
      // reported below
    }
    throw wrong(name + " must be a number: " + text);
  }

  private RuntimeException wrong(String what) {
    return Refusal.invalidArgument("vindex type %s %s", type, what).exception();
  }
}
