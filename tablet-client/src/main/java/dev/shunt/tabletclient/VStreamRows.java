package dev.shunt.tabletclient;

import binlogdata.Binlogdata.VStreamRowsRequest;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls.ServerStreamingMethod;
import queryservice.QueryGrpc;

/** Vitess's method VStreamRows with its answers as {@link RowPacket}s, the same on the wire. */
public final class VStreamRows {
  /** The method, for both sides. */
  public static final MethodDescriptor<VStreamRowsRequest, RowPacket> METHOD =
      WireMethod.of(
          QueryGrpc.getVStreamRowsMethod(),
          packet -> new WireMethod.Bytes(packet.array(), packet.size()),
          RowPacket::parse);

  private VStreamRows() {}

  /** A service with this method in place of the generated one of the same name. */
  public static ServerServiceDefinition in(
      ServerServiceDefinition query, ServerStreamingMethod<VStreamRowsRequest, RowPacket> handler) {
    return WireMethod.in(query, METHOD, handler);
  }
}
