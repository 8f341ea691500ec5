package dev.shunt.topo;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Connects to etcd. */
final class Etcd {
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
}
