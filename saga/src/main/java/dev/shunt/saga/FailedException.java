package dev.shunt.saga;

import io.grpc.Status;

/** A step could not be carried out; the command fails with this code and sentence. */
public final class FailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;

  /** What failed, where, what to do. */
  public FailedException(Status.Code code, String message) {
    super(message);
    this.code = code;
  }

  /** What failed, where, what to do, and why. */
  public FailedException(Status.Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** gRPC status code. */
  public Status.Code code() {
    return code;
  }
}
