package dev.shunt.copy.creating;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Edits what SHOW CREATE TABLE printed. The server's own text has fixed quoting, so cutting it into
 * quoted parts, words and single characters is enough; nothing inside quotes or comments is
 * touched.
 */
final class ShowCreateTable {
  private record Token(int start, int end, boolean word) {}

  private ShowCreateTable() {}

  /** The statement without AUTO_INCREMENT, of columns and of the table. */
  static String withoutAutoIncrement(String ddl) {
    List<Token> tokens = tokens(ddl);
    StringBuilder text = new StringBuilder(ddl.length());
    int copied = 0;
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      if (!token.word()
          || !ddl.substring(token.start(), token.end())
              .toUpperCase(Locale.ROOT)
              .equals("AUTO_INCREMENT")) {
        continue;
      }
      int end = token.end();
      if (i + 2 < tokens.size() && ddl.charAt(tokens.get(i + 1).start()) == '=') {
        end = tokens.get(i + 2).end();
      }
      int start = token.start();
      while (start > copied && ddl.charAt(start - 1) == ' ') {
        start--;
      }
      text.append(ddl, copied, start);
      copied = end;
    }
    return text.append(ddl, copied, ddl.length()).toString();
  }

  private static List<Token> tokens(String ddl) {
    List<Token> tokens = new ArrayList<>();
    int at = 0;
    while (at < ddl.length()) {
      char character = ddl.charAt(at);
      int end;
      boolean word = false;
      if (character == '\'' || character == '`' || character == '"') {
        end = closing(ddl, at, character);
      } else if (Character.isWhitespace(character)) {
        at++;
        continue;
      } else if (Character.isLetterOrDigit(character) || character == '_') {
        end = wordEnd(ddl, at);
        word = true;
      } else {
        end = at + 1;
      }
      tokens.add(new Token(at, end, word));
      at = end;
    }
    return tokens;
  }

  private static int wordEnd(String ddl, int start) {
    int end = start;
    while (end < ddl.length()
        && (Character.isLetterOrDigit(ddl.charAt(end)) || ddl.charAt(end) == '_')) {
      end++;
    }
    return end;
  }

  private static int closing(String ddl, int start, char quote) {
    int at = start + 1;
    while (at < ddl.length()) {
      char character = ddl.charAt(at);
      if (character == '\\' && quote != '`') {
        at += 2;
      } else if (character == quote) {
        if (at + 1 < ddl.length() && ddl.charAt(at + 1) == quote) {
          at += 2;
        } else {
          return at + 1;
        }
      } else {
        at++;
      }
    }
    return ddl.length();
  }
}
