package dev.shunt.workflow.sql;

/** Takes quotes and escapes off names and strings; MySQL manual, "String Literals". */
final class Quoting {
  private Quoting() {}

  /** A name without its back quotes. */
  static String name(String raw) {
    return raw.length() >= 2 && raw.startsWith("`") && raw.endsWith("`")
        ? raw.substring(1, raw.length() - 1).replace("``", "`")
        : raw;
  }

  /** Whether the text is {@code "…"}, a string to MySQL and a name to standard SQL. */
  static boolean isDoubleQuoted(String raw) {
    return raw.length() >= 2 && raw.startsWith("\"") && raw.endsWith("\"");
  }

  static String doubleQuoted(String raw) {
    return unescape(raw.substring(1, raw.length() - 1), '"');
  }

  static String unescape(String raw, char quote) {
    if (raw.indexOf('\\') < 0 && raw.indexOf(quote) < 0) {
      return raw;
    }
    StringBuilder text = new StringBuilder(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char character = raw.charAt(i);
      if (character == quote && i + 1 < raw.length() && raw.charAt(i + 1) == quote) {
        text.append(quote);
        i++;
      } else if (character == '\\' && i + 1 < raw.length()) {
        i++;
        appendEscaped(raw.charAt(i), text);
      } else {
        text.append(character);
      }
    }
    return text.toString();
  }

  private static void appendEscaped(char escaped, StringBuilder text) {
    switch (escaped) {
      case '0' -> text.append('\0');
      case 'b' -> text.append('\b');
      case 'n' -> text.append('\n');
      case 'r' -> text.append('\r');
      case 't' -> text.append('\t');
      case 'Z' -> text.append('\u001a');
      case '%', '_' -> text.append('\\').append(escaped);
      default -> text.append(escaped);
    }
  }
}
