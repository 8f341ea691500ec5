package dev.shunt.schemas;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;
import org.jspecify.annotations.Nullable;

/** How one Java record and its Avro record correspond, worked out once. */
final class RecordMapping implements ValueMapping {
  private record Component(String name, MethodHandle accessor, ValueMapping mapping) {}

  private final Schema schema;
  private final MethodHandle constructor;
  private final List<Component> components;

  /** Whether schemas that writers have used are this one. */
  private final Map<Schema, Boolean> same = new ConcurrentHashMap<>();

  private RecordMapping(Schema schema, MethodHandle constructor, List<Component> components) {
    this.schema = schema;
    this.constructor = constructor;
    this.components = components;
  }

  /**
   * Compares the two and keeps how to go from one to the other.
   *
   * @throws IllegalStateException when they differ in a field's name, order or type
   */
  static RecordMapping of(Class<?> type, Schema schema) {
    RecordComponent[] parts = type.getRecordComponents();
    List<String> ours = Arrays.stream(parts).map(RecordComponent::getName).toList();
    List<String> avros = schema.getFields().stream().map(Schema.Field::name).toList();
    if (!type.getSimpleName().equals(schema.getName()) || !ours.equals(avros)) {
      throw new IllegalStateException(
          "%s %s is not the schema %s %s".formatted(type.getName(), ours, schema.getName(), avros));
    }
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    try {
      List<Component> components = new ArrayList<>();
      for (RecordComponent part : parts) {
        components.add(
            new Component(
                part.getName(),
                lookup
                    .unreflect(part.getAccessor())
                    .asType(MethodType.methodType(Object.class, Object.class)),
                ValueMapping.of(
                    part.getGenericType(),
                    schema.getField(part.getName()).schema(),
                    type.getSimpleName() + "." + part.getName())));
      }
      Class<?>[] types =
          Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new);
      MethodHandle constructor =
          lookup
              .findConstructor(type, MethodType.methodType(void.class, types))
              .asSpreader(Object[].class, types.length)
              .asType(MethodType.methodType(Object.class, Object[].class));
      return new RecordMapping(schema, constructor, List.copyOf(components));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot map " + type.getName(), e);
    }
  }

  Schema schema() {
    return schema;
  }

  /** Whether what was written in that schema can be read as it is, without resolving it. */
  boolean isSame(Schema writer) {
    return same.computeIfAbsent(writer, schema::equals);
  }

  @Override
  public void write(@Nullable Object value, Encoder encoder) throws IOException {
    for (Component component : components) {
      component.mapping().write(part(component, value), encoder);
    }
  }

  @Override
  public Object read(Decoder decoder) throws IOException {
    @Nullable Object[] values = new @Nullable Object[components.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = components.get(i).mapping().read(decoder);
    }
    return invoke(constructor, values);
  }

  @Override
  public GenericRecord toAvro(@Nullable Object value) {
    GenericData.Record record = new GenericData.Record(schema);
    for (int i = 0; i < components.size(); i++) {
      Component component = components.get(i);
      record.put(i, component.mapping().toAvro(part(component, value)));
    }
    return record;
  }

  private @Nullable Object part(Component component, @Nullable Object value) {
    Object part = invoke(component.accessor(), value);
    if (part == null && !component.mapping().nullable()) {
      throw new IllegalArgumentException(
          schema.getName() + "." + component.name() + " must not be null");
    }
    return part;
  }

  @Override
  public Object toJava(@Nullable Object avro) {
    GenericRecord record = (GenericRecord) ValueMapping.present(avro);
    @Nullable Object[] values = new @Nullable Object[components.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = components.get(i).mapping().toJava(record.get(i));
    }
    return invoke(constructor, values);
  }

  private static Object invoke(MethodHandle accessor, @Nullable Object value) {
    try {
      return accessor.invokeExact(value);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object invoke(MethodHandle constructor, @Nullable Object[] values) {
    try {
      return constructor.invokeExact(values);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
