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
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A connection to etcd, waits for its answers, and what lives on it: leases and watches end with
 * it.
 */
final class EtcdSession implements AutoCloseable {
  /** How long an answer of etcd is waited for. */
  static final Duration ANSWER = Duration.ofSeconds(10);

  /** By then a member that does not answer was left for another ({@link EtcdConnection}). */
  private static final Duration OTHER_MEMBER = Duration.ofSeconds(3);

  /** What ends with the session. */
  interface Resident {
    /** Called once the session ends; the connection still works. */
    void end();
  }

  private final Client client;
  private final int members;
  private final Time time;
  private final Set<Resident> residents = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  EtcdSession(List<String> endpoints, Time time) {
    this.client = Etcd.connect(endpoints);
    this.members = endpoints.size();
    this.time = time;
  }

  Client client() {
    return client;
  }

  /** By which what is on the session waits. */
  Time time() {
    return time;
  }

  /**
   * Reads; where the answer is long in coming, another member is asked beside. What was asked of a
   * member that is cut off from the others stays there, for seven seconds or more.
   *
   * @param read asks
   * @throws TopoException UNAVAILABLE when there is no answer in time, or an error
   */
  <T> T read(Supplier<CompletableFuture<T>> read, String what) {
    CompletableFuture<T> first = read.get();
    if (members == 1 || ended(first, OTHER_MEMBER, what)) {
      return await(first, what);
    }
    CompletableFuture<T> second = read.get();
    try {
      return await(eitherAnswer(first, second), ANSWER.minus(OTHER_MEMBER), what);
    } finally {
      first.cancel(true);
      second.cancel(true);
    }
  }

  /** An error of one that is quick to give it must not hide the answer of a slow one. */
  private static <T> CompletableFuture<T> eitherAnswer(
      CompletableFuture<T> first, CompletableFuture<T> second) {
    return first
        .exceptionallyCompose(_ -> second)
        .applyToEither(second.exceptionallyCompose(_ -> first), Function.identity());
  }

  /** Waits for an answer; UNAVAILABLE when there is none in time, or an error. */
  <T> T await(CompletableFuture<T> answer, String what) {
    return await(answer, ANSWER, what);
  }

  private <T> T await(CompletableFuture<T> answer, Duration limit, String what) {
    if (!ended(answer, limit, what)) {
      answer.cancel(true);
      throw new TopoException(
          UNAVAILABLE, "etcd did not answer within " + ANSWER.toSeconds() + " s: " + what);
    }
    try {
      return answer.get();
    } catch (InterruptedException e) {
      throw interrupted(answer, what, e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new TopoException(UNAVAILABLE, what + ": " + cause.getMessage(), cause);
    }
  }

  private boolean ended(CompletableFuture<?> answer, Duration limit, String what) {
    try {
      return time.await(answer, limit);
    } catch (InterruptedException e) {
      throw interrupted(answer, what, e);
    }
  }

  private static TopoException interrupted(
      CompletableFuture<?> answer, String what, InterruptedException why) {
    answer.cancel(true);
    Thread.currentThread().interrupt();
    return new TopoException(UNAVAILABLE, "interrupted: " + what, why);
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
