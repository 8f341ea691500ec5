package dev.shunt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;

/** That a text for people has nothing of the language in it that this is written in. */
public final class PlainWords {
  private static final Pattern JAVA =
      Pattern.compile(
          "\\bjava\\.|\\bdev\\.shunt|\\bPT\\d|[a-z]Exception|Optional\\[|@[0-9a-f]{5,}|JsonToken"
              + "|deserialize|String-argument|picocli|\\bnull\\b|\\w+\\[\\w+=|\\bat [a-z.]+\\(");

  private PlainWords() {}

  /** Fails when it has. */
  public static void check(String what, String text) {
    assertThat(text).as(what).doesNotContainPattern(JAVA);
  }
}
