package dev.shunt.tablet.vstreamer;

import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.vstreamer.binlog.ColumnFacts;
import dev.shunt.tablet.vstreamer.binlog.FixedText;
import org.jspecify.annotations.Nullable;

/** What a column's schema says of its cells in the binary log. */
final class LoggedColumn {
  private LoggedColumn() {}

  /** What the row image itself does not say about the column. */
  static ColumnFacts facts(ColumnSchema column) {
    int binaryLength = column.dataType().equals("binary") ? Math.toIntExact(column.length()) : 0;
    return new ColumnFacts(
        column.unsigned(),
        column.zerofill(),
        binaryLength,
        fixedText(column),
        column.elements(),
        column.separator());
  }

  /** MariaDB's UUID, INET6 or INET4; else null. */
  private static @Nullable FixedText fixedText(ColumnSchema column) {
    return switch (column.dataType()) {
      case "uuid" -> FixedText.UUID;
      case "inet6" -> FixedText.INET6;
      case "inet4" -> FixedText.INET4;
      default -> null;
    };
  }
}
