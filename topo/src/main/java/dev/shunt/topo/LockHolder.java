package dev.shunt.topo;

import java.util.Optional;

/**
 * What a lock's key says of whoever holds the lock, or waits for it.
 *
 * @param path what is locked, for instance {@code keyspaces/customer}
 * @param key name of the key: {@code <path>/locks/<number>}
 * @param token create revision of the key: the oldest of a path holds the lock
 * @param action what for
 * @param host on which host
 * @param user under which user
 * @param since when it came, as it wrote it: RFC 3339
 * @param ours whether a program of Shunt wrote it; those hold a lock for moments only, and one that
 *     died leaves it within seconds
 */
public record LockHolder(
    String path,
    String key,
    long token,
    String action,
    String host,
    String user,
    String since,
    boolean ours) {
  /** The name of the lock, for instance {@code customer/c2c}; empty when it has a record's path. */
  public Optional<String> named() {
    return path.startsWith(Paths.NAMED_LOCKS)
        ? Optional.of(path.substring(Paths.NAMED_LOCKS.length()))
        : Optional.empty();
  }

  /** One phrase: who, what for, since when. */
  public String text() {
    return "%s by %s on %s since %s".formatted(action, user, host, since);
  }
}
