package dev.shunt.saga;

import dev.shunt.schemas.CommandSignal;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Signals on their way to a run of a task, in the order in which they were sent; each is handed out
 * once. They come from another thread than the run's.
 */
public final class Signals {
  /** Guards all that follow. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Set<String> known = new HashSet<>();
  private final Queue<CommandSignal> waiting = new ArrayDeque<>();
  private CompletableFuture<Boolean> arrival = new CompletableFuture<>();

  /** None yet. */
  Signals() {}

  /** One has come; nothing when it came before. */
  void offer(CommandSignal signal) {
    lock.lock();
    try {
      if (known.add(signal.header().commandId())) {
        waiting.add(signal);
        arrival.complete(true);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Those of these ids were taken by an earlier run. */
  void forget(Collection<String> taken) {
    lock.lock();
    try {
      known.addAll(taken);
      waiting.removeIf(signal -> taken.contains(signal.header().commandId()));
    } finally {
      lock.unlock();
    }
  }

  /** The next one; empty when there is none for now. */
  Optional<CommandSignal> next() {
    lock.lock();
    try {
      CommandSignal first = waiting.poll();
      if (waiting.isEmpty() && arrival.isDone()) {
        arrival = new CompletableFuture<>();
      }
      return Optional.ofNullable(first);
    } finally {
      lock.unlock();
    }
  }

  /** Waits for one, as long as it takes. */
  void await() throws InterruptedException {
    await(arrival());
  }

  private CompletableFuture<Boolean> arrival() {
    lock.lock();
    try {
      return waiting.isEmpty() ? arrival : CompletableFuture.completedFuture(true);
    } finally {
      lock.unlock();
    }
  }

  /** Takes what comes while something is done. */
  @FunctionalInterface
  interface Taker {
    /** Takes all that wait; whether the work goes on. */
    boolean take() throws Exception;
  }

  /**
   * Does something on a thread of its own, and takes signals on the caller's meanwhile. Whatever
   * ends the wait, the work has ended when this returns or throws.
   *
   * @return the result; empty when the taker broke the work off
   */
  <T> Optional<T> during(Callable<T> work, Taker taker) throws Exception {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread worker =
        Thread.ofVirtual()
            .name(Thread.currentThread().getName() + "-work")
            .start(() -> {
              try {
                result.complete(work.call());
              } catch (Exception | Error e) {
                result.completeExceptionally(e);
              }
            });
    try {
      while (!result.isDone()) {
        await(CompletableFuture.anyOf(arrival(), result.handle((value, failure) -> true)));
        if (!result.isDone() && !taker.take()) {
          return Optional.empty();
        }
      }
      return Optional.of(result.get());
    } catch (ExecutionException e) {
      throw cause(e);
    } finally {
      end(worker);
    }
  }

  private static Exception cause(ExecutionException e) {
    if (e.getCause() instanceof Error error) {
      throw error;
    }
    return e.getCause() instanceof Exception cause ? cause : e;
  }

  private static void await(CompletableFuture<?> future) throws InterruptedException {
    try {
      Object unused = future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Interrupts a thread and waits for its end; an interrupt of this one is kept for later. */
  private static void end(Thread worker) {
    boolean interrupted = false;
    while (worker.isAlive()) {
      worker.interrupt();
      try {
        worker.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
