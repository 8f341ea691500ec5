package dev.shunt.saga;

import dev.shunt.schemas.CommandSignal;
import java.util.function.Supplier;

/** Sends signals to a run, as the board of tasks does. */
public final class SignalSender {
  private SignalSender() {}

  /** Sends one to the run that has this stop signal. */
  public static void send(StopSignal run, CommandSignal signal) {
    run.signals().offer(signal);
  }

  /** Lets a stop signal interrupt this thread while something is done, as the board does. */
  public static <T> T attached(StopSignal run, Supplier<T> work) {
    run.attach();
    try {
      return work.get();
    } finally {
      run.detach();
    }
  }
}
