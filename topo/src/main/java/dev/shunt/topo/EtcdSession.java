package dev.shunt.topo;

import static dev.shunt.topo.TopoException.Kind.UNAVAILABLE;

import dev.shunt.time.Time;
import io.etcd.jetcd.Client;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * A connection to etcd, waits for its answers, and what lives on it: leases and watches end with
 * it.
 */
final class EtcdSession implements AutoCloseable {
  /** How long an answer of etcd is waited for. */
  static final Duration ANSWER = Duration.ofSeconds(10);

  /** What ends with the session. */
  interface Resident {
    /** Called once the session ends; the connection still works. */
    void end();
  }

  private final Client client;
  private final Time time;
  private final Set<Resident> residents = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  EtcdSession(List<String> endpoints, Time time) {
    this.client = Etcd.connect(endpoints);
    this.time = time;
  }

  Client client() {
    return client;
  }

  /** By which what is on the session waits. */
  Time time() {
    return time;
  }

  /** Waits for an answer; UNAVAILABLE when there is none in time, or an error. */
  <T> T await(CompletableFuture<T> answer, String what) {
    try {
      if (!time.await(answer, ANSWER)) {
        answer.cancel(true);
        throw new TopoException(
            UNAVAILABLE, "etcd did not answer within " + ANSWER.toSeconds() + " s: " + what);
      }
      return answer.get();
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new TopoException(UNAVAILABLE, "interrupted: " + what, e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new TopoException(UNAVAILABLE, what + ": " + cause.getMessage(), cause);
    }
  }

  boolean closed() {
    return closed;
  }

  void add(Resident resident) {
    residents.add(resident);
    if (closed) {
      resident.end();
    }
  }

  void remove(Resident resident) {
    residents.remove(resident);
  }

  @Override
  public void close() {
    closed = true;
    residents.forEach(Resident::end);
    client.close();
  }
}
