package dev.shunt.bench.copy;

/** A tool of others did not do what it was asked for. */
final class ForeignFailureException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ForeignFailureException(String message) {
    super(message);
  }
}
