package dev.shunt.tablet.database;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.TextFormat;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
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
   * Reads a message into a builder.
   *
   * @throws RpcException INTERNAL when the stored text is malformed
   */
  public static <B extends Message.Builder> B parse(String text, B builder) {
    try {
      PARSER.merge(text, builder);
      return builder;
    } catch (TextFormat.ParseException e) {
      throw new RpcException(
          Status.Code.INTERNAL,
          "stored "
              + builder.getDescriptorForType().getName()
              + " can't be read: "
              + e.getMessage(),
          e);
    }
  }
}
