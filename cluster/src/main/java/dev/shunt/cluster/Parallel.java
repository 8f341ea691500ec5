package dev.shunt.cluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does the same for each element at once, on virtual threads. */
public final class Parallel {
  private Parallel() {}

  /** What to do for an element. */
  @FunctionalInterface
  public interface Work<T, R> {
    R apply(T element) throws Exception;
  }

  /** What to do for an element when there is nothing to return. */
  @FunctionalInterface
  public interface Effect<T> {
    void apply(T element) throws Exception;
  }

  /**
   * Results in the order of the elements. All are started and waited for; the first failure is
   * thrown with the others as suppressed ones. An interrupt cancels all.
   */
  public static <T, R> List<R> map(Collection<? extends T> elements, Work<T, R> work)
      throws Exception {
    if (elements.size() == 1) {
      List<R> only = new ArrayList<>(1);
      only.add(work.apply(elements.iterator().next()));
      return only;
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<R>> calls = new ArrayList<>(elements.size());
      for (T element : elements) {
        calls.add(() -> work.apply(element));
      }
      return collect(threads.invokeAll(calls));
    }
  }

  /** As {@link #map}, without results. */
  public static <T> void each(Collection<? extends T> elements, Effect<T> effect) throws Exception {
    map(
        elements,
        element -> {
          effect.apply(element);
          return true;
        });
  }

  private static <R> List<R> collect(List<Future<R>> futures) throws Exception {
    List<R> results = new ArrayList<>(futures.size());
    Throwable first = null;
    for (Future<R> future : futures) {
      try {
        results.add(future.get());
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        if (first == null) {
          first = cause;
        } else if (first != cause) {
          first.addSuppressed(cause);
        }
      }
    }
    switch (first) {
      case null -> {
        return results;
      }
      case Exception exception -> throw exception;
      case Error error -> throw error;
      default -> throw new IllegalStateException(first);
    }
  }
}
