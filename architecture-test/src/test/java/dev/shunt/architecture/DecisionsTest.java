package dev.shunt.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The list of decisions has all of them, by their numbers and titles. */
class DecisionsTest {
  @Test
  void eachStandsInTheList() throws IOException {
    Path folder = Project.root().resolve("docs/adr");
    List<String> expected = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> decisions =
          files
              .filter(file -> file.getFileName().toString().matches("\\d{4}-.*\\.md"))
              .sorted()
              .toList();
      for (Path file : decisions) {
        int number = expected.size() + 1;
        String heading = Files.readAllLines(file).getFirst();
        assertThat(file.getFileName().toString()).startsWith("%04d-".formatted(number));
        assertThat(heading).startsWith("# " + number + ". ");
        expected.add(
            "| %d | [%s](%s) |"
                .formatted(
                    number, heading.substring(heading.indexOf(". ") + 2), file.getFileName()));
      }
    }
    assertThat(Files.readAllLines(folder.resolve("README.md")))
        .filteredOn(line -> line.matches("\\| \\d+ \\|.*"))
        .containsExactlyElementsOf(expected);
  }
}
