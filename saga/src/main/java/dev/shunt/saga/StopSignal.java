package dev.shunt.saga;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Asks a running task to stop. Outside a quiet section the thread is interrupted at once; inside
 * one (writes are refused meanwhile) the request waits for its end, unless it is forced.
 */
public final class StopSignal {
  /** Guards all the others. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Signals signals = new Signals();
  private @Nullable Thread runner;
  private boolean requested;
  private boolean quiet;
  private boolean lockLost;

  /** What the command that runs is asked to do besides. */
  Signals signals() {
    return signals;
  }

  /** Binds the signal to the calling thread, which from now on is interrupted by a request. */
  void attach() {
    locked(() -> {
      runner = Thread.currentThread();
      interruptIf(requested || lockLost);
    });
  }

  /** Unbinds the thread and clears what is left of an interrupt. */
  @SuppressWarnings("ThreadInterrupted")
  void detach() {
    locked(() -> {
      runner = null;
      Thread.interrupted();
    });
  }

  /** Asks to stop; a quiet section is left to end first. */
  public void request() {
    locked(() -> {
      requested = true;
      interruptIf(!quiet);
    });
  }

  /** Asks to stop now, also within a quiet section. */
  public void force() {
    locked(() -> {
      requested = true;
      interruptIf(true);
    });
  }

  /** The lock of the run is gone: it stops now, also within a quiet section. */
  void lockLost() {
    locked(() -> {
      lockLost = true;
      interruptIf(true);
    });
  }

  /** Whether somebody asked to stop, or the lock is gone. */
  public boolean requested() {
    lock.lock();
    try {
      return requested || lockLost;
    } finally {
      lock.unlock();
    }
  }

  /** Throws when the lock is known to be gone. */
  void checkLock() {
    locked(() -> {
      if (lockLost) {
        throw new StoppedException("the lock is gone");
      }
    });
  }

  /** Begins (true) or ends (false) a section that should not be interrupted. */
  void quiet(boolean on) {
    locked(() -> {
      quiet = on;
      interruptIf(!on && requested);
    });
  }

  /** Throws when the lock is gone, or somebody asked to stop and no quiet section is open. */
  public void check() {
    locked(() -> {
      checkLock();
      if (requested && !quiet) {
        throw new StoppedException("asked to stop");
      }
    });
  }

  private void interruptIf(boolean so) {
    if (so && runner != null) {
      runner.interrupt();
    }
  }

  private void locked(Runnable work) {
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }
}
