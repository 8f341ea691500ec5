package dev.shunt.cluster;

/** Streams that were to be changed are not there any more. */
public final class StreamsGoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Which streams, where, and what that may come from. */
  public StreamsGoneException(String message) {
    super(message);
  }
}
