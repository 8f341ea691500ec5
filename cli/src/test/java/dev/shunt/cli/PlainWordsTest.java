package dev.shunt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Every verb, with help and with garbage for each of its options, answers in words for people. */
class PlainWordsTest {
  private static final String GARBAGE = "abc";

  /** A verb and the words that lead to it. */
  private record VerbAt(List<String> words, CommandLine command) {}

  private static List<VerbAt> verbs() {
    List<VerbAt> found = new ArrayList<>();
    collect(List.of(), Shunt.commandLine(), found);
    return found;
  }

  private static void collect(List<String> words, CommandLine command, List<VerbAt> found) {
    found.add(new VerbAt(words, command));
    for (Map.Entry<String, CommandLine> sub : command.getSubcommands().entrySet()) {
      if (sub.getKey().equals(sub.getValue().getCommandName())) {
        List<String> longer = new ArrayList<>(words);
        longer.add(sub.getKey());
        collect(longer, sub.getValue(), found);
      }
    }
  }

  /** What it says on either stream, and what the parser itself prints beside that. */
  private static String say(List<String> words, boolean mustFail) {
    StringWriter said = new StringWriter();
    PrintStream before = System.err;
    ByteArrayOutputStream beside = new ByteArrayOutputStream();
    System.setErr(new PrintStream(beside, true, StandardCharsets.UTF_8));
    try {
      CommandLine commandLine =
          Shunt.commandLine()
              .setOut(new PrintWriter(said, true))
              .setErr(new PrintWriter(said, true));
      int code = commandLine.execute(words.toArray(String[]::new));
      assertThat(code == 0).as(String.join(" ", words) + "\n" + said).isEqualTo(!mustFail);
    } finally {
      System.setErr(before);
    }
    return said + beside.toString(StandardCharsets.UTF_8);
  }

  private static boolean takesAnyText(OptionSpec option) {
    Class<?>[] inner = option.auxiliaryTypes();
    Class<?> type = inner.length == 1 ? inner[0] : option.type();
    return type == String.class || type == Object.class || type == Path.class;
  }

  @Test
  void helpIsInWords() {
    List<VerbAt> verbs = verbs();
    assertThat(verbs).hasSizeGreaterThan(40);
    for (VerbAt verb : verbs) {
      List<String> words = new ArrayList<>(verb.words());
      words.add("--help");
      PlainWords.check(String.join(" ", words), say(words, false));
    }
  }

  @Test
  void garbageIsRefusedInWords() {
    int tried = 0;
    for (VerbAt verb : verbs()) {
      for (OptionSpec option : verb.command().getCommandSpec().options()) {
        if (takesAnyText(option) || option.versionHelp() || option.usageHelp()) {
          continue;
        }
        List<String> words = new ArrayList<>(verb.words());
        words.add(option.longestName() + "=" + GARBAGE);
        String said = say(words, true);
        PlainWords.check(String.join(" ", words), said);
        assertThat(said)
            .as(String.join(" ", words))
            .startsWith("Error: ")
            .contains(option.longestName())
            .contains(GARBAGE);
        tried++;
      }
    }
    assertThat(tried).isGreaterThan(100);
  }

  @Test
  void saysWhatKindOfValueIsExpected() {
    String move = "movetables --workflow w --target-keyspace k ";
    Map.of(
            move + "switchtraffic --timeout=abc",
            "Error: --timeout: 'abc' is not a duration: write 30s, 250ms or 1h30m\n",
            "bench copy --rows=abc",
            "Error: --rows: 'abc' is not a whole number\n",
            move + "switchtraffic --force=abc",
            "Error: --force: 'abc' is not true or false\n",
            "service copy --set=abc",
            "Error: --set: 'abc' is not of the form KEY=VALUE\n")
        .forEach(
            (words, answer) -> assertThat(say(List.of(words.split(" ")), true)).isEqualTo(answer));
  }

  @Test
  void missingFilesAreNamedInWords(@TempDir Path folder) {
    String missing = folder.resolve("missing").toString();
    for (String words :
        List.of(
            "applyvschema k --vschema-file=" + missing,
            "applyroutingrules --rules-file=" + missing,
            "service copy --config=" + missing,
            "commands send --file=" + missing)) {
      assertThat(say(List.of(words.split(" ")), true))
          .as(words)
          .startsWith("Error: ")
          .contains("there is no file or folder " + missing);
    }
    String said = say(List.of("service", "copy", "--config=" + folder), true);
    PlainWords.check(said, said);
    assertThat(said).contains(folder.toString());
  }
}
