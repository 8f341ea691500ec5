package dev.shunt.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;

/**
 * The Avro schemas of this build, from the class path: {@code avro/KIND/NAME.avsc}, KIND as the
 * folders of the source tree.
 */
public final class SchemaFiles {
  private static final ClassValue<Schema> SCHEMAS =
      new ClassValue<>() {
        @Override
        protected Schema computeValue(Class<?> type) {
          return read(type.asSubclass(Message.class));
        }
      };

  private SchemaFiles() {}

  /** Schema of a record type; IllegalStateException when the build has none. */
  public static Schema schemaOf(Class<? extends Message> type) {
    return SCHEMAS.get(type);
  }

  /** Where the schema of a type is on the class path. */
  public static String resourceOf(Class<? extends Message> type) {
    return "/avro/" + kindOf(type) + "/" + type.getSimpleName() + ".avsc";
  }

  private static String kindOf(Class<? extends Message> type) {
    if (Command.class.isAssignableFrom(type)) {
      return "command";
    }
    if (Event.class.isAssignableFrom(type)) {
      return "event";
    }
    if (StreamEvent.class.isAssignableFrom(type)) {
      return "stream";
    }
    return Materialized.class.isAssignableFrom(type) ? "status" : "relay";
  }

  private static Schema read(Class<? extends Message> type) {
    String resource = resourceOf(type);
    try (InputStream in = SchemaFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no schema " + resource + " for " + type.getName());
      }
      return new Schema.Parser().parse(in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
  }
}
