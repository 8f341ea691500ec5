package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SchemasTest {
  static Collection<Class<? extends Message>> types() {
    return MessageTypes.all();
  }

  @ParameterizedTest
  @MethodSource("types")
  void schemaHasTheNameFieldsAndTypesOfItsRecord(Class<? extends Message> type) {
    Schema schema = SchemaFiles.schemaOf(type);

    assertThat(schema.getFullName()).isEqualTo(MessageTypes.nameOf(type));
    assertThat(RecordMapping.of(type, schema).schema()).isSameAs(schema);
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyFieldIsDocumentedAndEveryOptionalOneDefaultsToNull(Class<? extends Message> type) {
    check(SchemaFiles.schemaOf(type), new TreeSet<>());
  }

  private static void check(Schema schema, Set<String> seen) {
    switch (schema.getType()) {
      case RECORD -> {
        if (seen.add(schema.getFullName())) {
          assertThat(schema.getDoc()).as("doc of %s", schema.getFullName()).isNotBlank();
          for (Schema.Field field : schema.getFields()) {
            String name = schema.getFullName() + "." + field.name();
            assertThat(field.doc()).as("doc of %s", name).isNotBlank();
            if (field.schema().getType() == Schema.Type.UNION) {
              assertThat(field.hasDefaultValue()).as("default of %s", name).isTrue();
            }
            check(field.schema(), seen);
          }
        }
      }
      case ENUM -> assertThat(schema.getDoc()).as("doc of %s", schema.getFullName()).isNotBlank();
      case ARRAY -> check(schema.getElementType(), seen);
      case MAP -> check(schema.getValueType(), seen);
      case UNION -> schema.getTypes().forEach(branch -> check(branch, seen));
      default -> {
        // Scalars have nothing to document.
      }
    }
  }

  @Test
  void noSchemaIsWithoutARecord() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/avro"))) {
      Set<String> names =
          files
              .filter(Files::isRegularFile)
              .map(file -> "/avro/" + Path.of("src/main/avro").relativize(file))
              .collect(Collectors.toSet());
      assertThat(names)
          .isEqualTo(
              Stream.concat(
                      types().stream().map(SchemaFiles::resourceOf),
                      SharedTypes.NAMES.stream().map(SchemaFiles::sharedResource))
                  .collect(Collectors.toSet()));
    }
  }

  @Test
  void aTypeThatMoreThanOneFileDefinesIsShared() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/avro"))) {
      Map<String, Long> definitions =
          files
              .filter(Files::isRegularFile)
              .flatMap(SchemasTest::definedNames)
              .collect(Collectors.groupingBy(name -> name, Collectors.counting()));
      assertThat(definitions).isNotEmpty().allSatisfy((_, times) -> assertThat(times).isOne());
    }
  }

  private static Stream<String> definedNames(Path file) {
    try {
      return Pattern.compile("\"type\": \"(?:record|enum)\",\\s*\"name\": \"(\\w+)\"")
          .matcher(Files.readString(file))
          .results()
          .map(match -> match.group(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aSchemaThatDiffersFromItsRecordIsNoticed() {
    Schema swapped =
        new Schema.Parser()
            .parse(
                SchemaFiles.schemaOf(StepUndone.class)
                    .toString()
                    .replace("\"long\",\"doc\":\"How", "\"int\",\"doc\":\"How"));

    assertThatIllegalStateException()
        .isThrownBy(() -> RecordMapping.of(StepUndone.class, swapped))
        .withMessageContaining("StepUndone.durationMicros is long");
  }

  @Test
  void kafkaKeysAreReadBack() {
    assertThat(WorkflowKey.parse("customer.move.it"))
        .isEqualTo(new WorkflowKey("customer", "move.it"));
  }
}
