package dev.shunt.tabletclient;

import io.vitess.proto.Topodata;

/** Clients over pooled channels. */
final class GrpcTabletClients implements TabletClients {
  private static final String GRPC_PORT = "grpc";

  private final TabletClientConfig config;
  private final ChannelPool pool;

  GrpcTabletClients(TabletClientConfig config) {
    this.config = config;
    this.pool = new ChannelPool(config);
  }

  @Override
  public TabletClient of(Topodata.Tablet tablet) {
    int port = tablet.getPortMapOrDefault(GRPC_PORT, 0);
    if (tablet.getHostname().isEmpty() || port == 0) {
      throw new IllegalArgumentException(
          "tablet "
              + tablet.getAlias().getCell()
              + "-"
              + tablet.getAlias().getUid()
              + " has no host or no grpc port in its record");
    }
    return new GrpcTabletClient(tablet, new CallSender(pool, tablet, port, config.deadline()));
  }

  ChannelPool pool() {
    return pool;
  }

  @Override
  public void close() {
    pool.close();
  }
}
