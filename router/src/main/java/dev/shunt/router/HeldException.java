package dev.shunt.router;

/** A statement has to wait until the topology changes; never leaves this package. */
final class HeldException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean byTopology;

  HeldException(String reason, boolean byTopology) {
    super(reason, null, false, false);
    this.byTopology = byTopology;
  }

  /** Whether the topology itself says so, and so will say when it is over. */
  boolean byTopology() {
    return byTopology;
  }
}
