package dev.shunt.tabletclient;

import io.vitess.proto.Topodata;

/** Gives clients of tablets; tablets at one address share a connection that is kept warm. */
public interface TabletClients extends AutoCloseable {
  /**
   * A client of the tablet at the address in its record; cheap, need not be closed, does not
   * connect yet. IllegalArgumentException when the record has no host or no grpc port.
   */
  TabletClient of(Topodata.Tablet tablet);

  /** Closes all connections; calls that are under way fail with UNAVAILABLE or CANCELLED. */
  @Override
  void close();

  /** Clients over gRPC. */
  static TabletClients grpc(TabletClientConfig config) {
    return new GrpcTabletClients(config);
  }
}
