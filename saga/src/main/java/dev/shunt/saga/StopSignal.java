package dev.shunt.saga;

import org.jspecify.annotations.Nullable;

/**
 * Asks a running task to stop. Outside a quiet section the thread is interrupted at once; inside
 * one (writes are refused meanwhile) the request waits for its end, unless it is forced.
 */
public final class StopSignal {
  private @Nullable Thread runner;
  private boolean requested;
  private boolean quiet;
  private boolean lockLost;

  /** Binds the signal to the calling thread, which from now on is interrupted by a request. */
  synchronized void attach() {
    runner = Thread.currentThread();
    if (requested || lockLost) {
      runner.interrupt();
    }
  }

  /** Unbinds the thread and clears what is left of an interrupt. */
  @SuppressWarnings("ThreadInterrupted")
  synchronized void detach() {
    runner = null;
    Thread.interrupted();
  }

  /** Asks to stop; a quiet section is left to end first. */
  public synchronized void request() {
    requested = true;
    if (!quiet && runner != null) {
      runner.interrupt();
    }
  }

  /** Asks to stop now, also within a quiet section. */
  public synchronized void force() {
    requested = true;
    if (runner != null) {
      runner.interrupt();
    }
  }

  /** The lock of the run is gone: it stops now, also within a quiet section. */
  synchronized void lockLost() {
    lockLost = true;
    if (runner != null) {
      runner.interrupt();
    }
  }

  /** Whether somebody asked to stop, or the lock is gone. */
  public synchronized boolean requested() {
    return requested || lockLost;
  }

  /** Throws when the lock is known to be gone. */
  synchronized void checkLock() {
    if (lockLost) {
      throw new StoppedException("the lock is gone");
    }
  }

  /** Begins (true) or ends (false) a section that should not be interrupted. */
  synchronized void quiet(boolean on) {
    quiet = on;
    if (!on && requested && runner != null) {
      runner.interrupt();
    }
  }

  /** Throws when the lock is gone, or somebody asked to stop and no quiet section is open. */
  public synchronized void check() {
    checkLock();
    if (requested && !quiet) {
      throw new StoppedException("asked to stop");
    }
  }
}
