package dev.shunt.saga;

import dev.shunt.schemas.CommandSignal;

/** Sends signals to a run, as the board of tasks does. */
public final class SignalSender {
  private SignalSender() {}

  /** Sends one to the run that has this stop signal. */
  public static void send(StopSignal run, CommandSignal signal) {
    run.signals().offer(signal);
  }
}
