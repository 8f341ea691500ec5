package dev.shunt.cli.render;

import java.util.List;

/** A table with borders, its cells aligned to the right, as vtctldclient lists diffs. */
public final class Grid {
  private Grid() {}

  /** The table, each line ended; the first row is the heading. */
  public static String of(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder out = new StringBuilder(border(widths, '-'));
    for (int r = 0; r < rows.size(); r++) {
      for (int i = 0; i < columns; i++) {
        String cell = rows.get(r).get(i);
        out.append('|').repeat(' ', 4 + widths[i] - cell.length()).append(cell).append(' ');
      }
      out.append("|\n").append(border(widths, r == 0 ? '=' : '-'));
    }
    return out.toString();
  }

  private static String border(int[] widths, char line) {
    StringBuilder out = new StringBuilder();
    for (int width : widths) {
      out.append('+').repeat(line, width + 5);
    }
    return out.append("+\n").toString();
  }
}
