package dev.shunt.schemas;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every record type below {@link Message}, by the full name of its Avro schema. */
public final class MessageTypes {
  /** Namespace of all schemas. */
  public static final String NAMESPACE = "dev.shunt";

  private static final Map<String, Class<? extends Message>> BY_NAME = collect();

  private MessageTypes() {}

  /** All types, sorted by name. */
  public static Collection<Class<? extends Message>> all() {
    return BY_NAME.values();
  }

  /** The type of a full schema name, for instance dev.shunt.SwitchTraffic; null when unknown. */
  public static @Nullable Class<? extends Message> byName(String fullName) {
    return BY_NAME.get(fullName);
  }

  /** Full schema name of a type; also its subject in the registry. */
  public static String nameOf(Class<? extends Message> type) {
    return NAMESPACE + "." + type.getSimpleName();
  }

  private static Map<String, Class<? extends Message>> collect() {
    Map<String, Class<? extends Message>> found = new TreeMap<>();
    permitted(Message.class).forEach(type -> found.put(nameOf(type), type));
    return Collections.unmodifiableMap(found);
  }

  private static Stream<Class<? extends Message>> permitted(Class<?> type) {
    return type.isRecord()
        ? Stream.of(type.asSubclass(Message.class))
        : Stream.of(type.getPermittedSubclasses()).flatMap(MessageTypes::permitted);
  }
}
