package dev.shunt.workflow.sql;

import java.util.List;
import java.util.Optional;

/** A statement, as far as routing it goes. */
public sealed interface SqlStatement {
  /** What it does. */
  StatementKind kind();

  /** Every table it names, sub-selects and joins included, each once, sorted. */
  List<TableName> tables();

  /**
   * A query.
   *
   * @param table the only table, when it reads one and has no sub-select
   * @param where AND-list of its WHERE clause; {@link Condition.Unhandled} members may occur
   * @param locking whether it locks rows (FOR UPDATE, LOCK IN SHARE MODE)
   * @param merging whether rows of several shards cannot simply follow each other: DISTINCT,
   *     aggregates, GROUP BY, HAVING, ORDER BY, LIMIT or UNION
   */
  record Select(
      List<TableName> tables,
      Optional<TableName> table,
      List<Condition> where,
      boolean locking,
      boolean merging)
      implements SqlStatement {
    public Select {
      tables = List.copyOf(tables);
      where = List.copyOf(where);
    }

    @Override
    public StatementKind kind() {
      return StatementKind.SELECT;
    }
  }

  /**
   * An INSERT or REPLACE.
   *
   * @param kind INSERT or REPLACE
   * @param table table it writes
   * @param ignore INSERT IGNORE
   * @param columns columns it names; empty when it names none
   * @param rows a value a column for each row; empty for INSERT … SELECT
   * @param updatedColumns columns its ON DUPLICATE KEY UPDATE sets
   */
  record Insert(
      StatementKind kind,
      List<TableName> tables,
      TableName table,
      boolean ignore,
      List<String> columns,
      List<List<SqlValue>> rows,
      List<String> updatedColumns)
      implements SqlStatement {
    public Insert {
      tables = List.copyOf(tables);
      columns = List.copyOf(columns);
      rows = rows.stream().map(List::copyOf).toList();
      updatedColumns = List.copyOf(updatedColumns);
    }
  }

  /**
   * An UPDATE.
   *
   * @param table the only table, when it names one and has no sub-select
   * @param assignments what it sets
   * @param where AND-list of its WHERE clause; {@link Condition.Unhandled} members may occur
   * @param limited whether it has ORDER BY or LIMIT
   */
  record Update(
      List<TableName> tables,
      Optional<TableName> table,
      List<Assignment> assignments,
      List<Condition> where,
      boolean limited)
      implements SqlStatement {
    public Update {
      tables = List.copyOf(tables);
      assignments = List.copyOf(assignments);
      where = List.copyOf(where);
    }

    @Override
    public StatementKind kind() {
      return StatementKind.UPDATE;
    }
  }

  /**
   * A DELETE.
   *
   * @param table the only table, when it names one and has no sub-select
   * @param where AND-list of its WHERE clause; {@link Condition.Unhandled} members may occur
   * @param limited whether it has ORDER BY or LIMIT
   */
  record Delete(
      List<TableName> tables, Optional<TableName> table, List<Condition> where, boolean limited)
      implements SqlStatement {
    public Delete {
      tables = List.copyOf(tables);
      where = List.copyOf(where);
    }

    @Override
    public StatementKind kind() {
      return StatementKind.DELETE;
    }
  }

  /** Any other statement that could be read. */
  record Other(StatementKind kind, List<TableName> tables) implements SqlStatement {
    public Other {
      tables = List.copyOf(tables);
    }
  }

  /** {@code column = value} of an UPDATE. */
  record Assignment(String column, SqlValue value) {}
}
