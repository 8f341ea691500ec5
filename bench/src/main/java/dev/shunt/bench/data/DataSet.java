package dev.shunt.bench.data;

import java.util.List;

/**
 * The tables that are copied: {@code sbtest1} as sysbench makes it, and two tables of mixed column
 * types. With 2,000,000 rows in the first it is about 510 MB of text.
 *
 * @param tables the tables with their sizes
 */
public record DataSet(List<Table> tables) {
  /** So many times fewer rows than sbtest1 has each of the other tables. */
  public static final int SHARE_OF_WIDE_TABLES = 8;

  private static final String CUSTOMER =
      """
      id bigint NOT NULL AUTO_INCREMENT,
      email varchar(128) NOT NULL,
      name varchar(100) NOT NULL,
      born date DEFAULT NULL,
      balance decimal(12,2) NOT NULL,
      score double DEFAULT NULL,
      active tinyint(1) NOT NULL,
      level enum('bronze','silver','gold','platinum') NOT NULL,
      interests set('books','music','sports','travel') DEFAULT NULL,
      created datetime(6) NOT NULL,
      updated timestamp(3) NULL DEFAULT NULL,
      profile json DEFAULT NULL,
      note text,
      PRIMARY KEY (id)\
      """;

  private static final String CORDER =
      """
      id bigint unsigned NOT NULL AUTO_INCREMENT,
      customer_id bigint NOT NULL,
      sku varbinary(16) NOT NULL,
      quantity int unsigned NOT NULL,
      price decimal(18,4) NOT NULL,
      weight float DEFAULT NULL,
      state enum('new','paid','shipped','returned') NOT NULL,
      ordered timestamp(6) NULL DEFAULT NULL,
      shipped date DEFAULT NULL,
      opens time(3) DEFAULT NULL,
      flags bit(8) DEFAULT NULL,
      signature blob,
      address json DEFAULT NULL,
      comment varchar(500) CHARACTER SET latin1 DEFAULT NULL,
      PRIMARY KEY (id)\
      """;

  public DataSet {
    tables = List.copyOf(tables);
  }

  /**
   * All three tables.
   *
   * @param rows rows of sbtest1, at least 8; the other two have an eighth of it each
   */
  public static DataSet ofRows(long rows) {
    if (rows < SHARE_OF_WIDE_TABLES) {
      throw new IllegalArgumentException(
          "there must be at least %d rows, not %d".formatted(SHARE_OF_WIDE_TABLES, rows));
    }
    long wide = rows / SHARE_OF_WIDE_TABLES;
    return new DataSet(
        List.of(
            sysbench("sbtest1", rows),
            new Table(
                "customer",
                CUSTOMER,
                List.of(),
                "(id, email, name, born, balance, score, active, level, interests, created,"
                    + " updated, @profile, note) SET profile = CONVERT(@profile USING utf8mb4)",
                wide),
            new Table(
                "corder",
                CORDER,
                List.of(),
                "(id, customer_id, sku, quantity, price, weight, state, ordered, shipped, opens,"
                    + " flags, signature, @address, comment)"
                    + " SET address = CONVERT(@address USING utf8mb4)",
                wide)));
  }

  /** A table as sysbench makes it. */
  public static Table sysbench(String name, long rows) {
    return new Table(
        name,
        """
        id int NOT NULL AUTO_INCREMENT,
        k int NOT NULL DEFAULT 0,
        c char(120) NOT NULL DEFAULT '',
        pad char(60) NOT NULL DEFAULT '',
        PRIMARY KEY (id)\
        """,
        List.of("KEY k_1 (k)"),
        "(id, k, c, pad)",
        rows);
  }

  /**
   * One table as sysbench makes it, but for its primary key.
   *
   * @param rows how many it has, at least 1 and at most 2^31
   */
  public static DataSet ofKey(KeyKind kind, long rows) {
    if (rows < 1 || rows > 1L << 31) {
      throw new IllegalArgumentException("there must be 1 to 2^31 rows, not " + rows);
    }
    return new DataSet(
        List.of(
            new Table(
                kind.table(),
                kind.columns()
                    + """
                    , k int NOT NULL DEFAULT 0,
                    c char(120) NOT NULL DEFAULT '',
                    pad char(60) NOT NULL DEFAULT '',
                    PRIMARY KEY (%s)\
                    """
                        .formatted(kind.key()),
                List.of("KEY k_1 (k)"),
                "(" + kind.key() + ", k, c, pad)",
                rows)));
  }

  /** Rows of all tables together. */
  public long rows() {
    return tables.stream().mapToLong(Table::rows).sum();
  }

  /** Names of the tables. */
  public List<String> names() {
    return tables.stream().map(Table::name).toList();
  }
}
