package dev.shunt.tabletclient;

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
import java.util.function.Function;

/** Methods whose answers stay in the form in which they travel, in place of generated ones. */
final class WireMethod {
  private WireMethod() {}

  /** The bytes of a message, from the beginning of an array. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Bytes(byte[] array, int size) {}

  /** Reads a message. */
  @FunctionalInterface
  interface Parser<R> {
    /** Throws this or IllegalStateException when it is not well formed. */
    R parse(byte[] bytes) throws InvalidProtocolBufferException;
  }

  /**
   * A generated method with other answers, the same on the wire.
   *
   * @param write the bytes of an answer
   * @param parse reads an answer
   */
  static <Q, R> MethodDescriptor<Q, R> of(
      MethodDescriptor<Q, ?> generated, Function<R, Bytes> write, Parser<R> parse) {
    return generated.toBuilder(
            generated.getRequestMarshaller(), new PacketMarshaller<>(write, parse))
        .setSchemaDescriptor(generated.getSchemaDescriptor())
        .build();
  }

  /** A service with a method in place of the one of the same name. */
  static <Q, R> ServerServiceDefinition in(
      ServerServiceDefinition service,
      MethodDescriptor<Q, R> method,
      ServerStreamingMethod<Q, R> handler) {
    ServiceDescriptor.Builder methods =
        ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
            .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor())
            .addMethod(method);
    for (ServerMethodDefinition<?, ?> other : service.getMethods()) {
      if (!isSame(other, method)) {
        methods.addMethod(other.getMethodDescriptor());
      }
    }
    ServerServiceDefinition.Builder changed =
        ServerServiceDefinition.builder(methods.build())
            .addMethod(method, ServerCalls.asyncServerStreamingCall(handler));
    for (ServerMethodDefinition<?, ?> other : service.getMethods()) {
      if (!isSame(other, method)) {
        changed.addMethod(other);
      }
    }
    return changed.build();
  }

  private static boolean isSame(ServerMethodDefinition<?, ?> one, MethodDescriptor<?, ?> other) {
    return one.getMethodDescriptor().getFullMethodName().equals(other.getFullMethodName());
  }

  private record PacketMarshaller<R>(Function<R, Bytes> write, Parser<R> parser)
      implements MethodDescriptor.Marshaller<R> {
    @Override
    public InputStream stream(R packet) {
      return new PacketStream(write.apply(packet));
    }

    @Override
    public R parse(InputStream stream) {
      try {
        return parser.parse(bytes(stream));
      } catch (InvalidProtocolBufferException | IllegalStateException e) {
        throw Status.INTERNAL
            .withDescription("invalid message: " + e.getMessage())
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
    PacketStream(Bytes bytes) {
      super(bytes.array(), 0, bytes.size());
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
