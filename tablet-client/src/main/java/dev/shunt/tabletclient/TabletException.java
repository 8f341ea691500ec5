package dev.shunt.tabletclient;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A call to a tablet that failed: the gRPC code, what was said, and MySQL's number if it named one.
 */
public final class TabletException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final Pattern ERRNO =
      Pattern.compile("\\(errno (\\d{1,9})\\)(?: \\(sqlstate ([0-9A-Za-z]{5})\\))?");

  /**
   * Errors of MySQL after which a statement that commits by itself, or a COMMIT, may have taken
   * effect: writing the log or the end of a connection failed, or the server names no reason.
   */
  private static final Set<Integer> AMBIGUOUS =
      Set.of(3, 1021, 1026, 1053, 1105, 1180, 1317, 1598, 1927, 2013, 2027, 3100);

  /** MySQL errors of a client that had no connection to send over. */
  private static final Set<Integer> NO_CONNECTION = Set.of(2002, 2003, 2006, 2998);

  private static final int LOCK_WAIT_TIMEOUT = 1205;

  /** Texts, Vitess's among them, by which a tablet refuses what it has not begun. */
  private static final List<String> NOT_BEGUN =
      List.of("disallowed due to rule", "operation not allowed in state", "wrong tablet type");

  private final Status.Code code;
  private final int mysqlErrno;
  private final String sqlState;
  private final boolean sent;
  private final boolean fenced;
  private final transient @Nullable CallEffect sentEffect;

  /** Makes one; MySQL's error number and SQL state are taken from the message. */
  public TabletException(Status.Code code, String message, Throwable cause) {
    this(code, message, cause, true, null, false);
  }

  private TabletException(
      Status.Code code,
      String message,
      Throwable cause,
      boolean sent,
      @Nullable CallEffect sentEffect,
      boolean fenced) {
    super(message, cause);
    this.code = code;
    this.sent = sent;
    this.sentEffect = sentEffect;
    this.fenced = fenced;
    Matcher matcher = ERRNO.matcher(message);
    boolean found = matcher.find();
    this.mysqlErrno = found ? Integer.parseInt(matcher.group(1)) : 0;
    this.sqlState = found ? Objects.requireNonNullElse(matcher.group(2), "") : "";
  }

  /**
   * What a call is answered with, as the status and its trailers say.
   *
   * @param tablet who answered, for the message
   * @param method the call, for the message
   */
  public static TabletException of(String tablet, String method, StatusRuntimeException cause) {
    return of(tablet, method, cause, true);
  }

  /**
   * @param sent whether anything of the call can have reached the tablet
   */
  static TabletException of(
      String tablet, String method, StatusRuntimeException cause, boolean sent) {
    Status status = cause.getStatus();
    String said = Objects.requireNonNullElse(status.getDescription(), "no description");
    return new TabletException(
        status.getCode(),
        method + " at " + tablet + ": " + said,
        cause,
        sent,
        CallEffect.of(cause.getTrailers()).orElse(null),
        Fenced.isIn(cause.getTrailers()));
  }

  /**
   * What the call has left behind if it was a statement that commits by itself, a COMMIT, or a
   * change of the sidecar. {@link CallEffect#NONE} is sure.
   */
  public CallEffect effect() {
    if (!sent) {
      return CallEffect.NONE;
    }
    if (sentEffect != null) {
      return sentEffect;
    }
    if (NOT_BEGUN.stream().anyMatch(this::says)) {
      return CallEffect.NONE;
    }
    boolean nothing =
        switch (code) {
          case INVALID_ARGUMENT,
              FAILED_PRECONDITION,
              UNIMPLEMENTED,
              PERMISSION_DENIED,
              UNAUTHENTICATED,
              NOT_FOUND,
              ALREADY_EXISTS,
              OUT_OF_RANGE,
              ABORTED ->
              !AMBIGUOUS.contains(mysqlErrno);
          case RESOURCE_EXHAUSTED ->
              // Of an answer that is too large for us the tablet knows nothing.
              !AMBIGUOUS.contains(mysqlErrno)
                  && !says("exceeds maximum size")
                  && !says("larger than max");
          case UNKNOWN -> mysqlErrno != 0 && !AMBIGUOUS.contains(mysqlErrno);
          case UNAVAILABLE -> NO_CONNECTION.contains(mysqlErrno);
          case DEADLINE_EXCEEDED -> mysqlErrno == LOCK_WAIT_TIMEOUT;
          case OK, CANCELLED, INTERNAL, DATA_LOSS -> false;
        };
    return nothing ? CallEffect.NONE : CallEffect.UNKNOWN;
  }

  /**
   * Whether the tablet, or its database, is away or is not what it was called as, and surely has
   * done nothing: the same call may be sent again, to whichever tablet the topology names then.
   */
  public boolean elsewhereOrLater() {
    return effect() == CallEffect.NONE
        && (!sent || code == Status.Code.UNAVAILABLE || NOT_BEGUN.stream().anyMatch(this::says));
  }

  /**
   * Whether the server had begun with the statement when it failed. What a procedure committed
   * before stays, whatever {@link #effect} says of other statements.
   */
  public boolean begunByServer() {
    return sent && mysqlErrno != 0 && !NO_CONNECTION.contains(mysqlErrno);
  }

  private boolean says(String text) {
    return String.valueOf(getMessage()).contains(text);
  }

  /** Whether somebody with a later lock acts on the workflow, so that the call was refused. */
  public boolean fenced() {
    return fenced;
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
