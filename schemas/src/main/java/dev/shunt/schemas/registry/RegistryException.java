package dev.shunt.schemas.registry;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A registry refused, failed or could not be reached. */
public final class RegistryException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final int status;
  private final int errorCode;

  /**
   * @param status HTTP status; 0 when no answer came
   * @param errorCode code of the registry's error, for instance 40403; 0 when it gave none
   * @param message one sentence
   * @param cause what lies beneath, if anything
   */
  public RegistryException(int status, int errorCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.status = status;
    this.errorCode = errorCode;
  }

  /** HTTP status; 0 when no answer came. */
  public int status() {
    return status;
  }

  /** Code of the registry's error, as Confluent's documentation lists them; 0 for none. */
  public int errorCode() {
    return errorCode;
  }

  /**
   * Whether the registry itself said that what was asked for is not there, or is nothing that can
   * be used: who asks again hears the same. Unlike a status alone, which somebody on the way may
   * have given, and a refusal of the caller (401, 403, 429).
   */
  public boolean isFinal() {
    return (status == 404 || status == 422) && errorCode / 100 == status;
  }

  /** Whether the same request may succeed later without anybody doing anything. */
  public boolean mayPass() {
    return status == 0 || status >= 500;
  }
}
