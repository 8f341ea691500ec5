package dev.shunt.mysql;

import java.util.Map;
import java.util.Optional;

/** What the servers of a flavor say of what is in them, where they say it in ways of their own. */
public interface Catalog {
  /** Numbers of all collations, by name as columns of tables have it. */
  Map<String, Integer> collations(MysqlConnection connection);

  /** Name of a collation; empty when the server has none of that number. */
  Optional<String> collation(MysqlConnection connection, int id);

  /** Name of a collation's character set; empty when the server has none of that number. */
  Optional<String> charsetOfCollation(MysqlConnection connection, int id);

  /**
   * A query for the foreign keys that refer to a table, as cheap as the account may ask for. It may
   * answer for other tables, too, and be the same for all of a database.
   *
   * @return a query of rows that begin with a table's name, or an empty text where all are of the
   *     table
   */
  String foreignKeysTo(MysqlConnection connection, String database, String table);

  /** What a column is computed from, given GENERATION_EXPRESSION. */
  String expression(String shown);

  /** Whether there are sequences, by which columns may have their defaults made. */
  boolean hasSequences();
}
