package dev.shunt.tablet.sql;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement on a tablet's own tables; {@code sql} names the sidecar database in use. */
public sealed interface SidecarStatement {
  /** The statement's text. */
  String sql();

  /** Name of the table, without its database. */
  String table();

  /** A query. */
  record Select(String sql, String table) implements SidecarStatement {}

  /**
   * An insert.
   *
   * @param columns columns in order, lower case; empty when there is no list
   * @param plainRows whether it inserts explicit rows and nothing else
   */
  record Insert(String sql, String table, List<String> columns, boolean plainRows)
      implements SidecarStatement {}

  /**
   * An update of one table.
   *
   * @param assigned columns that get a value, lower case
   * @param head text up to the condition, or to the end without one
   * @param where text of the condition, or null
   * @param whereNames names in the condition, lower case
   * @param ordered whether it has ORDER BY or LIMIT
   * @param unsafe whether a directive allows it to touch any stream
   */
  record Update(
      String sql,
      String table,
      List<String> assigned,
      String head,
      @Nullable String where,
      List<String> whereNames,
      boolean ordered,
      boolean unsafe)
      implements SidecarStatement {}

  /**
   * A delete from one table; components as in {@link Update}.
   *
   * @param head text up to the condition, or to the end without one
   * @param where text of the condition, or null
   * @param whereNames names in the condition, lower case
   * @param ordered whether it has ORDER BY or LIMIT
   * @param unsafe whether a directive allows it to touch any stream
   */
  record Delete(
      String sql,
      String table,
      String head,
      @Nullable String where,
      List<String> whereNames,
      boolean ordered,
      boolean unsafe)
      implements SidecarStatement {}
}
