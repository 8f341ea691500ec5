package dev.shunt.workflow.sql;

import java.util.Locale;

/**
 * Finds OR, XOR and {@code ||} outside parentheses and quotes. JSqlParser lets some operators (IN,
 * {@code ->}, MEMBER OF) swallow the rest of a clause, so the shape of its tree does not say
 * whether a clause is an AND-list; its text does, as nothing but assignment binds looser than OR.
 */
final class TopLevelOr {
  private TopLevelOr() {}

  static boolean in(String clause) {
    int depth = 0;
    int at = 0;
    while (at < clause.length()) {
      char character = clause.charAt(at);
      if (character == '\'' || character == '"' || character == '`') {
        at = afterQuoted(clause, at);
        continue;
      }
      if (Character.isLetter(character) || character == '_' || character == '|') {
        int end = afterWord(clause, at);
        if (depth == 0 && isOr(clause.substring(at, end))) {
          return true;
        }
        at = end;
        continue;
      }
      depth += character == '(' ? 1 : character == ')' ? -1 : 0;
      at++;
    }
    return false;
  }

  private static boolean isOr(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "or", "xor", "||" -> true;
      default -> false;
    };
  }

  private static int afterWord(String clause, int from) {
    boolean symbol = clause.charAt(from) == '|';
    int at = from;
    while (at < clause.length()
        && (symbol
            ? clause.charAt(at) == '|'
            : Character.isLetterOrDigit(clause.charAt(at))
                || clause.charAt(at) == '_'
                || clause.charAt(at) == '$')) {
      at++;
    }
    return at;
  }

  private static int afterQuoted(String clause, int from) {
    char quote = clause.charAt(from);
    int at = from + 1;
    while (at < clause.length() && clause.charAt(at) != quote) {
      at += clause.charAt(at) == '\\' && quote != '`' ? 2 : 1;
    }
    return at + 1;
  }
}
