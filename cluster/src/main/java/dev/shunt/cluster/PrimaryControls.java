package dev.shunt.cluster;

import dev.shunt.tabletclient.TabletClients;

/** Gives what commands do to the primaries of shards. */
@FunctionalInterface
public interface PrimaryControls {
  /** What is done to a primary. Cheap, does not connect. */
  PrimaryControl of(ShardPrimary primary);

  /** Over calls to the tablets. */
  static PrimaryControls calling(TabletClients clients) {
    return primary -> new SqlPrimaryControl(clients.of(primary.tablet()), primary);
  }
}
