package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Records of more than ten components are changed, and made in tests, by name. */
class DraftsTest {
  private static final long SEED = 20261201;

  /** Of WorkflowStatus: follows from another component, so that no draft has it. */
  private static final String DERIVED = "inFlightDiff";

  static Stream<Class<?>> longRecords() {
    Set<Class<?>> found = new LinkedHashSet<>();
    MessageTypes.all().forEach(type -> collect(type, found));
    return found.stream().filter(type -> type.getRecordComponents().length > 10);
  }

  private static void collect(Type type, Set<Class<?>> found) {
    switch (type) {
      case ParameterizedType generic ->
          Stream.of(generic.getActualTypeArguments()).forEach(part -> collect(part, found));
      case Class<?> plain when plain.isRecord() && found.add(plain) ->
          Stream.of(plain.getRecordComponents())
              .forEach(component -> collect(component.getGenericType(), found));
      default -> {}
    }
  }

  @ParameterizedTest
  @MethodSource("longRecords")
  void aDraftChangesTheComponentThatIsSetAndNoOther(Class<?> type) throws Exception {
    RandomRecords records = new RandomRecords(SEED);
    for (int round = 0; round < 20; round++) {
      Object before = records.next(type);
      Object other = records.next(type);
      assertThat(with(before, _ -> {})).isEqualTo(before);
      RecordComponent[] components = type.getRecordComponents();
      for (int i = 0; i < components.length; i++) {
        String name = components[i].getName();
        if (name.equals(DERIVED)) {
          continue;
        }
        @Nullable Object[] values = RandomRecords.values(before);
        for (int j = 0; j < components.length; j++) {
          if (components[j].getName().equals(DERIVED)) {
            values[j] = null;
          }
        }
        @Nullable Object value = RandomRecords.values(other)[i];
        values[i] = value;

        assertThat(with(before, draft -> set(draft, name, value)))
            .as("%s, seed %d, round %d", name, SEED, round)
            .isEqualTo(RandomRecords.construct(type, values));
      }
    }
  }

  private static Object with(Object record, Consumer<Object> change) throws Exception {
    return record.getClass().getMethod("with", Consumer.class).invoke(record, change);
  }

  private static void set(Object draft, String name, @Nullable Object value) {
    try {
      draft.getClass().getField(name).set(draft, value);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  @Test
  void whatACommandIsBegunWithoutHasTheDefaultOfItsSchema() {
    CommandHeader header = new CommandHeader("c1", "customer", "c2c", "ann", "", null, false, 1);

    assertHasDefaults(MoveTablesCreate.of(header, "commerce"));
    assertHasDefaults(VDiffCreate.of(header));
  }

  private static void assertHasDefaults(Command command) {
    GenericRecord avro = RecordCodec.toAvro(command);
    for (Schema.Field field : avro.getSchema().getFields()) {
      if (field.hasDefaultValue()) {
        avro.put(field.name(), GenericData.get().getDefaultValue(field));
      }
    }
    assertThat(RecordCodec.fromAvro(avro, command.getClass())).isEqualTo(command);
  }
}
