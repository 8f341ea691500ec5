package dev.shunt.tablet;

import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** A call that a tablet refuses or could not carry out, with the code its caller gets. */
public final class TabletException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;

  /** Makes one; the message says what, where and what to do. */
  public TabletException(Status.Code code, String message) {
    this(code, message, null);
  }

  /** Makes one with its cause. */
  public TabletException(Status.Code code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** The code the caller gets. */
  public Status.Code code() {
    return code;
  }
}
