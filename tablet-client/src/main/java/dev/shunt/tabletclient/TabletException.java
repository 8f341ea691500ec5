package dev.shunt.tabletclient;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A call to a tablet that failed: the gRPC code, what was said, and MySQL's number if it named one.
 */
public final class TabletException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final Pattern ERRNO =
      Pattern.compile("\\(errno (\\d{1,9})\\)(?: \\(sqlstate ([0-9A-Za-z]{5})\\))?");

  private final Status.Code code;
  private final int mysqlErrno;
  private final String sqlState;

  /** Makes one; MySQL's error number and SQL state are taken from the message. */
  public TabletException(Status.Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
    Matcher matcher = ERRNO.matcher(message);
    boolean found = matcher.find();
    this.mysqlErrno = found ? Integer.parseInt(matcher.group(1)) : 0;
    this.sqlState = found ? Objects.requireNonNullElse(matcher.group(2), "") : "";
  }

  static TabletException of(String tablet, String method, StatusRuntimeException cause) {
    Status status = cause.getStatus();
    String said = Objects.requireNonNullElse(status.getDescription(), "no description");
    return new TabletException(status.getCode(), method + " at " + tablet + ": " + said, cause);
  }

  /** gRPC code of the answer; UNAVAILABLE when the tablet could not be reached. */
  public Status.Code code() {
    return code;
  }

  /** MySQL's error number, for instance 1146; 0 when the error is not MySQL's. */
  public int mysqlErrno() {
    return mysqlErrno;
  }

  /** MySQL's SQL state, five characters; empty when the error is not MySQL's. */
  public String sqlState() {
    return sqlState;
  }

  /**
   * Whether the same call may succeed when it is sent again later: the tablet was away or too busy.
   * The failed call may have taken effect all the same.
   */
  public boolean transientFailure() {
    return switch (code) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED -> true;
      default -> false;
    };
  }
}
