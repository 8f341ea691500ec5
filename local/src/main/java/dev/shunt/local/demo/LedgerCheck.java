package dev.shunt.local.demo;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Holds the ledger against the databases that have the tables now, by plain SQL past every tablet.
 *
 * @param lost acknowledged orders or charges that are not there
 * @param duplicated orders or charges that are there more than once, or were taken back and are
 *     there
 */
record LedgerCheck(long lost, long duplicated) {
  /** Reads all databases; nobody may write meanwhile. */
  static LedgerCheck of(Ledger ledger, Shop shop, List<MysqlEndpoint> databases) {
    Map<Long, Ledger.Order> expected = ledger.orders();
    Map<Long, Integer> found = new HashMap<>();
    Map<Long, Long> balances = new HashMap<>();
    for (MysqlEndpoint database : databases) {
      try (MysqlConnection connection = MysqlConnection.open(database)) {
        QueryResult orders =
            connection.execute(
                "select order_id from corder where order_id >= " + Shop.FIRST_WRITTEN_ORDER);
        for (Row row : orders.rows()) {
          found.merge(row.number(0), 1, Integer::sum);
        }
        QueryResult customers = connection.execute("select customer_id, balance from customer");
        for (Row row : customers.rows()) {
          long cents = new BigDecimal(row.text(1)).movePointRight(2).longValueExact();
          balances.merge(row.number(0), cents, Long::sum);
        }
      }
    }
    long lost = expected.keySet().stream().filter(order -> !found.containsKey(order)).count();
    long duplicated =
        found.entrySet().stream()
            .filter(entry -> entry.getValue() > 1 || !expected.containsKey(entry.getKey()))
            .count();
    Map<Long, Long> charged = ledger.centsByCustomer();
    for (long i = 0; i < shop.customers(); i++) {
      long due = Shop.balanceCents(i) + charged.getOrDefault(i + 1, 0L);
      Long balance = balances.get(i + 1);
      if (balance == null || balance < due) {
        lost++;
      } else if (balance > due) {
        duplicated++;
      }
    }
    return new LedgerCheck(lost, duplicated);
  }
}
