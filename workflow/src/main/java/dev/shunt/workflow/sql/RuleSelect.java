package dev.shunt.workflow.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The SELECT of a rule as the target of a stream reads it: how each row of a target table comes
 * from rows of one source table.
 *
 * @param table table of the source
 * @param outputs what fills the target's columns, in order; empty means {@code *}
 * @param grouping whether several rows of the source make one of the target
 * @param from text from FROM up to GROUP BY, to be sent to the source
 * @param conditional whether that has a WHERE
 */
public record RuleSelect(
    String table, List<Output> outputs, Grouping grouping, String from, boolean conditional) {
  public RuleSelect {
    outputs = List.copyOf(outputs);
  }

  /** Whether every column of the source fills the target's column of its name. */
  public boolean allColumns() {
    return outputs.isEmpty();
  }

  /** How rows come together. */
  public enum Grouping {
    /** Each row of the source is one of the target. */
    NONE,
    /** Rows with equal grouped columns are one; the others count, add up or keep the last. */
    MERGED,
    /** All columns are grouped: a row is there once or not at all. */
    DISTINCT
  }

  /** What fills a column of the target. */
  public sealed interface Output {
    /** The target's column. */
    String alias();

    /** Whether GROUP BY names it. */
    boolean grouped();
  }

  /** A column of the source. */
  public record Column(String column, String alias, boolean grouped) implements Output {}

  /** An expression that the target's server works out. */
  public record Computed(Template template, String alias, boolean grouped) implements Output {}

  /** {@code count(*)}. */
  public record Count(String alias) implements Output {
    @Override
    public boolean grouped() {
      return false;
    }
  }

  /** {@code sum(column)}. */
  public record Sum(String column, String alias) implements Output {
    @Override
    public boolean grouped() {
      return false;
    }
  }

  /**
   * The text of an expression with gaps where values of columns go.
   *
   * @param texts what stands before, between and behind the gaps
   * @param columns the columns of the gaps, one less than texts
   */
  public record Template(List<String> texts, List<String> columns) {
    public Template {
      texts = List.copyOf(texts);
      columns = List.copyOf(columns);
    }
  }

  /** As the other, for all rows. */
  public String query(List<String> more) {
    return query(more, List.of());
  }

  /**
   * The SELECT to ask the source for: its bare columns.
   *
   * @param more columns to be sent as well
   * @param terms what must hold as well, each a term of a WHERE clause
   */
  public String query(List<String> more, List<String> terms) {
    String rest = from;
    for (String term : terms) {
      boolean first = !conditional && rest.equals(from);
      rest += (first ? " where " : " and ") + term;
    }
    if (allColumns()) {
      return "select * " + rest;
    }
    List<String> columns = new ArrayList<>();
    for (Output output : outputs) {
      switch (output) {
        case Column column -> add(columns, column.column());
        case Computed computed -> computed.template().columns().forEach(c -> add(columns, c));
        case Sum sum -> add(columns, sum.column());
        case Count _ -> {}
      }
    }
    more.forEach(column -> add(columns, column));
    return "select "
        + String.join(", ", columns.stream().map(SqlNames::quoted).toList())
        + " "
        + rest;
  }

  private static void add(List<String> columns, String column) {
    String lower = column.toLowerCase(Locale.ROOT);
    if (columns.stream().noneMatch(other -> other.toLowerCase(Locale.ROOT).equals(lower))) {
      columns.add(column);
    }
  }
}
