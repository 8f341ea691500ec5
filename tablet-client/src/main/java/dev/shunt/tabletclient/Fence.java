package dev.shunt.tabletclient;

import io.grpc.Metadata;

/**
 * Fencing token of the lock under which a call is made; sent with each call that changes something.
 * A tablet keeps the highest token seen for a key and refuses calls with a lower one with
 * FAILED_PRECONDITION; a stock vttablet ignores it.
 *
 * @param key name of the lock, for instance {@code customer/c2c}
 * @param token token of the lock, at least 1
 * @param epoch in which life of the topology's store the token was given: tokens are compared
 *     within one only; empty when that is not known
 */
public record Fence(String key, long token, String epoch) {
  /** Metadata header that carries a fence as {@code key:token}. */
  public static final Metadata.Key<String> HEADER =
      Metadata.Key.of("shunt-fence", Metadata.ASCII_STRING_MARSHALLER);

  /** Metadata header that carries a fence's epoch. */
  public static final Metadata.Key<String> EPOCH_HEADER =
      Metadata.Key.of("shunt-fence-epoch", Metadata.ASCII_STRING_MARSHALLER);

  /** A fence whose epoch is not known. */
  public Fence(String key, long token) {
    this(key, token, "");
  }

  public Fence {
    if (key.isEmpty() || !key.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new IllegalArgumentException("fence key must be printable ASCII: " + key);
    }
    if (token < 1) {
      throw new IllegalArgumentException("fence token must be at least 1: " + token);
    }
    if (epoch.length() > 64 || !epoch.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new IllegalArgumentException("fence epoch must be short printable ASCII: " + epoch);
    }
  }

  /** Reads the header's value; IllegalArgumentException when it is malformed. */
  public static Fence parse(String header) {
    int colon = header.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("not a fence (key:token): " + header);
    }
    return new Fence(header.substring(0, colon), Long.parseLong(header.substring(colon + 1)));
  }

  /** The same with an epoch. */
  public Fence withEpoch(String newEpoch) {
    return new Fence(key, token, newEpoch);
  }

  /** The header's value: {@code key:token}. */
  @Override
  public String toString() {
    return key + ":" + token;
  }
}
