package dev.shunt.tablet.vreplication.writing;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletException;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.EnumElements;
import dev.shunt.tablet.schema.JsonDecimals;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.tablet.schema.ValueKind;
import dev.shunt.workflow.sql.RuleSelect.Grouping;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How rows of a stream are written to one table: which field goes to which column, and the
 * statements for rows that came, changed and went. Built from the fields that the source announced;
 * a new one is built when it announces others.
 */
public final class TargetTable {
  private final String name;
  private final boolean unique;
  private final TableFacts facts;
  private final boolean independentRows;
  private final boolean warned;
  private final boolean sure;
  private final int uniqueIndexes;
  private final Grouping grouping;
  private final List<Target> written = new ArrayList<>();
  private final List<Target> key = new ArrayList<>();
  private final int[] writtenFields;
  private final int[] enumFields;
  private final int[] jsonFields;
  private final byte[] insertHead;

  /** A column of the target and what goes into it. */
  public record Target(
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

  /** Every field fills the column of its name. */
  public TargetTable(TableSchema schema, boolean standsAlone, List<Query.Field> fields) {
    this(
        schema,
        new TableFacts(Flavor.MYSQL, standsAlone, false, false, Optional.empty()),
        ColumnPlan.all(fields, Optional.empty()));
  }

  /**
   * @throws TabletException NOT_FOUND when the target lacks a column, FAILED_PRECONDITION when
   *     nothing fills one of the key's
   */
  TargetTable(TableSchema schema, TableFacts facts, ColumnPlan plan) {
    this.name = schema.name();
    this.unique = schema.uniqueKey();
    this.facts = facts;
    this.grouping = plan.grouping();
    this.warned = plan.warned();
    this.sure = plan.sure() && !facts.refuses();
    this.uniqueIndexes = schema.uniqueIndexes();
    for (ColumnPlan.Filled filled : plan.filled()) {
      int at = schema.column(filled.column());
      if (at < 0) {
        throw new TabletException(
            Status.Code.NOT_FOUND, "unknown column " + filled.column() + " in table " + name);
      }
      ColumnSchema column = schema.columns().get(at);
      boolean inKey = schema.key().stream().anyMatch(column.name()::equalsIgnoreCase);
      ValueKind kind = ValueKind.of(column);
      Target target = new Target(column, kind, filled.value(column, kind), inKey, filled.grouped());
      if (!column.generated()) {
        written.add(target);
      }
      if (inKey && filled.aggregates()) {
        throw refuse(
            "primary key column "
                + column.name()
                + " is not allowed to reference an aggregate"
                + " expression");
      }
    }
    for (ColumnSchema column : schema.keyColumns()) {
      Optional<Target> target =
          plan.filled().stream()
              .filter(filled -> filled.column().equalsIgnoreCase(column.name()))
              .map(filled ->
                  new Target(
                      column,
                      ValueKind.of(column),
                      filled.value(column, ValueKind.of(column)),
                      true,
                      filled.grouped()))
              .findFirst();
      key.add(
          target.orElseThrow(() ->
              refuse(
                  "primary key column "
                      + column.name()
                      + " not found in select list: what is streamed into table "
                      + name
                      + " lacks it")));
    }
    if (grouping != Grouping.NONE && !unique) {
      throw refuse("table " + name + " has no primary key to group by");
    }
    this.writtenFields =
        loadable()
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
    this.independentRows =
        facts.standsAlone()
            && !facts.withoutOverlaps()
            && unique
            && grouping == Grouping.NONE
            && schema.uniqueIndexes() == 1
            && key.stream().allMatch(target -> target.direct() && equalByBytes(target));
    SqlBuffer head = new SqlBuffer().append(" INTO ").name(name).append(" (");
    for (int i = 0; i < written.size(); i++) {
      head.append(i == 0 ? "" : ",").name(written.get(i).column().name());
    }
    this.insertHead = head.append(") VALUES ").toByteArray();
  }

  private static boolean isCell(Target target) {
    return target.direct() || target.value() instanceof CellValue.Recoded;
  }

  /** Whether an empty string stands for what is no element of an ENUM. */
  private static boolean hasEmptyError(ColumnSchema column) {
    return column.dataType().equals("enum") && !EnumElements.of(column.columnType()).contains("");
  }

  /** Whether rows can be loaded as they are, without statements that work out their columns. */
  public boolean loadable() {
    return grouping == Grouping.NONE
        && written.stream()
            .allMatch(target ->
                target.direct()
                    || target.value() instanceof CellValue.Zoned
                    || target.value() instanceof CellValue.Recoded);
  }

  /**
   * Whether the server warns of rows though all is well: they lose digits, which was allowed, or
   * have a deprecated character set. LOAD DATA does not tell that from errors.
   */
  public boolean warned() {
    return warned;
  }

  /**
   * Whether a row that is there already can be none but the same row of the source, so that it may
   * be replaced: the key is the only one by which rows are equal, and has all columns of the
   * source's.
   *
   * @param fields of the source's rows
   * @param sourceKey the fields by which the source tells them apart
   */
  public boolean tellsApart(List<Query.Field> fields, List<Query.Field> sourceKey) {
    return unique
        && uniqueIndexes == 1
        && !facts.withoutOverlaps()
        && sourceKey.stream().allMatch(field -> hasInKey(fields, field.getName()));
  }

  private boolean hasInKey(List<Query.Field> fields, String name) {
    for (Target target : key) {
      if (target.value() instanceof CellValue.Direct(ValueKind kind, int at)
          && (fields.get(at).getName().equalsIgnoreCase(name)
              || fields.get(at).getOrgName().equalsIgnoreCase(name))) {
        int collation = fields.get(at).getCharset();
        return kind != ValueKind.TEXT || target.column().collationId() == collation;
      }
    }
    return false;
  }

  /**
   * Makes sure that a change can be made of some of its columns alone.
   *
   * @throws TabletException FAILED_PRECONDITION when columns are worked out from others
   */
  public void demandPlainColumns() {
    if (!loadable()) {
      throw refuse(
          "rows of the source lack columns that those of table "
              + name
              + " are worked out from: set binlog_row_image=FULL on the source");
    }
  }

  /** Whether several rows of the source make one of this table. */
  public boolean merges() {
    return grouping != Grouping.NONE;
  }

  private static boolean equalByBytes(Target target) {
    return switch (target.kind()) {
      case NUMBER, BIT, FIXED_TEXT -> true;
      case BYTES -> !target.column().enumerated();
      case FLOATING, JSON, TEXT -> false;
    };
  }

  private static TabletException refuse(String message) {
    return new TabletException(Status.Code.FAILED_PRECONDITION, message);
  }

  public String name() {
    return name;
  }

  /** What it was when it was looked at. */
  Optional<TableStamp> stamp() {
    return facts.stamp();
  }

  /** Whether its key tells rows apart. */
  public boolean unique() {
    return unique;
  }

  /**
   * Whether changes of different keys can be applied in any order: the key is the only unique one
   * and equal to the byte when it is equal, and no trigger or foreign key looks at the rows.
   */
  public boolean independentRows() {
    return independentRows;
  }

  /**
   * Whether the table takes every row that the source's can have. Of another the server must see
   * each row, also one that does not last: what it refuses ends the stream.
   */
  public boolean takesAllRows() {
    return sure;
  }

  /** Whether neither a trigger nor a foreign key looks at its rows. */
  public boolean standsAlone() {
    return facts.standsAlone();
  }

  /** The columns that are written. */
  public List<Target> written() {
    return written;
  }

  /** The columns of the key, in its order. */
  public List<Target> key() {
    return key;
  }

  /** The cells of a row's key; only for {@link #independentRows}. */
  public byte[] @Nullable [] key(byte[] @Nullable [] row) {
    byte[] @Nullable [] cells = new byte[key.size()] @Nullable [];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = row[key.get(i).value().fields()[0]];
    }
    return cells;
  }

