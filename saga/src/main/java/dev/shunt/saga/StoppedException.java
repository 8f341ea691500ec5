package dev.shunt.saga;

/** The run was asked to stop; there is no outcome. */
public final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says why. */
  public StoppedException(String message) {
    super(message);
  }
}
