package dev.shunt.mysql;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** MySQL's, in which a collation has one name and one number. */
final class MysqlCatalog implements Catalog {
  /** Foreign keys, each of a table's together; behind WHERE stands which. */
  static final String FOREIGN_KEYS =
      "SELECT REFERENCED_TABLE_NAME, COUNT(*), SUM(CRC32(CONCAT_WS(',', CONSTRAINT_SCHEMA,"
          + " TABLE_NAME, CONSTRAINT_NAME, UPDATE_RULE, DELETE_RULE)))"
          + " FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE %s"
          + " GROUP BY REFERENCED_TABLE_NAME ORDER BY 1";

  @Override
  public Map<String, Integer> collations(MysqlConnection connection) {
    return numbers(connection, "SELECT COLLATION_NAME, ID FROM information_schema.COLLATIONS");
  }

  static Map<String, Integer> numbers(MysqlConnection connection, String query) {
    Map<String, Integer> numbers = new HashMap<>();
    for (Row row : connection.execute(query).rows()) {
      numbers.put(row.text(0), (int) row.number(1));
    }
    return numbers;
  }

  @Override
  public Optional<String> collation(MysqlConnection connection, int id) {
    return first(
        connection, "SELECT COLLATION_NAME FROM information_schema.COLLATIONS WHERE ID=" + id);
  }

  @Override
  public Optional<String> charsetOfCollation(MysqlConnection connection, int id) {
    return first(
        connection,
        "SELECT CHARACTER_SET_NAME FROM information_schema.COLLATIONS WHERE ID = " + id);
  }

  static Optional<String> first(MysqlConnection connection, String query) {
    return connection.execute(query).rows().stream().map(row -> row.text(0)).findFirst();
  }

  @Override
  public String foreignKeysTo(MysqlConnection connection, String database, String table) {
    return FOREIGN_KEYS.formatted(
        "UNIQUE_CONSTRAINT_SCHEMA = %s AND REFERENCED_TABLE_NAME = %s"
            .formatted(SqlText.literal(database), SqlText.literal(table)));
  }

  /** The quotes in it are escaped once more. */
  @Override
  public String expression(String shown) {
    return shown.replaceAll("\\\\(.)", "$1");
  }

  @Override
  public boolean hasSequences() {
    return false;
  }
}
