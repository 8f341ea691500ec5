package dev.shunt.saga;

import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** A step could not be carried out; the command fails with this code and sentence. */
public final class FailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;
  private final boolean waited;

  /** What failed, where, what to do. */
  public FailedException(Status.Code code, String message) {
    super(message);
    this.code = code;
    this.waited = false;
  }

  /** What failed, where, what to do, and why. */
  public FailedException(Status.Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.waited = cause instanceof FailedException failed && failed.waited;
  }

  private FailedException(Status.Code code, String message, @Nullable Throwable cause, boolean w) {
    super(message, cause);
    this.code = code;
    this.waited = w;
  }

  /** Something that is UNAVAILABLE and was waited for as long as it is to be. */
  static FailedException waitedFor(String message, @Nullable Throwable cause) {
    return new FailedException(Status.Code.UNAVAILABLE, message, cause, true);
  }

  /** Whether it was waited for as long as it is to be, so that a command does not try it again. */
  boolean waited() {
    return waited;
  }

  /** gRPC status code. */
  public Status.Code code() {
    return code;
  }
}
