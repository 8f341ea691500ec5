package dev.shunt.client;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls code of the library's users so that its faults stay its own. */
final class Listeners {
  private static final Logger log = LoggerFactory.getLogger(Listeners.class);

  private Listeners() {}

  /** Calls a listener; what it throws is logged, since others are waiting for the same thread. */
  static <T> void call(Consumer<T> listener, T value) {
    try {
      listener.accept(value);
    } catch (RuntimeException e) {
      log.atError().setCause(e).addKeyValue("listener", listener.getClass()).log("listener failed");
    }
  }
}
