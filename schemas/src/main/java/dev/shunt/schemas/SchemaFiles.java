package dev.shunt.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.avro.Schema;

/**
 * The Avro schemas of this build, from the class path: {@code avro/KIND/NAME.avsc}, KIND as the
 * folders of the source tree. The files name the {@link SharedTypes}; the schemas have them whole.
 */
public final class SchemaFiles {
  private static final SharedTypes SHARED = new SharedTypes(name -> text(sharedResource(name)));

  private static final ClassValue<Schema> SCHEMAS =
      new ClassValue<>() {
        @Override
        protected Schema computeValue(Class<?> type) {
          Class<? extends Message> message = type.asSubclass(Message.class);
          return SHARED.compose(message.getSimpleName(), text(resourceOf(message)));
        }
      };

  private SchemaFiles() {}

  /** Schema of a record type; IllegalStateException when the build has none. */
  public static Schema schemaOf(Class<? extends Message> type) {
    return SCHEMAS.get(type);
  }

  /** Where the file of a record type is on the class path. */
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

  /** Where the file of a shared type is on the class path. */
  static String sharedResource(String name) {
    return "/avro/shared/" + name + ".avsc";
  }

  /** A file as it is; IllegalStateException when the build has none. */
  static String text(String resource) {
    try (InputStream in = SchemaFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no schema " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
  }
}
