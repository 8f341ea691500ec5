package dev.shunt.schemas;

import java.io.IOException;
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
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;
import org.jspecify.annotations.Nullable;

/** How values of one Java type and one Avro type correspond. */
interface ValueMapping {
  /** The value as Avro's generic writer takes it. */
  @Nullable Object toAvro(@Nullable Object value);

  /** The value that Avro's generic reader gave, as the record component takes it. */
  @Nullable Object toJava(@Nullable Object avro);

  /**
   * Writes the value in the schema of this mapping, the bytes that Avro's generic writer writes.
   */
  void write(@Nullable Object value, Encoder encoder) throws IOException;

  /** Reads a value that was written in the schema of this mapping. */
  @Nullable Object read(Decoder decoder) throws IOException;

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
      case STRING ->
          scalar(
              type,
              Set.of(String.class),
              where,
              Object::toString,
              (value, encoder) -> encoder.writeString((String) value),
              Decoder::readString);
      case LONG ->
          scalar(
              type,
              Set.of(long.class, Long.class),
              where,
              value -> value,
              (value, encoder) -> encoder.writeLong((Long) value),
              Decoder::readLong);
      case INT ->
          scalar(
              type,
              Set.of(int.class, Integer.class),
              where,
              value -> value,
              (value, encoder) -> encoder.writeInt((Integer) value),
              Decoder::readInt);
      case BOOLEAN ->
          scalar(
              type,
              Set.of(boolean.class, Boolean.class),
              where,
              value -> value,
              (value, encoder) -> encoder.writeBoolean((Boolean) value),
              Decoder::readBoolean);
      case DOUBLE ->
          scalar(
              type,
              Set.of(double.class, Double.class),
              where,
              value -> value,
              (value, encoder) -> encoder.writeDouble((Double) value),
              Decoder::readDouble);
      case FLOAT ->
          scalar(
              type,
              Set.of(float.class, Float.class),
              where,
              value -> value,
              (value, encoder) -> encoder.writeFloat((Float) value),
              Decoder::readFloat);
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
      Type type,
      Set<Type> allowed,
      String where,
      UnaryOperator<Object> toJava,
      Writer writer,
      Reader reader) {
    if (!allowed.contains(type)) {
      throw mismatch(where, type, allowed.toString());
    }
    return mapping(value -> value, toJava, writer, reader);
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
        },
        (value, encoder) -> encoder.writeBytes((byte[]) value),
        decoder -> {
          ByteBuffer buffer = decoder.readBytes(null);
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
    List<Object> places = List.copyOf(constants.values());
    return mapping(
        value -> new GenericData.EnumSymbol(schema, ((Enum<?>) value).name()),
        avro -> present(constants.get(avro.toString())),
        (value, encoder) -> encoder.writeEnum(places.indexOf(value)),
        decoder -> {
          int place = decoder.readEnum();
          if (place < 0 || place >= places.size()) {
            throw new AvroTypeException("no symbol of " + schema.getName() + " is " + place);
          }
          return places.get(place);
        });
  }

  private static ValueMapping list(ValueMapping element) {
    return mapping(
        value -> convert((List<?>) value, element::toAvro),
        avro -> convert((List<?>) avro, element::toJava),
        (value, encoder) -> write((List<?>) value, element, encoder),
        decoder -> readList(element, decoder));
  }

  private static void write(List<?> list, ValueMapping element, Encoder encoder)
      throws IOException {
    encoder.writeArrayStart();
    encoder.setItemCount(list.size());
    for (Object each : list) {
      encoder.startItem();
      element.write(present(each), encoder);
    }
    encoder.writeArrayEnd();
  }

  private static List<Object> readList(ValueMapping element, Decoder decoder) throws IOException {
    List<Object> list = new ArrayList<>();
    for (long left = decoder.readArrayStart(); left > 0; left = decoder.arrayNext()) {
      for (long i = 0; i < left; i++) {
        list.add(present(element.read(decoder)));
      }
    }
    return list;
  }

  private static List<Object> convert(List<?> list, Converter converter) {
    List<Object> converted = new ArrayList<>(list.size());
    list.forEach(element -> converted.add(present(converter.convert(present(element)))));
    return converted;
  }

  private static ValueMapping map(ValueMapping element) {
    return mapping(
        value -> convert((Map<?, ?>) value, element::toAvro),
        avro -> convert((Map<?, ?>) avro, element::toJava),
        (value, encoder) -> write((Map<?, ?>) value, element, encoder),
        decoder -> readMap(element, decoder));
  }

  private static void write(Map<?, ?> map, ValueMapping element, Encoder encoder)
      throws IOException {
    encoder.writeMapStart();
    encoder.setItemCount(map.size());
    for (Map.Entry<?, ?> each : new TreeMap<>(map).entrySet()) {
      encoder.startItem();
      encoder.writeString(each.getKey().toString());
      element.write(present(each.getValue()), encoder);
    }
    encoder.writeMapEnd();
  }

  private static Map<String, Object> readMap(ValueMapping element, Decoder decoder)
      throws IOException {
    Map<String, Object> map = new TreeMap<>();
    for (long left = decoder.readMapStart(); left > 0; left = decoder.mapNext()) {
      for (long i = 0; i < left; i++) {
        map.put(decoder.readString(), present(element.read(decoder)));
      }
    }
    return map;
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
      public void write(@Nullable Object value, Encoder encoder) throws IOException {
        encoder.writeIndex(value == null ? 0 : 1);
        if (value != null) {
          present.write(value, encoder);
        }
      }

      @Override
      public @Nullable Object read(Decoder decoder) throws IOException {
        return switch (decoder.readIndex()) {
          case 0 -> null;
          case 1 -> present.read(decoder);
          default -> throw new AvroTypeException("no branch of " + where);
        };
      }

      @Override
      public boolean nullable() {
        return true;
      }
    };
  }

  private static ValueMapping mapping(
      UnaryOperator<Object> toAvro, UnaryOperator<Object> toJava, Writer writer, Reader reader) {
    return new ValueMapping() {
      @Override
      public Object toAvro(@Nullable Object value) {
        return toAvro.apply(present(value));
      }

      @Override
      public Object toJava(@Nullable Object avro) {
        return toJava.apply(present(avro));
      }

      @Override
      public void write(@Nullable Object value, Encoder encoder) throws IOException {
        writer.write(present(value), encoder);
      }

      @Override
      public Object read(Decoder decoder) throws IOException {
        return reader.read(decoder);
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

  /** Writes a value that is there. */
  interface Writer {
    void write(Object value, Encoder encoder) throws IOException;
  }

  /** Reads a value that is there. */
  interface Reader {
    Object read(Decoder decoder) throws IOException;
  }

  /** One direction of a mapping. */
  interface Converter {
    @Nullable Object convert(Object value);
  }
}
