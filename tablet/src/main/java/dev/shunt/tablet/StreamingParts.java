package dev.shunt.tablet;

import dev.shunt.tablet.vreplication.ReplicationEngine;
import dev.shunt.tablet.vstreamer.DatabaseVStreamer;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Versioned;
import java.time.Clock;
import java.time.Duration;
import vschema.Vschema;

/** The parts of a tablet as they are used: binlog and snapshots one way, VReplication the other. */
public final class StreamingParts implements TabletParts {
  private final TabletClients clients;
  private final Duration retryDelay;
  private final DatabaseVStreamer.Sizes sizes;

  /**
   * Takes what streams need.
   *
   * @param clients reaches source tablets; stays the caller's to close
   * @param retryDelay how long a stream waits after an error that may pass; Vitess waits 5 s
   */
  public StreamingParts(TabletClients clients, Duration retryDelay) {
    this(clients, retryDelay, DatabaseVStreamer.Sizes.DEFAULT);
  }

  /** With streams that are cut in another way. */
  public StreamingParts(TabletClients clients, Duration retryDelay, DatabaseVStreamer.Sizes sizes) {
    this.clients = clients;
    this.retryDelay = retryDelay;
    this.sizes = sizes;
  }

  @Override
  public VStreamer streamer(Context context) {
    return new DatabaseVStreamer(
        context.identity(),
        context.endpoint(),
        () ->
            context
                .topo()
                .srvVSchema(context.identity().cell())
                .map(Versioned::value)
                .map(VindexFiles::read)
                .orElse(Vschema.SrvVSchema.getDefaultInstance()),
        Clock.systemUTC(),
        context.throttler(),
        sizes);
  }

  @Override
  public VReplicationEngine engine(Context context) {
    return new ReplicationEngine(
        context.identity(),
        context.endpoint(),
        context.topo(),
        clients,
        new ReplicationEngine.Settings(
            retryDelay, context.maxTimeToRetryOnError(), context.throttler()));
  }
}
