package dev.shunt.schemas;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Records with random values of every type that their components have. */
final class RandomRecords {
  private static final String ALPHABET = "az09._-/ \n\"\\\0ß漢\uD83D\uDE80";

  private final Random random;

  RandomRecords(long seed) {
    this.random = new Random(seed);
  }

  <T> T next(Class<T> type) {
    RecordComponent[] components = type.getRecordComponents();
    @Nullable Object[] values =
        Arrays.stream(components)
            .map(component ->
                isNullable(component) && random.nextInt(3) == 0
                    ? null
                    : value(component.getGenericType()))
            .toArray();
    return construct(type, values);
  }

  /** A record of these values. */
  static <T> T construct(Class<T> type, @Nullable Object[] values) {
    try {
      Class<?>[] types =
          Arrays.stream(type.getRecordComponents())
              .map(RecordComponent::getType)
              .toArray(Class<?>[]::new);
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** The values of a record's components. */
  static @Nullable Object[] values(Object record) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    try {
      for (int i = 0; i < values.length; i++) {
        values[i] = components[i].getAccessor().invoke(record);
      }
      return values;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  private static boolean isNullable(RecordComponent component) {
    return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }

  private Object value(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type last = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
      return generic.getRawType() == Map.class
          ? map(last)
          : Stream.generate(() -> value(last)).limit(random.nextInt(4)).toList();
    }
    Class<?> plain = (Class<?>) type;
    if (plain.isRecord()) {
      return next(plain);
    }
    if (plain.isEnum()) {
      Object[] constants = plain.getEnumConstants();
      return constants[random.nextInt(constants.length)];
    }
    return scalar(plain);
  }

  private Object scalar(Class<?> type) {
    if (type == String.class) {
      return text();
    }
    if (type == long.class || type == Long.class) {
      return random.nextLong() >> random.nextInt(64);
    }
    if (type == int.class) {
      return random.nextInt() >> random.nextInt(32);
    }
    if (type == boolean.class || type == Boolean.class) {
      return random.nextBoolean();
    }
    if (type == byte[].class) {
      byte[] bytes = new byte[random.nextInt(20)];
      random.nextBytes(bytes);
      return bytes;
    }
    throw new AssertionError("no random " + type);
  }

  private Map<String, Object> map(Type element) {
    Map<String, Object> map = new HashMap<>();
    int size = random.nextInt(5);
    for (int i = 0; i < size; i++) {
      map.put(text(), value(element));
    }
    return map;
  }

  private String text() {
    int[] codePoints = ALPHABET.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(12);
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(codePoints[random.nextInt(codePoints.length)]);
    }
    return text.toString();
  }
}
