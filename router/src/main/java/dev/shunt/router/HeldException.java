package dev.shunt.router;

/**
 * A statement that was surely not carried out and has to wait; never leaves this package, except
 * through an application's work in a transaction.
 */
final class HeldException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What it waits for. */
  enum Why {
    /** The topology denies its table. */
    TOPOLOGY,
    /** The tablet denies its table. */
    DENIED,
    /** The tablet or its database is away, or the tablet is not what it was called as. */
    AWAY
  }

  private final Why why;

  private HeldException(String reason, Why why) {
    super(reason, null, false, false);
    this.why = why;
  }

  static HeldException byTopology(String reason) {
    return new HeldException(reason, Why.TOPOLOGY);
  }

  static HeldException denied(String reason) {
    return new HeldException(reason, Why.DENIED);
  }

  static HeldException away(String reason) {
    return new HeldException(reason, Why.AWAY);
  }

  Why why() {
    return why;
  }
}
