package dev.shunt.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Each kind of damage is found, and only damage. */
class LedgerAuditTest {
  private static final long WRITTEN = Shop.FIRST_WRITTEN_ORDER + 5;
  private static final long TAKEN_BACK = Shop.FIRST_WRITTEN_ORDER + 6;
  private static final Ledger.Order ORDER = new Ledger.Order(7, 3, 250);

  private final Shop shop = new Shop(100);
  private final Ledger ledger = new Ledger();

  /** Tells an audit everything as it should be, but for what a test leaves out. */
  private LedgerAudit audit(long withoutOrder, long withoutCustomer, long withoutProduct) {
    ledger.acknowledge(WRITTEN, ORDER);
    ledger.acknowledge(TAKEN_BACK, new Ledger.Order(7, 4, 10));
    ledger.acknowledgeRemoval(TAKEN_BACK);
    LedgerAudit audit = new LedgerAudit(shop, ledger);
    each(shop.orders(), withoutOrder, id -> audit.order(id, shop.order(id - 1)));
    if (withoutOrder != WRITTEN) {
      audit.order(WRITTEN, ORDER);
    }
    each(
        shop.customers(),
        withoutCustomer,
        id -> audit.customer(id, balance(id), id == ORDER.customer() ? 2 : 0));
    each(shop.products(), withoutProduct, audit::product);
    return audit;
  }

  private static void each(long count, long without, LongConsumer each) {
    LongStream.rangeClosed(1, count).filter(id -> id != without).forEach(each);
  }

  private static long balance(long customer) {
    return Shop.balanceCents(customer - 1) + (customer == ORDER.customer() ? ORDER.cents() : 0);
  }

  @Test
  void nothingIsWrongWhenEverythingIsThere() {
    assertThat(audit(0, 0, 0).result()).isEqualTo(new LedgerCheck(0, 0));
  }

  @Test
  void whatIsMissingIsLost() {
    assertThat(audit(WRITTEN, 0, 0).result()).isEqualTo(new LedgerCheck(1, 0));
  }

  @Test
  void loadedRowsAreMissedToo() {
    assertThat(audit(42, 5, 2).result()).isEqualTo(new LedgerCheck(3, 0));
  }

  @Test
  void whatIsThereTwiceIsDuplicated() {
    LedgerAudit audit = audit(0, 0, 0);
    audit.order(WRITTEN, ORDER);
    audit.order(42, shop.order(41));
    audit.customer(3, balance(3), 0);
    audit.product(1);
    assertThat(audit.result()).isEqualTo(new LedgerCheck(0, 4));
  }

  @Test
  void whatNobodyWasToldOfIsDuplicated() {
    LedgerAudit audit = audit(0, 0, 0);
    audit.order(TAKEN_BACK, new Ledger.Order(7, 4, 10));
    audit.order(Shop.FIRST_WRITTEN_ORDER + 9, ORDER);
    assertThat(audit.result()).isEqualTo(new LedgerCheck(0, 2));
  }

  @Test
  void anotherOwnerOrPriceIsALoss() {
    LedgerAudit audit = audit(WRITTEN, 0, 0);
    audit.order(WRITTEN, new Ledger.Order(8, 3, 250));
    assertThat(audit.result()).isEqualTo(new LedgerCheck(1, 0));
  }

  @Test
  void chargesAndCountsAreHeldEachOnItsOwn() {
    LedgerAudit audit = audit(0, 7, 0);
    audit.customer(7, balance(7) - 1, 3);
    assertThat(audit.result())
        .as("too little charged, one order too many")
        .isEqualTo(new LedgerCheck(1, 1));
  }
}
