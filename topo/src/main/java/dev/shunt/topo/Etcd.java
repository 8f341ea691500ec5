package dev.shunt.topo;

import static dev.shunt.topo.TopoException.Kind.UNAVAILABLE;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Connects to etcd and waits for its answers. */
final class Etcd {
  /** How long an answer of etcd is waited for. */
  static final Duration ANSWER = Duration.ofSeconds(10);

  private static final int MAX_MESSAGE = 64 << 20;

  private Etcd() {}

  /** Splits a comma list of {@code host:port}, with or without a scheme. */
  static List<String> endpoints(String addresses) {
    return Arrays.stream(addresses.split(","))
        .map(String::strip)
        .filter(address -> !address.isEmpty())
        .map(address -> address.contains("://") ? address : "http://" + address)
        .toList();
  }

  static Client connect(List<String> endpoints) {
    return Client.builder()
        .endpoints(endpoints.toArray(String[]::new))
        // A peer that no longer answers is left after this, so that a new connection can be made.
        .keepaliveTime(Duration.ofSeconds(10))
        .keepaliveTimeout(Duration.ofSeconds(5))
        // etcd takes pings on a connection without calls for an attack (GOAWAY too_many_pings).
        .keepaliveWithoutCalls(false)
        .connectTimeout(Duration.ofMillis(1500))
        .loadBalancerPolicy(EtcdConnection.policy())
        .maxInboundMessageSize(MAX_MESSAGE)
        .build();
  }

  static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  static String text(ByteSequence bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Waits for an answer; UNAVAILABLE when there is none in time, or an error. */
  static <T> T await(CompletableFuture<T> answer, String what) {
    try {
      return answer.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new TopoException(UNAVAILABLE, "interrupted: " + what, e);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new TopoException(
          UNAVAILABLE, "etcd did not answer within " + ANSWER.toSeconds() + " s: " + what, e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new TopoException(UNAVAILABLE, what + ": " + cause.getMessage(), cause);
    }
  }
}
