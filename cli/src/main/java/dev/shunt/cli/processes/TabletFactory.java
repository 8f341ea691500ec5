package dev.shunt.cli.processes;

import dev.shunt.service.ConfigException;
import dev.shunt.service.Service;
import dev.shunt.tablet.StreamingParts;
import dev.shunt.tablet.Tablet;
import dev.shunt.tablet.TabletConfig;
import java.time.Duration;

/**
 * Makes a tablet of its configuration. Its number, keyspace and shard have no defaults: {@code
 * uid}, {@code keyspace} and {@code shard} must be configured.
 */
final class TabletFactory {
  private static final Duration STREAM_RETRY = Duration.ofSeconds(5);
  private static final int NO_UID = Integer.MAX_VALUE;
  private static final String NO_KEYSPACE = "?";

  /** Every default, and no name. */
  static final TabletConfig NAMELESS = TabletConfig.defaults(NO_UID, NO_KEYSPACE, NO_KEYSPACE);

  private TabletFactory() {}

  static Service wire(TabletConfig config, ServiceResources resources) {
    TabletConfig named = named(config);
    return new Tablet(
        named, resources.topo(named.topo()), new StreamingParts(resources.tablets(), STREAM_RETRY));
  }

  /** The same, once it has its names; its database is called after the keyspace. */
  static TabletConfig named(TabletConfig config) {
    if (config.uid() == NO_UID) {
      throw new ConfigException("configuration key uid: give the tablet a number");
    }
    if (config.keyspace().equals(NO_KEYSPACE)) {
      throw new ConfigException("configuration key keyspace: name the keyspace");
    }
    if (config.shard().equals(NO_KEYSPACE)) {
      throw new ConfigException("configuration key shard: name the shard");
    }
    return config.database().equals(NAMELESS.database()) ? config.withDatabase("") : config;
  }
}
