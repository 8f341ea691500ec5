package dev.shunt.mysql;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** MariaDB's, in which collations of UCA 14 have a number for each of their character sets. */
final class MariaDbCatalog implements Catalog {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_]*");
  private static final String APPLICABILITY =
      " FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY";

  private final Catalog common = new MysqlCatalog();

  @Override
  public Map<String, Integer> collations(MysqlConnection connection) {
    return hasFullNames(connection)
        ? MysqlCatalog.numbers(connection, "SELECT FULL_COLLATION_NAME, ID" + APPLICABILITY)
        : common.collations(connection);
  }

  private static boolean hasFullNames(MysqlConnection connection) {
    return !connection
        .execute(
            "SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='information_schema' AND"
                + " TABLE_NAME='COLLATION_CHARACTER_SET_APPLICABILITY' AND"
                + " COLUMN_NAME='FULL_COLLATION_NAME'")
        .rows()
        .isEmpty();
  }

  @Override
  public Optional<String> collation(MysqlConnection connection, int id) {
    return common
        .collation(connection, id)
        .or(() ->
            MysqlCatalog.first(
                connection, "SELECT FULL_COLLATION_NAME" + APPLICABILITY + " WHERE ID=" + id));
  }

  @Override
  public Optional<String> charsetOfCollation(MysqlConnection connection, int id) {
    return common
        .charsetOfCollation(connection, id)
        .or(() ->
            MysqlCatalog.first(
                connection, "SELECT CHARACTER_SET_NAME" + APPLICABILITY + " WHERE ID = " + id));
  }

  /** Does not open each table, as REFERENTIAL_CONSTRAINTS does, but demands PROCESS. */
  @Override
  public String foreignKeysTo(MysqlConnection connection, String database, String table) {
    String query =
        "SELECT '', COUNT(*), COALESCE(SUM(CRC32(CONCAT_WS(',', ID, FOR_NAME, REF_NAME, TYPE))), 0)"
            + " FROM information_schema.INNODB_SYS_FOREIGN WHERE "
            + refersTo(database, table);
    try {
      var unused = connection.execute(query);
      return query;
    } catch (MysqlException e) {
      if (e.connectionLost()) {
        throw e;
      }
      // Of all tables, so that it is asked once for all.
      return MysqlCatalog.FOREIGN_KEYS.formatted(
          "CONSTRAINT_SCHEMA = " + SqlText.literal(database));
    }
  }

  /** InnoDB encodes names; of those that it changes by that, more is taken than is needed. */
  private static String refersTo(String database, String table) {
    if (!PLAIN.matcher(database).matches()) {
      return "1 = 1";
    }
    String start = database + "/";
    return PLAIN.matcher(table).matches()
        ? "REF_NAME = " + SqlText.literal(start + table)
        : "LEFT(REF_NAME, " + start.length() + ") = " + SqlText.literal(start);
  }

  @Override
  public String expression(String shown) {
    return shown;
  }

  @Override
  public boolean hasSequences() {
    return true;
  }
}
