package dev.shunt.local.demo;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What was reported to the shop as committed: the orders that were placed and what they added to
 * their customers' balances. Written by the writers after each acknowledgement, read when they
 * stopped.
 */
final class Ledger {
  /**
   * An acknowledged order.
   *
   * @param customer customer who placed it
   * @param product what was ordered
   * @param cents its price, which it added to the customer's balance
   */
  record Order(long customer, long product, long cents) {}

  private final ConcurrentHashMap<Long, Order> orders = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Long, Long> placed = new ConcurrentHashMap<>();
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder errors = new LongAdder();

  void acknowledge(long id, Order order) {
    orders.put(id, order);
    placed.merge(order.customer(), 1L, Long::sum);
    acknowledged.increment();
  }

  void acknowledgeRemoval(long order) {
    orders.remove(order);
    acknowledged.increment();
  }

  void error() {
    errors.increment();
  }

  long acknowledged() {
    return acknowledged.sum();
  }

  long errors() {
    return errors.sum();
  }

  Map<Long, Order> orders() {
    return Map.copyOf(orders);
  }

  /** How many orders each customer placed, those that were taken back included. */
  Map<Long, Long> placedByCustomer() {
    return Map.copyOf(placed);
  }

  /** What the acknowledged orders added, by customer, in cents. */
  Map<Long, Long> centsByCustomer() {
    Map<Long, Long> cents = new HashMap<>();
    orders.values().forEach(order -> cents.merge(order.customer(), order.cents(), Long::sum));
    return cents;
  }
}
