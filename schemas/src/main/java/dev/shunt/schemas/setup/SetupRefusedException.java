package dev.shunt.schemas.setup;

/** The topics can't be worked with as they are; the message says why and what can be done. */
public final class SetupRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SetupRefusedException(String message) {
    super(message);
  }
}
