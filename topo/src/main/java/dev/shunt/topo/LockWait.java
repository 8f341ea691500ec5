package dev.shunt.topo;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * How long a lock is waited for. Those who wait get it in the order in which they came; one that
 * waits behind others of Shunt gets it soon, while a lock of another tool may be a dead one that
 * lasts for a day.
 *
 * @param others how long one holder that is not of Shunt is waited for
 * @param line how long the whole wait may last
 * @param onHolder called on the waiting thread, once for each holder that stays for more than a
 *     moment
 */
public record LockWait(Duration others, Duration line, Consumer<LockHolder> onHolder) {
  /** A wait that ends after this time, whoever holds the lock, and reports to nobody. */
  public static LockWait of(Duration limit) {
    return new LockWait(limit, limit, holder -> {});
  }
}
