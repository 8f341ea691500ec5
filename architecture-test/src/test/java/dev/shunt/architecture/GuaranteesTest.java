package dev.shunt.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Each row of docs/guarantees.md names the tests that would fail if it were not true. Whether they
 * would, only a reader can say; here it is looked whether they exist and run.
 */
class GuaranteesTest {
  private static final int PROVED_BY = 3;
  private static final String LIMITS = "## What is not there";
  private static final Pattern NAME = Pattern.compile("`([A-Z]\\w*)\\.([a-z]\\w*)`");
  private static final Pattern PARENT = Pattern.compile("class \\w+(?:<.*>)? extends (\\w+)");
  private static final Pattern HEAD = Pattern.compile("(?m)^(?:public |abstract |final )*class ");
  private static final Pattern OFF = Pattern.compile("@(?:Disabled\\w*|Enabled\\w+|Tag)\\b");
  private static final Pattern TEST =
      Pattern.compile("@(?:Test|ParameterizedTest|RepeatedTest|TestFactory)\\b");

  /** Sources of all test classes by their simple names. */
  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    for (Path file : Project.sources("src/test/java")) {
      sources.merge(
          file.getFileName().toString().replace(".java", ""),
          Files.readString(file),
          (one, other) -> one + "\n" + other);
    }
    return sources;
  }

  @Test
  void eachRowNamesTestsThatExist() throws IOException {
    Path document = Project.root().resolve("docs/guarantees.md");

    assertThat(problems(Files.readString(document), sources())).isEmpty();
  }

  /** What is wrong with the document, a sentence each. */
  private static List<String> problems(String document, Map<String, String> sources) {
    List<String> problems = new ArrayList<>();
    int rows = 0;
    for (String line :
        document
            .lines()
            .dropWhile(one -> !one.startsWith("## "))
            .takeWhile(one -> !one.equals(LIMITS))
            .filter(one -> !one.isBlank() && !one.startsWith("## "))
            .filter(one -> !one.startsWith("| fault |") && !one.startsWith("| ---"))
            .toList()) {
      if (line.startsWith("|")) {
        rows++;
        problems.addAll(problemsOf(line, sources));
      } else {
        problems.add("is no row, so no test can stand behind it: " + line);
      }
    }
    if (rows == 0) {
      problems.add("there are no rows");
    }
    return problems;
  }

  private static List<String> problemsOf(String row, Map<String, String> sources) {
    String[] cells = row.substring(1).split("(?<!\\\\)\\|", -1);
    if (cells.length != PROVED_BY + 2) {
      return List.of("has not four cells: " + row);
    }
    List<String> problems = new ArrayList<>();
    Matcher names = NAME.matcher(cells[PROVED_BY]);
    boolean any = false;
    while (names.find()) {
      any = true;
      String problem = problem(names.group(1), names.group(2), sources);
      if (!problem.isEmpty()) {
        problems.add(names.group().replace("`", "") + " " + problem + ":" + cells[0]);
      }
    }
    if (!any) {
      problems.add("names no test:" + cells[0]);
    }
    for (int i = 0; i < PROVED_BY; i++) {
      if (NAME.matcher(cells[i]).find()) {
        problems.add("names a test outside of its last cell:" + cells[0]);
      }
    }
    return problems;
  }

  /** What is wrong with a test; empty when it exists and runs. */
  private static String problem(String type, String method, Map<String, String> sources) {
    String source = sources.get(type);
    if (source == null) {
      return "is of no class of tests";
    }
    Matcher declared =
        Pattern.compile("\\n  (?:public |protected )?void " + method + "\\(").matcher(source);
    if (!declared.find()) {
      Matcher parent = PARENT.matcher(source);
      return parent.find() ? problem(parent.group(1), method, sources) : "does not exist";
    }
    String before = source.substring(0, declared.start() + 1);
    String annotations = before.substring(Math.max(before.lastIndexOf("\n\n"), 0));
    if (!TEST.matcher(annotations).find()) {
      return "is no test";
    }
    Matcher head = HEAD.matcher(source);
    String ofClass = head.find() ? source.substring(0, head.start()) : "";
    return OFF.matcher(annotations).find() || OFF.matcher(ofClass).find()
        ? "does not run in every build"
        : "";
  }

  @Test
  void findsTheKinds() {
    Map<String, String> sources =
        Map.of(
            "OneTest", "class OneTest {\n\n  @Test\n  void holds() {}\n\n  void helps() {}\n}",
            "OffTest", "@Disabled\nclass OffTest {\n\n  @Test\n  void holds() {}\n}",
            "LaterTest", "class LaterTest {\n\n  @Disabled\n  @Test\n  void holds() {}\n}",
            "HeirTest", "class HeirTest extends OneTest {}");
    String head =
        "# What\n\nFor whom.\n\n## One\n\n| fault | what | not | proved by |\n| --- | --- | --- | --- |\n";

    assertThat(problems(head + "| a | b | – | `OneTest.holds`, `HeirTest.holds` |", sources))
        .isEmpty();
    assertThat(problems(head + "| a | b | – | – |", sources)).containsExactly("names no test: a ");
    assertThat(problems(head + "| a | b | – |", sources))
        .containsExactly("has not four cells: | a | b | – |");
    assertThat(
            problems(
                head
                    + "| a | b | – | `OneTest.renamed`, `NoTest.holds`, `OneTest.helps`,"
                    + " `OffTest.holds`, `LaterTest.holds` |",
                sources))
        .containsExactly(
            "OneTest.renamed does not exist: a ",
            "NoTest.holds is of no class of tests: a ",
            "OneTest.helps is no test: a ",
            "OffTest.holds does not run in every build: a ",
            "LaterTest.holds does not run in every build: a ");
    assertThat(problems(head + "| a | b (`OneTest.holds`) | – | `OneTest.holds` |", sources))
        .containsExactly("names a test outside of its last cell: a ");
    assertThat(problems(head + "\nIt is fast.", sources)).hasSize(2);
    assertThat(problems(head + "| a | b | – | `OneTest.holds` |\n\n" + LIMITS + "\n\nX", sources))
        .isEmpty();
  }
}
