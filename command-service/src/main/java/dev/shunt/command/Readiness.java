package dev.shunt.command;

import dev.shunt.service.Words;
import dev.shunt.topo.Topo;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Whether what a command needs is there: Kafka, and the topology. */
final class Readiness {
  private static final int PATIENCE_SECONDS = 3;

  private final Backend backend;
  private final Topo topo;
  private final ExecutorService threads;

  Readiness(Backend backend, Topo topo, ExecutorService threads) {
    this.backend = backend;
    this.topo = topo;
    this.threads = threads;
  }

  /** What is missing, in a sentence; empty when all is there. */
  Optional<String> missing() {
    Optional<String> unready = backend.unready();
    return unready.isPresent() ? unready : topology();
  }

  private Optional<String> topology() {
    Future<?> read = threads.submit(topo::cells);
    try {
      read.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of("the topology does not answer: " + Words.of(e));
    } catch (TimeoutException e) {
      read.cancel(true);
      return Optional.of("the topology does not answer within " + PATIENCE_SECONDS + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("the service stops");
    }
  }
}
