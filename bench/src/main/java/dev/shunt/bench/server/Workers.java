package dev.shunt.bench.server;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs the same work several times side by side. */
public final class Workers {
  private Workers() {}

  /** Work of one of them. */
  @FunctionalInterface
  public interface Work {
    /** Does it; {@code worker} counts from 0. */
    void run(int worker) throws Exception;
  }

  /** Returns when all have ended; fails as the first of them that failed. */
  public static void run(int count, Work work) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> running = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int worker = i;
        Callable<Void> task =
            () -> {
              work.run(worker);
              return null;
            };
        running.add(threads.submit(task));
      }
      for (Future<Void> each : running) {
        each.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }
}
