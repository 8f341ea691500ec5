package dev.shunt.router;

/** A statement that was not carried out, or whose outcome is not known. */
public final class RoutingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** How a statement failed. */
  public enum Kind {
    /** The statement can't be routed; it was not sent. */
    REFUSED,
    /**
     * Its table was denied, or its tablet away, for longer than the hold timeout; it was not
     * carried out.
     */
    HELD_TOO_LONG,
    /** The tablet refused it or MySQL answered with an error; it was not carried out. */
    FAILED,
    /** The tablet went away while it or its COMMIT was carried out; it may have been or not. */
    UNCERTAIN
  }

  private final Kind kind;

  /** With the reason and a sentence for the caller. */
  public RoutingException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** Makes one with its cause. */
  public RoutingException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Why it was not carried out. */
  public Kind kind() {
    return kind;
  }
}
