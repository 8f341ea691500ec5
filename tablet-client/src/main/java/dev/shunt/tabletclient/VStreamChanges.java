package dev.shunt.tabletclient;

import binlogdata.Binlogdata.VStreamRequest;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls.ServerStreamingMethod;
import queryservice.QueryGrpc;

/** Vitess's method VStream with its answers as {@link EventPacket}s, the same on the wire. */
public final class VStreamChanges {
  /** The method, for both sides. */
  public static final MethodDescriptor<VStreamRequest, EventPacket> METHOD =
      WireMethod.of(
          QueryGrpc.getVStreamMethod(),
          packet -> new WireMethod.Bytes(packet.array(), packet.size()),
          EventPacket::parse);

  private VStreamChanges() {}

  /** A service with this method in place of the generated one of the same name. */
  public static ServerServiceDefinition in(
      ServerServiceDefinition query, ServerStreamingMethod<VStreamRequest, EventPacket> handler) {
    return WireMethod.in(query, METHOD, handler);
  }
}
