package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaHistoryTest {
  private static final Path HISTORY = Path.of("src/history");

  @Test
  void everySchemaIsFullTransitiveCompatibleWithItsHistory() throws IOException {
    SchemaHistory history = new SchemaHistory(HISTORY);
    List<String> problems = new ArrayList<>();
    for (Class<? extends Message> type : MessageTypes.all()) {
      problems.addAll(history.problems(SchemaFiles.schemaOf(type)));
    }
    assertThat(problems).isEmpty();
  }

  @Test
  void noRecordWithAHistoryIsGone() throws IOException {
    try (Stream<Path> folders = Files.list(HISTORY)) {
      assertThat(folders.map(folder -> folder.getFileName().toString()))
          .allSatisfy(name ->
              assertThat(MessageTypes.byName(MessageTypes.NAMESPACE + "." + name))
                  .as("record of the history %s", name)
                  .isNotNull());
    }
  }

  @Test
  void aFieldWithDefaultIsFineOnceItIsInTheHistory(@TempDir Path root) throws IOException {
    SchemaHistory history = historyOf(root, "{'name':'a','type':'long'}");
    Schema grown = schema("{'name':'a','type':'long'},{'name':'b','type':'string','default':''}");

    assertThat(history.problems(grown))
        .singleElement()
        .asString()
        .contains("R.avsc has changed: copy it to", "2.avsc");

    Files.writeString(root.resolve("R/2.avsc"), grown.toString());
    assertThat(history.problems(grown)).isEmpty();
  }

  @Test
  void aFieldWithoutDefaultIsRefused(@TempDir Path root) throws IOException {
    SchemaHistory history = historyOf(root, "{'name':'a','type':'long'}");

    assertThat(history.problems(schema("{'name':'a','type':'long'},{'name':'b','type':'string'}")))
        .anySatisfy(problem ->
            assertThat(problem)
                .contains("R.avsc", "cannot read", "READER_FIELD_MISSING_DEFAULT_VALUE"));
  }

  @Test
  void aFieldThatIsGoneOrOfAnotherTypeIsRefused(@TempDir Path root) throws IOException {
    SchemaHistory history = historyOf(root, "{'name':'a','type':'long'}");

    assertThat(history.problems(schema("")))
        .anySatisfy(problem -> assertThat(problem).contains("the old schema cannot read"));
    assertThat(history.problems(schema("{'name':'a','type':'string'}")))
        .anySatisfy(problem -> assertThat(problem).contains("TYPE_MISMATCH"));
    assertThat(history.problems(schema("{'name':'a','type':'double'}")))
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

    assertThat(history.problems(third))
        .isNotEmpty()
        .allSatisfy(problem -> assertThat(problem).contains("the old schema cannot read"));
  }

  private static SchemaHistory historyOf(Path root, String fields) throws IOException {
    Files.createDirectories(root.resolve("R"));
    Files.writeString(root.resolve("R/1.avsc"), schema(fields).toString());
    return new SchemaHistory(root);
  }

  private static Schema schema(String fields) {
    return new Schema.Parser()
        .parse(
            "{'type':'record','name':'R','namespace':'dev.shunt','fields':[%s]}"
                .formatted(fields)
                .replace('\'', '"'));
  }
}
