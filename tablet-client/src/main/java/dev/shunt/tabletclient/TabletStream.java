package dev.shunt.tabletclient;

import java.util.Iterator;

/**
 * What a tablet streams, read by one thread. {@link #hasNext()} and {@link #next()} wait for the
 * tablet and throw {@link TabletException} when the stream broke; an interrupt cancels the stream.
 *
 * @param <T> message of the stream
 */
public interface TabletStream<T> extends Iterator<T>, AutoCloseable {
  /** Cancels the stream, from any thread; a reader that waits gets a CANCELLED TabletException. */
  @Override
  void close();
}
