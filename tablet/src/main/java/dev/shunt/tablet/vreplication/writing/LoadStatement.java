package dev.shunt.tablet.vreplication.writing;

import dev.shunt.mysql.SqlText;
import java.util.List;
import java.util.StringJoiner;

/** The statement that loads rows which come as {@link LoadText}. */
final class LoadStatement {
  private LoadStatement() {}

  /**
   * The statement for a table.
   *
   * @param written its columns in the order of the cells
   * @param replace whether rows that are there are replaced
   */
  static String of(String name, List<TargetColumn> written, boolean replace) {
    StringJoiner columns = new StringJoiner(", ", " (", ")");
    StringJoiner conversions = new StringJoiner(", ", " SET ", "").setEmptyValue("");
    boolean converts =
        written.stream().anyMatch(target -> !target.kind().takesBytes() || !target.direct());
    for (int i = 0; i < written.size(); i++) {
      TargetColumn target = written.get(i);
      String column = SqlText.identifier(target.column().name());
      if (target.value() instanceof CellValue.Zoned(_, String conversion)) {
        columns.add("@v" + i);
        conversions.add(column + " = COALESCE(CONVERT_TZ(@v" + i + conversion + ", @v" + i + ")");
      } else if (target.value() instanceof CellValue.Recoded(_, String charset)) {
        columns.add("@v" + i);
        conversions.add(column + " = CONVERT(@v" + i + " USING " + charset + ")");
      } else if (!target.kind().takesBytes()) {
        columns.add("@v" + i);
        conversions.add(column + " = CONVERT(@v" + i + " USING utf8mb4)");
      } else if (converts && target.column().autoIncrement()) {
        // MariaDB's SET would count a 0 of an AUTO_INCREMENT that it does not name itself.
        columns.add("@v" + i);
        conversions.add(column + " = @v" + i);
      } else {
        columns.add(column);
      }
    }
    return "LOAD DATA LOCAL INFILE 'rows'"
        + (replace ? " REPLACE" : "")
        + " INTO TABLE "
        + SqlText.identifier(name)
        + " CHARACTER SET binary"
        + LoadText.FORMAT
        + columns
        + conversions;
  }
}
