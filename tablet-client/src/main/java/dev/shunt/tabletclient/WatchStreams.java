package dev.shunt.tabletclient;

import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.ServerCalls.ServerStreamingMethod;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsRequest;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsResponse;

/**
 * A method of the service {@code dev.shunt.Tablet}: streams all workflows that the request selects,
 * once at the start, then whenever one of their streams changes (at most about four times a
 * second), and at least once a second while one copies. A message is the whole selection; what it
 * lacks is gone.
 */
public final class WatchStreams {
  /** The method, for both sides. */
  public static final MethodDescriptor<
          ReadVReplicationWorkflowsRequest, ReadVReplicationWorkflowsResponse>
      METHOD =
          MethodDescriptor
              .<ReadVReplicationWorkflowsRequest, ReadVReplicationWorkflowsResponse>newBuilder()
              .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(
                  MethodDescriptor.generateFullMethodName(ShuntTablet.SERVICE, "WatchStreams"))
              .setRequestMarshaller(
                  ProtoUtils.marshaller(ReadVReplicationWorkflowsRequest.getDefaultInstance()))
              .setResponseMarshaller(
                  ProtoUtils.marshaller(ReadVReplicationWorkflowsResponse.getDefaultInstance()))
              .setSafe(true)
              .setIdempotent(true)
              .build();

  private WatchStreams() {}

  /** The method for {@link ShuntTablet#service}; the handler is called once a watcher. */
  public static ServerMethodDefinition<
          ReadVReplicationWorkflowsRequest, ReadVReplicationWorkflowsResponse>
      method(
          ServerStreamingMethod<ReadVReplicationWorkflowsRequest, ReadVReplicationWorkflowsResponse>
              handler) {
    return ServerMethodDefinition.create(METHOD, ServerCalls.asyncServerStreamingCall(handler));
  }
}
