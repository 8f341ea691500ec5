package dev.shunt.tablet.manager;

import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.util.Map;
import java.util.Set;

/**
 * The keys of a workflow's configuration. Those of Vitess that have no meaning here are kept for
 * other tablets that may read them.
 */
final class ConfigKeys {
  /** Ours alone; what they do is said where they are read. */
  private static final Set<String> SWITCHES = Set.of("shunt-allow-narrowing", "shunt-row-by-row");

  private static final Set<String> KNOWN =
      Set.of(
          "vreplication-experimental-flags",
          "vreplication-net-read-timeout",
          "vreplication-net-write-timeout",
          "vreplication-copy-phase-duration",
          "vreplication-retry-delay",
          "vreplication-max-time-to-retry-on-error",
          "relay-log-max-size",
          "relay-log-max-items",
          "vreplication-replica-lag-tolerance",
          "vreplication-heartbeat-update-interval",
          "vreplication-store-compressed-gtid",
          "vreplication-parallel-insert-workers",
          "vreplication-parallel-replication-workers",
          "vstream-packet-size",
          "vstream-dynamic-packet-size",
          "vstream-binlog-rotation-threshold",
          "vreplication-enable-http-log",
          "shunt-target-may-be-purged");
  private static final Set<String> COUNTS =
      Set.of("vreplication-parallel-insert-workers", "vreplication-parallel-replication-workers");

  private ConfigKeys() {}

  /**
   * Checks changes of a configuration; an empty value removes a key.
   *
   * @throws RpcException INVALID_ARGUMENT for a key that there is not, or a value that it can't
   *     have
   */
  static void check(Map<String, String> changes) {
    changes.forEach((key, value) -> {
      String name = key.replace('_', '-');
      if (!KNOWN.contains(name) && !SWITCHES.contains(name)) {
        throw refuse("unknown vreplication config flag: " + key);
      }
      if (SWITCHES.contains(name) && !value.isBlank() && !value.strip().matches("true|false")) {
        throw refuse("invalid value for " + key + ", must be true or false: " + value);
      }
      if (COUNTS.contains(name) && !value.isBlank() && !value.matches("[1-9]|[1-5][0-9]|6[0-4]")) {
        throw refuse("invalid value for " + key + ", must be between 1 and 64: " + value);
      }
    });
  }

  private static RpcException refuse(String message) {
    return new RpcException(Status.Code.INVALID_ARGUMENT, message);
  }
}
