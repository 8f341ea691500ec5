package dev.shunt.saga;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutcomeSizeTest {
  private static int characters(List<String> lines) {
    return lines.stream().mapToInt(String::length).sum();
  }

  @Test
  void leavesWhatFitsAsItIs() {
    assertThat(OutcomeSize.text("done")).isEqualTo("done");
    assertThat(OutcomeSize.lines(List.of("a", "", "b"))).containsExactly("a", "", "b");
    assertThat(OutcomeSize.lines(List.of())).isEmpty();
  }

  @Test
  void cutsASentenceBetweenCharacters() {
    String text = "x".repeat(OutcomeSize.LONGEST_TEXT - 1) + "\uD83D\uDE00";
    assertThat(OutcomeSize.text(text)).isEqualTo("x".repeat(OutcomeSize.LONGEST_TEXT - 1) + "...");
  }

  @Test
  void saysHowManyLinesAreLeftOut() {
    List<String> many = Collections.nCopies(100_000, "drop table `a_table_with_a_name`");
    List<String> kept = OutcomeSize.lines(many);
    assertThat(characters(kept)).isLessThan(OutcomeSize.LONGEST_LINES + 100);
    assertThat(kept.getLast())
        .isEqualTo("%d more line(s) are left out".formatted(many.size() - kept.size() + 1));
  }

  @Test
  void cutsOneLineThatIsTooLong() {
    List<String> kept = OutcomeSize.lines(List.of("y".repeat(2_000_000), "z"));
    assertThat(kept).hasSize(2);
    assertThat(kept.getFirst()).hasSize(OutcomeSize.LONGEST_LINES + 3).endsWith("y...");
    assertThat(kept.getLast()).isEqualTo("1 more line(s) are left out");
  }
}
