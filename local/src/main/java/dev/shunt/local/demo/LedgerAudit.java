package dev.shunt.local.demo;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Holds the rows that the databases have against what they should have: the loaded shop and what
 * the ledger says was acknowledged. It is given every row once; rows may come in any order.
 */
final class LedgerAudit {
  private final Shop shop;
  private final Map<Long, Ledger.Order> written;
  private final Map<Long, Long> charged;
  private final Map<Long, Long> placed;
  private final BitSet loadedSeen = new BitSet();
  private final Set<Long> writtenSeen = new HashSet<>();
  private final BitSet customersSeen = new BitSet();
  private final BitSet productsSeen = new BitSet();
  private long lost;
  private long duplicated;

  LedgerAudit(Shop shop, Ledger ledger) {
    this.shop = shop;
    this.written = ledger.orders();
    this.charged = ledger.centsByCustomer();
    this.placed = ledger.placedByCustomer();
  }

  void order(long id, Ledger.Order found) {
    boolean loaded = id >= 1 && id <= shop.orders();
    Ledger.Order expected = loaded ? shop.order(id - 1) : written.get(id);
    boolean first = loaded ? first(loadedSeen, id) : writtenSeen.add(id);
    if (!first || expected == null) {
      duplicated++;
    } else if (!expected.equals(found)) {
      lost++; // what was acknowledged is not what is there
    }
  }

  /**
   * A customer.
   *
   * @param cents balance
   * @param orders how many orders were placed since the shop was loaded
   */
  void customer(long id, long cents, long orders) {
    if (id < 1 || id > shop.customers() || !first(customersSeen, id)) {
      duplicated++;
      return;
    }
    long due = Shop.balanceCents(id - 1) + charged.getOrDefault(id, 0L);
    long ordered = placed.getOrDefault(id, 0L);
    if (cents < due || orders < ordered) {
      lost++;
    }
    if (cents > due || orders > ordered) {
      duplicated++;
    }
  }

  void product(long id) {
    if (id < 1 || id > shop.products() || !first(productsSeen, id)) {
      duplicated++;
    }
  }

  /** Counts what was never reported as lost. */
  LedgerCheck result() {
    long missing =
        (shop.orders() - loadedSeen.cardinality())
            + written.keySet().stream().filter(id -> !writtenSeen.contains(id)).count()
            + (shop.customers() - customersSeen.cardinality())
            + (shop.products() - productsSeen.cardinality());
    return new LedgerCheck(lost + missing, duplicated);
  }

  private static boolean first(BitSet seen, long id) {
    boolean first = !seen.get((int) id);
    seen.set((int) id);
    return first;
  }
}
