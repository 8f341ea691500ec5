package dev.shunt.saga;

import java.util.ArrayList;
import java.util.List;

/**
 * Keeps what is published of an outcome below what the log takes as one record (2 MiB, see the
 * largest value that admission reads): an outcome that can't be published would be tried again
 * without end.
 */
final class OutcomeSize {
  /** Characters of a sentence; each takes at most three bytes. */
  static final int LONGEST_TEXT = 64 * 1024;

  /** Characters of all dry-run lines together. */
  static final int LONGEST_LINES = 512 * 1024;

  private static final String CUT = "...";

  private OutcomeSize() {}

  /** A sentence, cut where it is too long. */
  static String text(String text) {
    return cut(text, LONGEST_TEXT);
  }

  /** As many lines as there is room for, the last of them cut; and a line about the others. */
  static List<String> lines(List<String> lines) {
    List<String> kept = new ArrayList<>();
    int left = LONGEST_LINES;
    for (String line : lines) {
      if (left <= 0) {
        kept.add("%d more line(s) are left out".formatted(lines.size() - kept.size()));
        return kept;
      }
      kept.add(cut(line, left));
      left -= line.length();
    }
    return kept;
  }

  private static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
    return text.substring(0, end) + CUT;
  }
}
