package dev.shunt.tabletclient;

import binlogdata.Binlogdata.VStreamRowsRequest;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.ServerCalls.ServerStreamingMethod;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import queryservice.QueryGrpc;

/** Vitess's method VStreamRows with its answers as {@link RowPacket}s, the same on the wire. */
public final class VStreamRows {
  /** The method, for both sides. */
  public static final MethodDescriptor<VStreamRowsRequest, RowPacket> METHOD =
      QueryGrpc.getVStreamRowsMethod().toBuilder(
              QueryGrpc.getVStreamRowsMethod().getRequestMarshaller(), new PacketMarshaller())
          .setSchemaDescriptor(QueryGrpc.getVStreamRowsMethod().getSchemaDescriptor())
          .build();

  private VStreamRows() {}

  /** A service with this method in place of the generated one of the same name. */
  public static ServerServiceDefinition in(
      ServerServiceDefinition query, ServerStreamingMethod<VStreamRowsRequest, RowPacket> handler) {
    ServiceDescriptor.Builder methods =
        ServiceDescriptor.newBuilder(query.getServiceDescriptor().getName())
            .setSchemaDescriptor(query.getServiceDescriptor().getSchemaDescriptor())
            .addMethod(METHOD);
    for (ServerMethodDefinition<?, ?> method : query.getMethods()) {
      if (!replaced(method)) {
        methods.addMethod(method.getMethodDescriptor());
      }
    }
    ServerServiceDefinition.Builder service =
        ServerServiceDefinition.builder(methods.build())
            .addMethod(METHOD, ServerCalls.asyncServerStreamingCall(handler));
    for (ServerMethodDefinition<?, ?> method : query.getMethods()) {
      if (!replaced(method)) {
        service.addMethod(method);
      }
    }
    return service.build();
  }

  private static boolean replaced(ServerMethodDefinition<?, ?> method) {
    return method.getMethodDescriptor().getFullMethodName().equals(METHOD.getFullMethodName());
  }

  private static final class PacketMarshaller implements MethodDescriptor.Marshaller<RowPacket> {
    @Override
    public InputStream stream(RowPacket packet) {
      return new PacketStream(packet);
    }

    @Override
    public RowPacket parse(InputStream stream) {
      try {
        return RowPacket.parse(bytes(stream));
      } catch (InvalidProtocolBufferException e) {
        throw Status.INTERNAL
            .withDescription("invalid packet of rows: " + e.getMessage())
            .withCause(e)
            .asRuntimeException();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static byte[] bytes(InputStream stream) throws IOException {
      if (!(stream instanceof KnownLength)) {
        return stream.readAllBytes();
      }
      byte[] bytes = new byte[stream.available()];
      int size = 0;
      while (size < bytes.length) {
        int read = stream.read(bytes, size, bytes.length - size);
        if (read < 0) {
          throw new EOFException(
              "a message ended after %d of %d bytes".formatted(size, bytes.length));
        }
        size += read;
      }
      return bytes;
    }
  }

  /** Written without a copy in between. */
  private static final class PacketStream extends ByteArrayInputStream
      implements Drainable, KnownLength {
    PacketStream(RowPacket packet) {
      super(packet.array(), 0, packet.size());
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int drained = count - pos;
      target.write(buf, pos, drained);
      pos = count;
      return drained;
    }
  }
}
