package dev.shunt.saga;

/**
 * This run can't go on and can't publish the outcome either, for instance because the decisive
 * write was sent and not answered. A new run, under a new lock, looks at the world again.
 */
public final class RunAgainException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says why. */
  public RunAgainException(String message) {
    super(message);
  }

  /** Says why. */
  public RunAgainException(String message, Throwable cause) {
    super(message, cause);
  }
}
