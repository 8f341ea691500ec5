package dev.shunt.cli.processes;

import dev.shunt.service.ConfigException;
import dev.shunt.service.ConfigLoader;
import dev.shunt.tablet.StreamingParts;
import dev.shunt.tablet.Tablet;
import dev.shunt.tablet.TabletConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Opens a tablet of its configuration. Its number, keyspace and shard have no defaults: {@code
 * uid}, {@code keyspace} and {@code shard} must be configured.
 */
final class TabletProcess {
  private static final Duration STREAM_RETRY = Duration.ofSeconds(5);
  private static final int NO_UID = Integer.MAX_VALUE;
  private static final String NO_KEYSPACE = "?";

  private TabletProcess() {}

  static OwnedService open(
      @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
    TabletConfig config = config(file, environment, flags);
    Parts parts = new Parts();
    return parts.with(
        new Tablet(
            config, parts.topo(config.topo()), new StreamingParts(parts.tablets(), STREAM_RETRY)));
  }

  static TabletConfig config(
      @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
    TabletConfig nameless = TabletConfig.defaults(NO_UID, NO_KEYSPACE, NO_KEYSPACE);
    TabletConfig config = ConfigLoader.load(nameless, file, environment, flags);
    if (config.uid() == NO_UID) {
      throw new ConfigException("configuration key uid: give the tablet a number");
    }
    if (config.keyspace().equals(NO_KEYSPACE)) {
      throw new ConfigException("configuration key keyspace: name the keyspace");
    }
    if (config.shard().equals(NO_KEYSPACE)) {
      throw new ConfigException("configuration key shard: name the shard");
    }
    return config.database().equals(nameless.database()) ? config.withDatabase("") : config;
  }
}
