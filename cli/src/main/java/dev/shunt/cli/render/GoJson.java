package dev.shunt.cli.render;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * JSON as vtctldclient prints it. A single message goes through Go's protojson: 64-bit numbers are
 * strings, enums are names, and unset fields are there unless compact output is wanted. Anything
 * else goes through Go's encoding/json: all numbers are numbers, enums too, and unset fields of
 * messages are left out.
 */
public final class GoJson {
  /** Fields that newer clients print and the messages of this version lack, by message. */
  private static final Map<String, Map<String, String>> NEWER =
      Map.of(
          "topodata.Shard", Map.of("vtorc_state", "null"),
          "topodata.Shard.TabletControl", Map.of("allow_reads", "false"));

  private final boolean protojson;
  private final boolean unset;

  private GoJson(boolean protojson, boolean unset) {
    this.protojson = protojson;
    this.unset = unset;
  }

  /** A message with all its fields. */
  public static String message(Message message) {
    return new GoJson(true, true).print(message);
  }

  /** A message without its unset fields. */
  public static String compact(Message message) {
    return new GoJson(true, false).print(message);
  }

  /** Maps, lists, texts, numbers and messages as Go's encoding/json prints them. */
  public static String plain(Object value) {
    return new GoJson(false, false).print(value);
  }

  private String print(Object value) {
    StringBuilder out = new StringBuilder();
    value(out, value, "");
    return out.toString();
  }

  private void value(StringBuilder out, @Nullable Object value, String indent) {
    switch (value) {
      case null -> out.append("null");
      case Message message -> object(out, fields(message), indent);
      case Map<?, ?> map -> object(out, map, indent);
      case List<?> list -> list(out, list, indent);
      case Raw raw -> out.append(raw.json());
      case String text -> GoJsonText.append(out, text, !protojson);
      case ByteString bytes ->
          GoJsonText.append(out, Base64.getEncoder().encodeToString(bytes.toByteArray()), false);
      case Double number -> out.append(GoJsonText.number(number));
      case Float number -> out.append(GoJsonText.number(number));
      default -> out.append(value);
    }
  }

  /** A piece of JSON that is printed as it is. */
  private record Raw(String json) {}

  private void object(StringBuilder out, Map<?, ?> members, String indent) {
    if (members.isEmpty()) {
      out.append("{}");
      return;
    }
    String inner = indent + "  ";
    String separator = "{\n";
    for (Map.Entry<?, ?> member : members.entrySet()) {
      out.append(separator).append(inner);
      GoJsonText.append(out, String.valueOf(member.getKey()), !protojson);
      out.append(": ");
      value(out, member.getValue(), inner);
      separator = ",\n";
    }
    out.append('\n').append(indent).append('}');
  }

  private void list(StringBuilder out, List<?> items, String indent) {
    if (items.isEmpty()) {
      out.append("[]");
      return;
    }
    String inner = indent + "  ";
    String separator = "[\n";
    for (Object item : items) {
      out.append(separator).append(inner);
      value(out, item, inner);
      separator = ",\n";
    }
    out.append('\n').append(indent).append(']');
  }

  private Map<String, @Nullable Object> fields(Message message) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      boolean present =
          field.isRepeated()
              ? message.getRepeatedFieldCount(field) > 0
              : field.hasPresence()
                  ? message.hasField(field)
                  : !message.getField(field).equals(field.getDefaultValue());
      if (present) {
        fields.put(field.getName(), converted(message, field));
      } else if (unset && field.getContainingOneof() == null) {
        boolean noMessage = !field.isRepeated() && field.getJavaType() == JavaType.MESSAGE;
        fields.put(field.getName(), noMessage ? null : converted(message, field));
      }
    }
    if (unset) {
      NEWER
          .getOrDefault(message.getDescriptorForType().getFullName(), Map.of())
          .forEach((name, json) -> fields.putIfAbsent(name, new Raw(json)));
    }
    return fields;
  }

  private Object converted(Message message, FieldDescriptor field) {
    Object value = message.getField(field);
    if (field.isMapField()) {
      return map(field, (List<?>) value);
    }
    if (field.isRepeated()) {
      return ((List<?>) value).stream().map(item -> scalar(field, item)).toList();
    }
    return scalar(field, value);
  }

  private Map<String, Object> map(FieldDescriptor field, List<?> entries) {
    FieldDescriptor valueField = field.getMessageType().findFieldByName("value");
    Map<String, Object> sorted = new TreeMap<>();
    for (Object entry : entries) {
      MapEntry<?, ?> pair = (MapEntry<?, ?>) entry;
      sorted.put(String.valueOf(pair.getKey()), scalar(valueField, pair.getField(valueField)));
    }
    return sorted;
  }

  private Object scalar(FieldDescriptor field, Object value) {
    return switch (field.getType()) {
      case INT64, SINT64, SFIXED64 -> protojson ? value.toString() : value;
      case UINT64, FIXED64 -> {
        String text = Long.toUnsignedString((Long) value);
        yield protojson ? text : new Raw(text);
      }
      case UINT32, FIXED32 -> new Raw(Integer.toUnsignedString((Integer) value));
      case ENUM -> {
        EnumValueDescriptor constant = (EnumValueDescriptor) value;
        yield protojson && constant.getIndex() >= 0
            ? constant.getName()
            : new Raw(Integer.toString(constant.getNumber()));
      }
      default -> value;
    };
  }
}
