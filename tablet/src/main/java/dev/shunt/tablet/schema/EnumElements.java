package dev.shunt.tablet.schema;

import java.util.ArrayList;
import java.util.List;

/** Reads the strings out of a column type such as {@code enum('a','it''s')}. */
public final class EnumElements {
  private EnumElements() {}

  /** The strings in order; a doubled quote stands for one. */
  public static List<String> of(String columnType) {
    List<String> elements = new ArrayList<>();
    StringBuilder element = new StringBuilder();
    boolean inside = false;
    for (int i = columnType.indexOf('(') + 1; i < columnType.length(); i++) {
      char c = columnType.charAt(i);
      if (!inside) {
        inside = c == '\'';
      } else if (c == '\\' && i + 1 < columnType.length()) {
        element.append(unescape(columnType.charAt(++i)));
      } else if (c != '\'') {
        element.append(c);
      } else if (i + 1 < columnType.length() && columnType.charAt(i + 1) == '\'') {
        element.append(c);
        i++;
      } else {
        elements.add(element.toString());
        element.setLength(0);
        inside = false;
      }
    }
    return elements;
  }

  private static char unescape(char escaped) {
    return switch (escaped) {
      case '0' -> '\0';
      case 'n' -> '\n';
      case 'r' -> '\r';
      default -> escaped;
    };
  }
}
