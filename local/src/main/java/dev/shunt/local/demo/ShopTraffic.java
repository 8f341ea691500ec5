package dev.shunt.local.demo;

import dev.shunt.router.TrafficRouter;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * People who buy and look while the tables move. Writers go as fast as they are served: each places
 * an order and charges its customer in one transaction, and takes every eighth order back. Readers
 * look at a customer some hundred times a second. All go through the router and name the keyspace
 * that the tables lay in at first.
 */
final class ShopTraffic {
  private static final Logger log = LoggerFactory.getLogger(ShopTraffic.class);
  private static final long ORDERS_A_WRITER = 1_000_000_000L;
  private static final long READ_PAUSE_NANOS = 5_000_000;

  private final TrafficRouter router;
  private final Shop shop;
  private final Ledger ledger;
  private final WriteGaps gaps;
  private final LongAdder readErrors = new LongAdder();
  private final List<Thread> threads = new ArrayList<>();
  private final ReentrantReadWriteLock naming = new ReentrantReadWriteLock();
  private String keyspace;
  private volatile boolean open = true;

  ShopTraffic(TrafficRouter router, String keyspace, Shop shop, Ledger ledger, WriteGaps gaps) {
    this.router = router;
    this.keyspace = keyspace;
    this.shop = shop;
    this.ledger = ledger;
    this.gaps = gaps;
  }

  void start(int writers, int readers) {
    for (int i = 0; i < writers; i++) {
      int writer = i;
      threads.add(Thread.ofVirtual().name("writer-" + i).start(() -> write(writer)));
    }
    for (int i = 0; i < readers; i++) {
      int reader = i;
      threads.add(Thread.ofVirtual().name("reader-" + i).start(() -> read(reader)));
    }
  }

  /** Makes everybody name another keyspace; nobody names the old one any more on return. */
  void moveTo(String newKeyspace) {
    naming.writeLock().lock();
    try {
      keyspace = newKeyspace;
    } finally {
      naming.writeLock().unlock();
    }
  }

  long readErrors() {
    return readErrors.sum();
  }

  private void write(int writer) {
    SplittableRandom random = new SplittableRandom(7_000 + writer);
    Deque<Placed> placed = new ArrayDeque<>();
    long next = Shop.FIRST_WRITTEN_ORDER + writer * ORDERS_A_WRITER;
    for (long turn = 1; open; turn++) {
      naming.readLock().lock();
      try {
        if (turn % 8 == 0 && placed.size() > 20) {
          takeBack(placed.removeFirst());
        } else {
          placed.addLast(place(next++, random));
        }
        gaps.acknowledge(writer, System.nanoTime());
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) { // whatever it is, this customer's order failed
        ledger.error();
        log.atError().addKeyValue("writer", writer).setCause(e).log("a write failed");
        LockSupport.parkNanos(READ_PAUSE_NANOS);
      } finally {
        naming.readLock().unlock();
      }
    }
  }

  private record Placed(long order, long customer, long cents) {}

  private Placed place(long order, SplittableRandom random) throws InterruptedException {
    long customer = 1 + random.nextLong(shop.customers());
    long cents = 1 + random.nextLong(10_000);
    BigDecimal price = BigDecimal.valueOf(cents, 2);
    long product = 1 + random.nextLong(shop.products());
    router.transaction(
        keyspace,
        transaction -> {
          transaction.execute(
              "insert into corder (order_id, customer_id, product_id, quantity, price, note)"
                  + " values (:order, :customer, :product, 1, :price, :note)",
              Map.of(
                  "order", order,
                  "customer", customer,
                  "product", product,
                  "price", price,
                  "note", "placed while the table moved; it's " + order));
          transaction.execute(
              "update customer set balance = balance + :price, orders_placed = orders_placed + 1"
                  + " where customer_id = :customer",
              Map.of("price", price, "customer", customer));
          return true;
        });
    ledger.acknowledge(order, new Ledger.Order(customer, product, cents));
    return new Placed(order, customer, cents);
  }

  private void takeBack(Placed placed) throws InterruptedException {
    router.transaction(
        keyspace,
        transaction -> {
          transaction.execute(
              "delete from corder where order_id = :order and customer_id = :customer",
              Map.of("order", placed.order(), "customer", placed.customer()));
          transaction.execute(
              "update customer set balance = balance - :price where customer_id = :customer",
              Map.of(
                  "price", BigDecimal.valueOf(placed.cents(), 2), "customer", placed.customer()));
          return true;
        });
    ledger.acknowledgeRemoval(placed.order());
  }

  private void read(int reader) {
    SplittableRandom random = new SplittableRandom(9_000 + reader);
    while (open) {
      long customer = 1 + random.nextLong(shop.customers());
      naming.readLock().lock();
      try {
        int rows =
            router
                .execute(
                    keyspace,
                    "select name, balance, profile from customer where customer_id = :customer",
                    Map.of("customer", customer))
                .getRowsCount();
        if (rows != 1) {
          readErrors.increment();
          log.atError().addKeyValue("customer", customer).log("a customer was not found");
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) { // whatever it is, nobody was shown the customer
        readErrors.increment();
        log.atError().addKeyValue("reader", reader).setCause(e).log("a read failed");
      } finally {
        naming.readLock().unlock();
      }
      LockSupport.parkNanos(READ_PAUSE_NANOS);
    }
  }

  /** Lets everybody finish what they are at. */
  void stop() throws InterruptedException {
    open = false;
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
