package dev.shunt.mysql;

/** A snapshot would lack rows, or may; somebody has to change something on the server first. */
public final class UnfitForSnapshotException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes one; the message says what to do. */
  public UnfitForSnapshotException(String message) {
    super(message);
  }
}
