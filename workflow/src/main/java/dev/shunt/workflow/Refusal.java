package dev.shunt.workflow;

import com.google.errorprone.annotations.FormatMethod;
import java.util.Locale;

/**
 * Why something is not done: a code a program can match and one sentence a person can act on.
 *
 * @param code gRPC status code name, for instance FAILED_PRECONDITION
 * @param message what, where, what to do
 */
public record Refusal(Code code, String message) {
  /** The gRPC status codes that refusals use; names are those of gRPC. */
  public enum Code {
    UNKNOWN,
    INVALID_ARGUMENT,
    NOT_FOUND,
    ALREADY_EXISTS,
    FAILED_PRECONDITION,
    ABORTED,
    CANCELLED,
    DEADLINE_EXCEEDED,
    UNIMPLEMENTED,
    INTERNAL
  }

  /** A request whose fields make no sense, whatever the state. */
  @FormatMethod
  public static Refusal invalidArgument(String format, Object... arguments) {
    return of(Code.INVALID_ARGUMENT, format, arguments);
  }

  /** A request that makes sense, but not in the present state. */
  @FormatMethod
  public static Refusal failedPrecondition(String format, Object... arguments) {
    return of(Code.FAILED_PRECONDITION, format, arguments);
  }

  /** A refusal with a code and a sentence in the syntax of {@link String#format}. */
  @FormatMethod
  public static Refusal of(Code code, String format, Object... arguments) {
    return new Refusal(code, String.format(Locale.ROOT, format, arguments));
  }

  /** To be thrown where the way back is long. */
  public RefusedException exception() {
    return new RefusedException(this);
  }
}
