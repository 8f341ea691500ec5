package dev.shunt.schemas;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.jspecify.annotations.Nullable;

/** How values of one Java type and one Avro type correspond. */
interface ValueMapping {
  /** The value as Avro's generic writer takes it. */
  @Nullable Object toAvro(@Nullable Object value);

  /** The value that Avro's generic reader gave, as the record component takes it. */
  @Nullable Object toJava(@Nullable Object avro);

  /** Whether null is a value. */
  default boolean nullable() {
    return false;
  }

  /**
   * The mapping of two types.
   *
   * @param where names the field in errors
   * @throws IllegalStateException when they don't correspond
   */
  static ValueMapping of(Type type, Schema schema, String where) {
    return switch (schema.getType()) {
      case STRING -> scalar(type, Set.of(String.class), where, Object::toString);
      case LONG -> scalar(type, Set.of(long.class, Long.class), where, value -> value);
      case INT -> scalar(type, Set.of(int.class, Integer.class), where, value -> value);
      case BOOLEAN -> scalar(type, Set.of(boolean.class, Boolean.class), where, value -> value);
      case DOUBLE -> scalar(type, Set.of(double.class, Double.class), where, value -> value);
      case FLOAT -> scalar(type, Set.of(float.class, Float.class), where, value -> value);
      case BYTES -> bytes(type, where);
      case ENUM -> enumeration(type, schema, where);
      case ARRAY -> list(of(argument(type, List.class, 0, where), schema.getElementType(), where));
      case MAP -> map(of(argument(type, Map.class, 1, where), schema.getValueType(), where));
      case RECORD -> RecordMapping.of(recordClass(type, where), schema);
      case UNION -> optional(type, schema, where);
      case FIXED, NULL -> throw mismatch(where, type, schema.getType().getName());
    };
  }

  /** The value, which the schema promises. */
  static Object present(@Nullable Object value) {
    if (value == null) {
      throw new IllegalArgumentException("null where the schema has none");
    }
    return value;
  }

  private static ValueMapping scalar(
      Type type, Set<Type> allowed, String where, UnaryOperator<Object> toJava) {
    if (!allowed.contains(type)) {
      throw mismatch(where, type, allowed.toString());
    }
    return mapping(value -> value, toJava);
  }

  private static ValueMapping bytes(Type type, String where) {
    if (type != byte[].class) {
      throw mismatch(where, type, "bytes");
    }
    return mapping(
        value -> ByteBuffer.wrap((byte[]) value),
        avro -> {
          ByteBuffer buffer = ((ByteBuffer) avro).duplicate();
          byte[] bytes = new byte[buffer.remaining()];
          buffer.get(bytes);
          return bytes;
        });
  }

  private static ValueMapping enumeration(Type type, Schema schema, String where) {
    if (!(type instanceof Class<?> javaEnum) || !javaEnum.isEnum()) {
      throw mismatch(where, type, "enum");
    }
    Map<String, Object> constants = new LinkedHashMap<>();
    for (Object constant : javaEnum.getEnumConstants()) {
      constants.put(((Enum<?>) constant).name(), constant);
    }
    if (!List.copyOf(constants.keySet()).equals(schema.getEnumSymbols())) {
      throw mismatch(where, type, schema.getEnumSymbols().toString());
    }
    return mapping(
        value -> new GenericData.EnumSymbol(schema, ((Enum<?>) value).name()),
        avro -> present(constants.get(avro.toString())));
  }

  private static ValueMapping list(ValueMapping element) {
    return mapping(
        value -> convert((List<?>) value, element::toAvro),
        avro -> convert((List<?>) avro, element::toJava));
  }

  private static List<Object> convert(List<?> list, Converter converter) {
    List<Object> converted = new ArrayList<>(list.size());
    list.forEach(element -> converted.add(present(converter.convert(present(element)))));
    return converted;
  }

  private static ValueMapping map(ValueMapping element) {
    return mapping(
        value -> convert((Map<?, ?>) value, element::toAvro),
        avro -> convert((Map<?, ?>) avro, element::toJava));
  }

  private static Map<String, Object> convert(Map<?, ?> map, Converter converter) {
    Map<String, Object> sorted = new TreeMap<>();
    map.forEach(
        (key, element) -> sorted.put(key.toString(), present(converter.convert(present(element)))));
    return sorted;
  }

  private static ValueMapping optional(Type type, Schema schema, String where) {
    List<Schema> branches = schema.getTypes();
    if (branches.size() != 2 || branches.getFirst().getType() != Schema.Type.NULL) {
      throw mismatch(where, type, "a union other than null and one type");
    }
    if (type instanceof Class<?> primitive && primitive.isPrimitive()) {
      throw mismatch(where, type, "a union with null");
    }
    ValueMapping present = of(type, branches.getLast(), where);
    return new ValueMapping() {
      @Override
      public @Nullable Object toAvro(@Nullable Object value) {
        return value == null ? null : present.toAvro(value);
      }

      @Override
      public @Nullable Object toJava(@Nullable Object avro) {
        return avro == null ? null : present.toJava(avro);
      }

      @Override
      public boolean nullable() {
        return true;
      }
    };
  }

  private static ValueMapping mapping(UnaryOperator<Object> toAvro, UnaryOperator<Object> toJava) {
    return new ValueMapping() {
      @Override
      public Object toAvro(@Nullable Object value) {
        return toAvro.apply(present(value));
      }

      @Override
      public Object toJava(@Nullable Object avro) {
        return toJava.apply(present(avro));
      }
    };
  }

  private static Type argument(Type type, Class<?> raw, int index, String where) {
    if (type instanceof ParameterizedType generic && generic.getRawType() == raw) {
      return generic.getActualTypeArguments()[index];
    }
    throw mismatch(where, type, raw.getSimpleName());
  }

  private static Class<?> recordClass(Type type, String where) {
    if (type instanceof Class<?> record && record.isRecord()) {
      return record;
    }
    throw mismatch(where, type, "record");
  }

  private static IllegalStateException mismatch(String where, Type type, String avro) {
    return new IllegalStateException(
        where + " is " + type.getTypeName() + " in Java, but not in Avro: " + avro);
  }

  /** One direction of a mapping. */
  interface Converter {
    @Nullable Object convert(Object value);
  }
}
