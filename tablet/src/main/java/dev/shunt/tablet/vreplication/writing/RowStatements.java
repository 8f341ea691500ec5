package dev.shunt.tablet.vreplication.writing;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.EnumElements;
import dev.shunt.tablet.schema.JsonDecimals;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.schema.ValueKind;
import dev.shunt.workflow.sql.RuleSelect.Grouping;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The statements for rows of one table that came, changed and went. */
public final class RowStatements {
  private final String name;
  private final ColumnMapping columns;
  private final Flavor server;
  private final boolean unique;
  private final Grouping grouping;
  private final List<TargetColumn> written;
  private final List<TargetColumn> key;
  private final int[] writtenFields;
  private final int[] enumFields;
  private final int[] jsonFields;
  private final byte[] insertHead;

  /**
   * @param name the table's
   * @param server what its server is
   */
  RowStatements(String name, ColumnMapping columns, Flavor server) {
    this.name = name;
    this.columns = columns;
    this.server = server;
    this.unique = columns.unique();
    this.grouping = columns.grouping();
    this.written = columns.written();
    this.key = columns.key();
    this.writtenFields =
        columns.loadable()
            ? written.stream().mapToInt(target -> target.value().fields()[0]).toArray()
            : new int[0];
    this.enumFields =
        written.stream()
            .filter(target -> isCell(target) && hasEmptyError(target.column()))
            .mapToInt(target -> target.value().fields()[0])
            .toArray();
    this.jsonFields =
        written.stream()
            .filter(target -> target.direct() && target.kind() == ValueKind.JSON)
            .mapToInt(target -> target.value().fields()[0])
            .toArray();
    SqlBuffer head = new SqlBuffer().append(" INTO ").name(name).append(" (");
    for (int i = 0; i < written.size(); i++) {
      head.append(i == 0 ? "" : ",").name(written.get(i).column().name());
    }
    this.insertHead = head.append(") VALUES ").toByteArray();
  }

  private static boolean isCell(TargetColumn target) {
    return target.direct() || target.value() instanceof CellValue.Recoded;
  }

  /** Whether an empty string stands for what is no element of an ENUM. */
  private static boolean hasEmptyError(ColumnSchema column) {
    return column.dataType().equals("enum") && !EnumElements.of(column.columnType()).contains("");
  }

  /** Whether a row has what only a lenient statement writes: an ENUM that holds no element. */
  public boolean lenient(byte[] @Nullable [] row) {
    for (int field : enumFields) {
      byte[] cell = row[field];
      if (cell != null && cell.length == 0) {
        return true;
      }
    }
    return false;
  }

  /** The first word of a statement. */
  public void appendVerb(SqlBuffer sql, String verb, boolean lenient) {
    sql.append(lenient ? CopySession.lenient(server, verb) : verb);
  }

  /**
   * Start of an INSERT or REPLACE up to the first row.
   *
   * @param lenient what {@link #lenient(byte[][])} says of its rows
   */
  public void appendInsertHead(SqlBuffer sql, boolean replace, boolean lenient) {
    appendVerb(sql, replace && grouping == Grouping.NONE ? "REPLACE" : "INSERT", lenient);
    sql.append(insertHead);
  }

  /** A row of an INSERT, in parentheses. */
  public void appendRow(SqlBuffer sql, byte[] @Nullable [] cells) {
    sql.append('(');
    for (int i = 0; i < written.size(); i++) {
      if (i > 0) {
        sql.append(',');
      }
      written.get(i).value().append(sql, cells);
    }
    sql.append(')');
  }

  /** End of an INSERT: what happens to rows that are there already. */
  void appendInsertTail(SqlBuffer sql) {
    if (grouping == Grouping.NONE) {
      return;
    }
    boolean first = true;
    for (TargetColumn target : written) {
      if (target.kept() || grouping == Grouping.DISTINCT) {
        continue;
      }
      String column = SqlText.identifier(target.column().name());
      sql.append(first ? " ON DUPLICATE KEY UPDATE " : ",").append(column).append('=');
      switch (target.value()) {
        case CellValue.One _ -> sql.append(column).append("+1");
        case CellValue.Summand _ -> sql.append(column + "+IFNULL(VALUES(" + column + "),0)");
        case CellValue.Direct _, CellValue.Zoned _, CellValue.Recoded _, CellValue.Computed _ ->
            sql.append("VALUES(" + column + ")");
      }
      first = false;
    }
    if (first) { // nothing to add to rows that are there
      String column = SqlText.identifier(key.getFirst().column().name());
      sql.append(" ON DUPLICATE KEY UPDATE ").append(column).append('=').append(column);
    }
  }

