package dev.shunt.tabletclient;

import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.ServerCalls.ServerStreamingMethod;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsRequest;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsResponse;

/**
 * The service {@code dev.shunt.Tablet}, which our tablets serve beside Vitess's. Its one method
 * streams all workflows that the request selects: once at the start, then whenever one of their
 * streams changes (at most about four times a second), and at least once a second while one copies.
 * A message is the whole selection; what it lacks is gone.
 */
public final class WatchStreams {
  /** Name of the service. */
  public static final String SERVICE = "dev.shunt.Tablet";

  /** The method, for both sides. */
  public static final MethodDescriptor<
          ReadVReplicationWorkflowsRequest, ReadVReplicationWorkflowsResponse>
      METHOD =
          MethodDescriptor
              .<ReadVReplicationWorkflowsRequest, ReadVReplicationWorkflowsResponse>newBuilder()
              .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "WatchStreams"))
              .setRequestMarshaller(
                  ProtoUtils.marshaller(ReadVReplicationWorkflowsRequest.getDefaultInstance()))
              .setResponseMarshaller(
                  ProtoUtils.marshaller(ReadVReplicationWorkflowsResponse.getDefaultInstance()))
              .setSafe(true)
              .setIdempotent(true)
              .build();

  private WatchStreams() {}

  /** The service for a gRPC server; the handler is called once a watcher. */
  public static ServerServiceDefinition service(
      ServerStreamingMethod<ReadVReplicationWorkflowsRequest, ReadVReplicationWorkflowsResponse>
          handler) {
    return ServerServiceDefinition.builder(SERVICE)
        .addMethod(METHOD, ServerCalls.asyncServerStreamingCall(handler))
        .build();
  }
}
