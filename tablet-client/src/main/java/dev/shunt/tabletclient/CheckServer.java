package dev.shunt.tabletclient;

import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.ServerCalls.UnaryMethod;
import io.vitess.proto.Query.QueryResult;
import tabletmanagerdata.Tabletmanagerdata.GetSchemaRequest;

/**
 * Two methods of the service {@code dev.shunt.Tablet}: what speaks against streams out of, or into,
 * tables of the tablet's database (see docs/preflight.md). The request's {@code tables} are the
 * tables, all when there are none, its {@code exclude_tables} are left out. The answer's rows are
 * {@link ServerFinding}s.
 */
public final class CheckServer {
  /** Of a server that tables are streamed from. */
  public static final MethodDescriptor<GetSchemaRequest, QueryResult> SOURCE =
      method("CheckSource");

  /** Of a server that tables are streamed to. */
  public static final MethodDescriptor<GetSchemaRequest, QueryResult> TARGET =
      method("CheckTarget");

  private CheckServer() {}

  private static MethodDescriptor<GetSchemaRequest, QueryResult> method(String name) {
    return MethodDescriptor.<GetSchemaRequest, QueryResult>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(ShuntTablet.SERVICE, name))
        .setRequestMarshaller(ProtoUtils.marshaller(GetSchemaRequest.getDefaultInstance()))
        .setResponseMarshaller(ProtoUtils.marshaller(QueryResult.getDefaultInstance()))
        .setSafe(true)
        .setIdempotent(true)
        .build();
  }

  /** A method for {@link ShuntTablet#service}. */
  public static ServerMethodDefinition<GetSchemaRequest, QueryResult> method(
      MethodDescriptor<GetSchemaRequest, QueryResult> method,
      UnaryMethod<GetSchemaRequest, QueryResult> handler) {
    return ServerMethodDefinition.create(method, ServerCalls.asyncUnaryCall(handler));
  }
}
