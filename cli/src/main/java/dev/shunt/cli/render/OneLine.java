package dev.shunt.cli.render;

/** Lines of which each stands for something: what somebody wrote into one must not make two. */
public final class OneLine {
  private OneLine() {}

  /** The text with ends of lines and other control characters as Java writes them in a literal. */
  public static String of(String text) {
    StringBuilder line = new StringBuilder(text.length());
    text.chars()
        .forEach(c -> {
          switch (c) {
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            default -> {
              if (Character.isISOControl(c) || c == 0x2028 || c == 0x2029) {
                line.append("\\u%04x".formatted(c));
              } else {
                line.append((char) c);
              }
            }
          }
        });
    return line.toString();
  }
}
