package dev.shunt.tablet.vreplication.writing;

import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.ValueKind;

/** A column of the target and what goes into it. */
public record TargetColumn(
    ColumnSchema column, ValueKind kind, CellValue value, boolean inKey, boolean grouped) {
  boolean direct() {
    return value instanceof CellValue.Direct;
  }

  /** Whether an UPDATE of a row with the same key has to set it. */
  boolean isSet() {
    return !inKey || column.updatesItself();
  }

  boolean kept() {
    return inKey || grouped;
  }
}