  /** End of an INSERT that changes the rows that are there already. */
  void appendOnDuplicate(SqlBuffer sql) {
    sql.append(" ON DUPLICATE KEY UPDATE ");
    boolean first = true;
    for (Target target : written) {
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

  /** How large one of these keys can be in a DELETE, with all that is around it. */
  public int mostBytesOfAKey(List<byte[] @Nullable []> keys) {
    return RowMatch.mostBytes(key, keys);
  }

  /** A DELETE of rows by the cells of their keys. */
  public void appendDeletes(SqlBuffer sql, List<byte[] @Nullable []> keys) {
    RowMatch.appendKeys(sql.append("DELETE FROM ").name(name), key, keys);
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
    sql.append(lenient ? CopySession.lenient(facts.server(), verb) : verb);
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

  /** End of an INSERT: what happens to rows that are there already. */
  void appendInsertTail(SqlBuffer sql) {
    if (grouping == Grouping.NONE) {
      return;
    }
    boolean first = true;
    for (Target target : written) {
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

  /** Whether two images have the same key, to the byte. */
  public boolean sameKey(byte[] @Nullable [] before, byte[] @Nullable [] after) {
    return key.stream()
        .flatMapToInt(target -> Arrays.stream(target.value().fields()))
        .allMatch(field -> Arrays.equals(before[field], after[field]));
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
    boolean moves = unique && !sameKey(before, after);
    for (Target target : written) {
      boolean set =
          merges()
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
      Target only = key.getFirst();
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
    for (Target target : written) {
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
      Target only = key.getFirst();
      sql.name(only.column().name()).append('=').name(only.column().name());
    }
  }

  /** The WHERE that finds a row. */
  public void appendWhere(SqlBuffer sql, byte[] @Nullable [] cells) {
    RowMatch.append(sql, unique, key, cells);
  }
}
