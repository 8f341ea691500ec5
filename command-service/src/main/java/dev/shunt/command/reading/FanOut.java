package dev.shunt.command.reading;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Asks many tablets at once, a virtual thread each. */
final class FanOut {
  private FanOut() {}

  /** Results in the order of the inputs; the first failure ends it. */
  static <I, O> List<O> map(Collection<I> inputs, Function<I, O> call) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<O>> futures = new ArrayList<>();
      for (I input : inputs) {
        futures.add(threads.submit(() -> call.apply(input)));
      }
      List<O> outputs = new ArrayList<>();
      for (Future<O> future : futures) {
        outputs.add(await(future, threads));
      }
      return outputs;
    }
  }

  private static <O> O await(Future<O> future, ExecutorService threads) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      threads.shutdownNow();
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for tablets", e);
    }
  }
}
