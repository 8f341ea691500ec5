package dev.shunt.workflow.streams;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Journal;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.TextFormat;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Protobuf's text form in the shape that Vitess stores: one line, {@code name:value}, messages as
 * {@code name:{…}}. Reading accepts any spacing and skips unknown fields.
 */
public final class TextProto {
  private static final TextFormat.Parser PARSER =
      TextFormat.Parser.newBuilder().setAllowUnknownFields(true).build();

  private TextProto() {}

  /** Writes a message. */
  public static String print(MessageOrBuilder message) {
    StringJoiner fields = new StringJoiner(" ");
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      Collection<?> values =
          field.isRepeated() ? (Collection<?>) entry.getValue() : List.of(entry.getValue());
      for (Object value : values) {
        fields.add(field.getName() + ":" + print(field, value));
      }
    }
    return fields.toString();
  }

  private static String print(FieldDescriptor field, Object value) {
    return switch (field.getJavaType()) {
      case MESSAGE -> "{" + print((Message) value) + "}";
      case ENUM -> ((EnumValueDescriptor) value).getName();
      case STRING -> "\"" + escape((String) value) + "\"";
      case BYTE_STRING -> "\"" + TextFormat.escapeBytes((ByteString) value) + "\"";
      case INT, LONG -> unsigned(field) ? unsigned(value) : String.valueOf(value);
      case FLOAT, DOUBLE, BOOLEAN -> String.valueOf(value);
    };
  }

  private static boolean unsigned(FieldDescriptor field) {
    return switch (field.getType()) {
      case UINT32, UINT64, FIXED32, FIXED64 -> true;
      default -> false;
    };
  }

  private static String unsigned(Object value) {
    return value instanceof Integer number
        ? Integer.toUnsignedString(number)
        : Long.toUnsignedString((Long) value);
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> escaped.append("\\\"");
        case '\\' -> escaped.append("\\\\");
        case '\n' -> escaped.append("\\n");
        case '\r' -> escaped.append("\\r");
        case '\t' -> escaped.append("\\t");
        default -> {
          if (c < ' ' || c == 127) {
            escaped.append(String.format("\\%03o", (int) c));
          } else {
            escaped.append(c);
          }
        }
      }
    }
    return escaped.toString();
  }

  /**
   * Reads a message.
   *
   * @throws IllegalArgumentException when the text is something else
   */
  public static <M extends Message> M parse(String text, M type) {
    Message.Builder builder = type.newBuilderForType();
    try {
      PARSER.merge(text, builder);
    } catch (TextFormat.ParseException e) {
      throw new IllegalArgumentException(
          "not a %s in text form: %s"
              .formatted(type.getDescriptorForType().getName(), e.getMessage()),
          e);
    }
    @SuppressWarnings("unchecked") // a builder of this type builds nothing else
    M message = (M) builder.build();
    return message;
  }

  /** Column {@code source} of a stream; IllegalArgumentException when it is something else. */
  public static BinlogSource binlogSource(String text) {
    return parse(text, BinlogSource.getDefaultInstance());
  }

  /** Column {@code val} of a journal; IllegalArgumentException when it is something else. */
  public static Journal journal(String text) {
    return parse(text, Journal.getDefaultInstance());
  }
}
