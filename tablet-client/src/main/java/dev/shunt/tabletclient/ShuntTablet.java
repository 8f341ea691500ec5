package dev.shunt.tabletclient;

import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;

/** The service {@code dev.shunt.Tablet}, which our tablets serve beside Vitess's. */
public final class ShuntTablet {
  /** Name of the service. */
  public static final String SERVICE = "dev.shunt.Tablet";

  private ShuntTablet() {}

  /** The service for a gRPC server, of {@link WatchStreams} and {@link HoldSnapshot}. */
  public static ServerServiceDefinition service(ServerMethodDefinition<?, ?>... methods) {
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(SERVICE);
    for (ServerMethodDefinition<?, ?> method : methods) {
      service.addMethod(method);
    }
    return service.build();
  }
}
