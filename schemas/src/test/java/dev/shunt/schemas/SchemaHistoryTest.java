package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.registry.Compatibility;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaHistoryTest {
  private static final Path HISTORY = Path.of("src/history");

  private static final SharedTypes SHARED = new SharedTypes(SchemaHistoryTest::shared);

  private static String shared(String name) {
    return SchemaFiles.text(SchemaFiles.sharedResource(name));
  }

  /** What is wrong with any file of this build, with these shared types. */
  private static List<String> problems(Path root, UnaryOperator<String> texts) throws IOException {
    SchemaHistory history = new SchemaHistory(root, new SharedTypes(texts));
    List<String> problems = new ArrayList<>();
    for (String name : SharedTypes.NAMES) {
      problems.addAll(history.problems(name, texts.apply(name)));
    }
    for (Class<? extends Message> type : MessageTypes.all()) {
      problems.addAll(history.problems(type.getSimpleName(), fileOf(type)));
    }
    return problems;
  }

  private static String fileOf(Class<? extends Message> type) {
    return SchemaFiles.text(SchemaFiles.resourceOf(type));
  }

  @Test
  void everySchemaIsFullTransitiveCompatibleWithItsHistory() throws IOException {
    assertThat(problems(HISTORY, SchemaHistoryTest::shared)).isEmpty();
  }

  @Test
  void noTypeWithAHistoryIsGone() throws IOException {
    try (Stream<Path> folders = Files.list(HISTORY)) {
      assertThat(folders.map(folder -> folder.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              Stream.concat(
                      SharedTypes.NAMES.stream(),
                      MessageTypes.all().stream().map(Class::getSimpleName))
                  .toList());
    }
  }

  /** What was registered when files spelled everything out is what composing gives. */
  @Test
  void composingFilesThatNameSharedTypesGivesThoseThatSpellThemOut() throws IOException {
    SchemaHistory history = new SchemaHistory(HISTORY, SHARED);
    for (Class<? extends Message> type : MessageTypes.all()) {
      String name = type.getSimpleName();
      for (String file : history.files(name)) {
        Schema written = history.asWritten(name, file);
        Map<String, String> then = spelledOut(written);
        SharedTypes sharedThen =
            new SharedTypes(
                shared -> SchemaHistory.naming(shared, then.getOrDefault(shared, shared(shared))));

        assertThat(sharedThen.compose(name, SchemaHistory.naming(name, file)))
            .isEqualTo(written)
            .hasToString(written.toString());
      }
    }
  }

  @Test
  void whatHistoriesSpellOutOfASharedTypeIsInTheHistoryOfThat() throws IOException {
    SchemaHistory history = new SchemaHistory(HISTORY, SHARED);
    Set<String> kept = new TreeSet<>();
    for (String name : SharedTypes.NAMES) {
      for (String file : history.files(name)) {
        kept.add(SHARED.compose(name, file).toString());
      }
    }
    for (Class<? extends Message> type : MessageTypes.all()) {
      for (String file : history.files(type.getSimpleName())) {
        assertThat(kept)
            .containsAll(spelledOut(history.asWritten(type.getSimpleName(), file)).values());
      }
    }
  }

  /** The shared types in a schema, by name. */
  private static Map<String, String> spelledOut(Schema schema) {
    Map<String, String> found = new TreeMap<>();
    collectShared(schema, found);
    return found;
  }

  private static void collectShared(Schema schema, Map<String, String> found) {
    switch (schema.getType()) {
      case RECORD, ENUM -> {
        if (SharedTypes.NAMES.contains(schema.getName())) {
          found.put(schema.getName(), schema.toString());
        }
        if (schema.getType() == Schema.Type.RECORD) {
          schema.getFields().forEach(field -> collectShared(field.schema(), found));
        }
      }
      case ARRAY -> collectShared(schema.getElementType(), found);
      case MAP -> collectShared(schema.getValueType(), found);
      case UNION -> schema.getTypes().forEach(branch -> collectShared(branch, found));
      default -> {}
    }
  }

  @ParameterizedTest
  @CsvSource({"CommandHeader, command", "EventHeader, event"})
  void aFieldMoreInAHeaderIsOneFileAndOneEntryOfItsHistory(
      String header, String kind, @TempDir Path root) throws IOException {
    String grownText =
        shared(header)
            .replace(
                "\"fields\": [",
                "\"fields\": [{\"name\":\"aFieldMore\",\"type\":\"string\",\"doc\":\"Whose it"
                    + " is.\",\"default\":\"\"},");
    UnaryOperator<String> texts = name -> name.equals(header) ? grownText : shared(name);
    SharedTypes grown = new SharedTypes(texts);

    for (Class<? extends Message> type : MessageTypes.all()) {
      Schema before = SchemaFiles.schemaOf(type);
      Schema after = grown.compose(type.getSimpleName(), fileOf(type));
      assertThat(after.equals(before))
          .as(type.getSimpleName())
          .isNotEqualTo(SchemaFiles.resourceOf(type).startsWith("/avro/" + kind + "/"));
      assertThat(Compatibility.FULL_TRANSITIVE.problems(after, List.of(before))).isEmpty();
    }

    copy(HISTORY, root);
    int next = new SchemaHistory(root, grown).files(header).size() + 1;
    Path entry = root.resolve(header).resolve(next + ".avsc");
    assertThat(problems(root, texts))
        .containsExactly(header + ".avsc has changed: copy it to schemas/" + entry);
    Files.writeString(entry, grownText);
    assertThat(problems(root, texts)).isEmpty();
  }

  @Test
  void aHeaderThatLosesAFieldIsRefused() throws IOException {
    String shrunk = shared("EventHeader").replaceAll("(?s),\\s*\\{\\s*\"name\": \"fence\".*?}", "");

    assertThat(problems(HISTORY, name -> name.equals("EventHeader") ? shrunk : shared(name)))
        .anySatisfy(problem ->
            assertThat(problem).startsWith("EventHeader.avsc: the old schema cannot read"))
        .anySatisfy(problem ->
            assertThat(problem).startsWith("StepUndone.avsc: the old schema cannot read"));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(from.relativize(file));
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
  }

  @Test
  void aFieldWithDefaultIsFineOnceItIsInTheHistory(@TempDir Path root) throws IOException {
    SchemaHistory history = historyOf(root, "{'name':'a','type':'long'}");
    Schema grown = schema("{'name':'a','type':'long'},{'name':'b','type':'string','default':''}");

    assertThat(history.problems("R", grown.toString()))
        .singleElement()
        .asString()
        .contains("R.avsc has changed: copy it to", "2.avsc");

    Files.writeString(root.resolve("R/2.avsc"), grown.toString());
    assertThat(history.problems("R", grown.toString())).isEmpty();
  }

  @Test
  void aFieldWithoutDefaultIsRefused(@TempDir Path root) throws IOException {
    SchemaHistory history = historyOf(root, "{'name':'a','type':'long'}");

    assertThat(
            history.problems(
                "R", schema("{'name':'a','type':'long'},{'name':'b','type':'string'}").toString()))
        .anySatisfy(problem ->
            assertThat(problem)
                .contains("R.avsc", "cannot read", "READER_FIELD_MISSING_DEFAULT_VALUE"));
  }

  @Test
  void aFieldThatIsGoneOrOfAnotherTypeIsRefused(@TempDir Path root) throws IOException {
    SchemaHistory history = historyOf(root, "{'name':'a','type':'long'}");

    assertThat(history.problems("R", schema("").toString()))
        .anySatisfy(problem -> assertThat(problem).contains("the old schema cannot read"));
    assertThat(history.problems("R", schema("{'name':'a','type':'string'}").toString()))
        .anySatisfy(problem -> assertThat(problem).contains("TYPE_MISMATCH"));
    assertThat(history.problems("R", schema("{'name':'a','type':'double'}").toString()))
        .as("a long can become a double, but not come back")
        .anySatisfy(problem -> assertThat(problem).contains("the old schema cannot read"));
  }

  @Test
  void anOldVersionThatOnlyTheNewestNoLongerReadsIsNoticed(@TempDir Path root) throws IOException {
    SchemaHistory history = historyOf(root, "{'name':'a','type':'long'}");
    Files.writeString(
        root.resolve("R/2.avsc"), schema("{'name':'a','type':'long','default':1}").toString());
    Schema third = schema("");
    Files.writeString(root.resolve("R/3.avsc"), third.toString());

    assertThat(history.problems("R", third.toString()))
        .isNotEmpty()
        .allSatisfy(problem -> assertThat(problem).contains("the old schema cannot read"));
  }

  private static SchemaHistory historyOf(Path root, String fields) throws IOException {
    Files.createDirectories(root.resolve("R"));
    Files.writeString(root.resolve("R/1.avsc"), schema(fields).toString());
    return new SchemaHistory(root, SHARED);
  }

  private static Schema schema(String fields) {
    return new Schema.Parser()
        .parse(
            "{'type':'record','name':'R','namespace':'dev.shunt','fields':[%s]}"
                .formatted(fields)
                .replace('\'', '"'));
  }
}
