package dev.shunt.tablet;

import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** A call that a tablet refuses or could not carry out, with the code its caller gets. */
public final class RpcException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;
  private final boolean effectUnknown;
  private final @Nullable String fence;

  /** Makes one; the message says what, where and what to do. */
  public RpcException(Status.Code code, String message) {
    this(code, message, null);
  }

  /** Makes one with its cause. */
  public RpcException(Status.Code code, String message, @Nullable Throwable cause) {
    this(code, message, cause, false, null);
  }

  private RpcException(
      Status.Code code,
      String message,
      @Nullable Throwable cause,
      boolean effectUnknown,
      @Nullable String fence) {
    super(message, cause);
    this.code = code;
    this.effectUnknown = effectUnknown;
    this.fence = fence;
  }

  /** A call whose fence somebody else has raised since. */
  public static RpcException fenced(String fence, String message) {
    return new RpcException(Status.Code.FAILED_PRECONDITION, message, null, false, fence);
  }

  /** A call that failed when a COMMIT of it had gone out, or may have: part of it may stay. */
  public static RpcException afterCommit(
      Status.Code code, String message, @Nullable Throwable cause) {
    return new RpcException(code, message, cause, true, null);
  }

  /**
   * What this tablet's server has made itself, it has no more, so that it gives the same numbers to
   * other transactions.
   *
   * @param lost which, to be shown
   */
  public static RpcException lostLog(String lost) {
    return new RpcException(
        Status.Code.FAILED_PRECONDITION,
        "the server has lost transactions of its own log, by a reset, a crash or a restore, and"
            + " gives their numbers to others ("
            + lost
            + "); what is replicated from it must be copied again");
  }

  /** The code the caller gets. */
  public Status.Code code() {
    return code;
  }

  /** Key of the fence that somebody else has raised; null when the call was refused otherwise. */
  public @Nullable String fence() {
    return fence;
  }

  /** Whether the call may have taken effect although its code says that it was refused. */
  public boolean effectUnknown() {
    return effectUnknown;
  }
}
