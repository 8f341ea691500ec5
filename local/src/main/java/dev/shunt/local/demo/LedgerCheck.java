package dev.shunt.local.demo;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.RowCursor;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Holds the ledger against the databases that have the tables now, by plain SQL past every tablet.
 *
 * @param lost orders, charges or rows of the loaded shop that are not there, or not as they were
 *     acknowledged
 * @param duplicated of these, what is there more than once, or was taken back and is there
 */
record LedgerCheck(long lost, long duplicated) {
  /** Reads all databases; nobody may write meanwhile. */
  static LedgerCheck of(Ledger ledger, Shop shop, List<MysqlEndpoint> databases) {
    LedgerAudit audit = new LedgerAudit(shop, ledger);
    Map<String, Consumer<Row>> reading =
        Map.of(
            "select order_id, customer_id, product_id, price from corder",
            row ->
                audit.order(
                    row.number(0), new Ledger.Order(row.number(1), row.number(2), cents(row, 3))),
            "select customer_id, balance, orders_placed from customer",
            row -> audit.customer(row.number(0), cents(row, 1), row.number(2)),
            "select product_id from product",
            row -> audit.product(row.number(0)));
    for (MysqlEndpoint database : databases) {
      try (MysqlConnection connection = MysqlConnection.open(database)) {
        reading.forEach((query, each) -> read(connection, query, each));
      }
    }
    return audit.result();
  }

  private static void read(MysqlConnection connection, String query, Consumer<Row> each) {
    try (RowCursor rows = connection.stream(query)) {
      while (rows.next()) {
        each.accept(rows.row());
      }
    }
  }

  private static long cents(Row row, int column) {
    return new BigDecimal(row.text(column)).movePointRight(2).longValueExact();
  }
}
