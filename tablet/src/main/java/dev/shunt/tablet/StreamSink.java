package dev.shunt.tablet;

/** Where a stream's messages go. */
@FunctionalInterface
public interface StreamSink<T> {
  /**
   * Hands over one message; blocks while the receiver is slower than the stream.
   *
   * @throws InterruptedException when the receiver is gone; the stream then ends
   */
  void accept(T message) throws InterruptedException;
}
