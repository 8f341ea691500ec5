package dev.shunt.tabletclient;

import io.grpc.Metadata;

/**
 * Fencing token of the lock under which a call is made; sent with each call that changes something.
 * A tablet keeps the highest token seen for a key and refuses calls with a lower one with
 * FAILED_PRECONDITION; a stock vttablet ignores it.
 *
 * @param key name of the lock, for instance {@code customer/c2c}
 * @param token token of the lock, at least 1
 */
public record Fence(String key, long token) {
  /** Metadata header that carries a fence as {@code key:token}. */
  public static final Metadata.Key<String> HEADER =
      Metadata.Key.of("shunt-fence", Metadata.ASCII_STRING_MARSHALLER);

  public Fence {
    if (key.isEmpty() || !key.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new IllegalArgumentException("fence key must be printable ASCII: " + key);
    }
    if (token < 1) {
      throw new IllegalArgumentException("fence token must be at least 1: " + token);
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

  /** The header's value: {@code key:token}. */
  @Override
  public String toString() {
    return key + ":" + token;
  }
}