  /** End of an INSERT that changes the rows that are there already. */
  void appendOnDuplicate(SqlBuffer sql) {
    sql.append(" ON DUPLICATE KEY UPDATE ");
    boolean first = true;
    for (TargetColumn target : written) {
      if (target.isSet()) {
        String column = SqlText.identifier(target.column().name());
        sql.append(first ? "" : ",").append(column).append("=VALUES(").append(column).append(')');
        first = false;
      }
    }
    if (first) {
      String column = SqlText.identifier(key.getFirst().column().name());
      sql.append(column).append('=').append(column);
    }
  }

  /** Every column is set, also unchanged ones: ON UPDATE CURRENT_TIMESTAMP must not fire. */
  public void appendUpdate(SqlBuffer sql, byte[] @Nullable [] before, byte[] @Nullable [] after) {
    if (grouping == Grouping.DISTINCT) {
      appendInsertHead(sql, false, lenient(after));
      appendRow(sql, after);
      appendInsertTail(sql);
      return;
    }
    appendVerb(sql, "UPDATE ", lenient(after));
    sql.name(name).append(" SET ");
    boolean first = true;
    boolean moves = unique && !columns.sameKey(before, after);
    for (TargetColumn target : written) {
      boolean set =
          grouping != Grouping.NONE
              ? !target.kept() && !(target.value() instanceof CellValue.One)
              : target.isSet() || !unique || moves;
      if (set) {
        sql.append(first ? "" : ",").name(target.column().name()).append('=');
        if (target.value() instanceof CellValue.Summand) {
          sql.name(target.column().name()).append('-');
          target.value().append(sql, before);
          sql.append('+');
        }
        target.value().append(sql, after);
        first = false;
      }
    }
    if (first) { // nothing but a key: what is equal stays
      TargetColumn only = key.getFirst();
      sql.name(only.column().name()).append('=').name(only.column().name());
    }
    appendWhere(sql, before);
  }

  /** A row that others went into stays, with what this one added taken off. */
  public void appendDelete(SqlBuffer sql, byte[] @Nullable [] before) {
    switch (grouping) {
      case NONE -> sql.append("DELETE FROM ").name(name);
      case DISTINCT -> {
        sql.append("DO 0");
        return;
      }
      case MERGED -> appendTakenOff(sql, before);
    }
    appendWhere(sql, before);
  }

  private void appendTakenOff(SqlBuffer sql, byte[] @Nullable [] before) {
    sql.append("UPDATE ").name(name).append(" SET ");
    boolean first = true;
    for (TargetColumn target : written) {
      if (target.kept()) {
        continue;
      }
      sql.append(first ? "" : ",").name(target.column().name()).append('=');
      switch (target.value()) {
        case CellValue.One _ -> sql.name(target.column().name()).append("-1");
        case CellValue.Summand summand -> {
          sql.name(target.column().name()).append('-');
          summand.append(sql, before);
        }
        case CellValue.Direct _, CellValue.Zoned _, CellValue.Recoded _, CellValue.Computed _ ->
            sql.append("NULL");
      }
      first = false;
    }
    if (first) {
      TargetColumn only = key.getFirst();
      sql.name(only.column().name()).append('=').name(only.column().name());
    }
  }

  /** The WHERE that finds a row. */
  public void appendWhere(SqlBuffer sql, byte[] @Nullable [] cells) {
    RowMatch.append(sql, unique, key, cells);
  }

  /** How large one of these keys can be in a DELETE, with all that is around it. */
  public int mostBytesOfAKey(List<byte[] @Nullable []> keys) {
    return RowMatch.mostBytes(key, keys);
  }

  /** A DELETE of rows by the cells of their keys. */
  public void appendDeletes(SqlBuffer sql, List<byte[] @Nullable []> keys) {
    RowMatch.appendKeys(sql.append("DELETE FROM ").name(name), key, keys);
  }

  /** The LOAD DATA LOCAL statement for rows in the form of {@link #appendLine}. */
  public String loadStatement(boolean replace) {
    return LoadStatement.of(name, written, replace);
  }

  /**
   * Appends a row to be loaded.
   *
   * @param values the cells of all fields, one behind the other
   * @param offsets where each cell begins
   * @param lengths bytes of each cell, negative for NULL
   */
  public void appendLine(LoadText text, byte[] values, int[] offsets, int[] lengths) {
    for (int field : jsonFields) {
      if (lengths[field] > 0 && JsonDecimals.in(values, offsets[field], lengths[field])) {
        text.setAside(values, writtenFields, offsets, lengths);
        return;
      }
    }
    text.row(values, writtenFields, offsets, lengths);
    for (int field : enumFields) {
      if (lengths[field] == 0) {
        text.expectWarning();
      }
    }
  }
}
