package dev.shunt.topo;

/** A topology operation that did not take place. */
public final class TopoException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why an operation did not take place. */
  public enum Kind {
    /** The record is not there. */
    NO_NODE,
    /** The record is there already. */
    NODE_EXISTS,
    /** The record has another version than expected. */
    BAD_VERSION,
    /** A lock that guards the write is no longer held. */
    LOCK_LOST,
    /** Waiting took longer than allowed. */
    TIMEOUT,
    /** The arguments make no sense, for instance a malformed shard name. */
    INVALID,
    /** The store could not be reached or answered with an error; the write may have happened. */
    UNAVAILABLE
  }

  private final Kind kind;

  /** Makes one; the message says what, where and what to do. */
  public TopoException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** Makes one with its cause. */
  public TopoException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /**
   * Whether a failure comes from a store that can't be reached. That it went and is back is logged
   * where the connection is kept; who tries again meanwhile need not log each time.
   */
  public static boolean storeAway(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof TopoException topo && topo.kind == Kind.UNAVAILABLE) {
        return true;
      }
    }
    return false;
  }

  /** Why the operation did not take place. */
  public Kind kind() {
    return kind;
  }
}
