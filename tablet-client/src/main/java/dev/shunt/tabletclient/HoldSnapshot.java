package dev.shunt.tabletclient;

import binlogdata.Binlogdata.VStreamTablesRequest;
import binlogdata.Binlogdata.VStreamTablesResponse;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.ServerCalls.ServerStreamingMethod;

/**
 * A method of the service {@code dev.shunt.Tablet}: takes one snapshot of several tables, which
 * lasts as long as the call. Calls of VStreamRows whose header {@value #HEADER_NAME} has the same
 * value as that of this call read from it, as many at a time as there are sessions.
 *
 * <p>The request's {@code tables_to_copy} are the tables, its {@code config_overrides} have the
 * number of {@value #SESSIONS}. The answer has one message for each table, the largest first, with
 * the position of the snapshot, the fields of the table's key, and in {@code rows} the values of
 * the key's first column with which further parts of about equal size begin. A caller that sends
 * {@value #BY_KEYS}, {@code 1}, may get another kind of parts: then {@code fields} name it too, and
 * {@code rows} are the keys with which all parts but the last one end, see {@link RowBound}. There
 * are no rows where the table is small or not to be cut. Heartbeats follow: messages with nothing
 * but a position. A request may also ask whether the snapshot has a position, by {@value
 * #AT_LEAST}.
 */
public final class HoldSnapshot {
  /** Header with the snapshot's name, which the caller makes up. */
  public static final Metadata.Key<String> HEADER =
      Metadata.Key.of(HoldSnapshot.HEADER_NAME, Metadata.ASCII_STRING_MARSHALLER);

  /** How many reads are possible at a time: key in the request's {@code config_overrides}. */
  public static final String SESSIONS = "sessions";

  /**
   * A position, encoded: key in the request's {@code config_overrides}, and the name of a field in
   * each table's {@code fields} when the snapshot has it. Only the server can know for sure where
   * its position names the last transaction of several servers, see MariaDbPosition.
   */
  public static final String AT_LEAST = "at-least";

  /**
   * Whether parts may end with keys of rows: key in the request's {@code config_overrides}, and the
   * name of a field in the {@code fields} of each table that is cut so.
   */
  public static final String BY_KEYS = "by-keys";

  /** The method, for both sides. */
  public static final MethodDescriptor<VStreamTablesRequest, VStreamTablesResponse> METHOD =
      MethodDescriptor.<VStreamTablesRequest, VStreamTablesResponse>newBuilder()
          .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
          .setFullMethodName(
              MethodDescriptor.generateFullMethodName(ShuntTablet.SERVICE, "HoldSnapshot"))
          .setRequestMarshaller(ProtoUtils.marshaller(VStreamTablesRequest.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(VStreamTablesResponse.getDefaultInstance()))
          .build();

  private static final String HEADER_NAME = "shunt-snapshot";

  private HoldSnapshot() {}

  /** The method for {@link ShuntTablet#service}; the handler is called once a snapshot. */
  public static ServerMethodDefinition<VStreamTablesRequest, VStreamTablesResponse> method(
      ServerStreamingMethod<VStreamTablesRequest, VStreamTablesResponse> handler) {
    return ServerMethodDefinition.create(METHOD, ServerCalls.asyncServerStreamingCall(handler));
  }
}
