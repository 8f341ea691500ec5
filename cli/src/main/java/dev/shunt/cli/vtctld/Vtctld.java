package dev.shunt.cli.vtctld;

import com.google.protobuf.StringValue;
import dev.shunt.command.OpenCommand;
import dev.shunt.net.GrpcChannelBuilder;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import vtctlservice.VtctldGrpc;

/** A connection to a command service for one run of the command. */
public final class Vtctld implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private static final Metadata.Key<byte[]> SUMMARY =
      Metadata.Key.of("shunt-summary-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static final Metadata.Key<String> COMMAND_ID =
      Metadata.Key.of("shunt-command-id", Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> EXPECTED_VERSION =
      Metadata.Key.of("shunt-expected-version", Metadata.ASCII_STRING_MARSHALLER);

  private final AtomicReference<Metadata> trailers = new AtomicReference<>();
  private final AtomicReference<String> commandId = new AtomicReference<>("");
  private final ManagedChannel channel;
  private final VtctldGrpc.VtctldBlockingStub stub;

  /** Prepares the connection; it is made with the first call. */
  public Vtctld(GlobalOptions options) {
    channel = GrpcChannelBuilder.to(options.server).maxMessageBytes(MAX_MESSAGE_BYTES).open();
    Metadata metadata = new Metadata();
    put(metadata, "shunt-issuer-bin", options.issuer);
    put(metadata, "shunt-reason-bin", options.reason);
    if (options.expectedVersion != null) {
      metadata.put(EXPECTED_VERSION, options.expectedVersion.toString());
    }
    stub =
        VtctldGrpc.newBlockingStub(channel)
            .withDeadlineAfter(options.actionTimeout.toNanos(), TimeUnit.NANOSECONDS)
            .withInterceptors(
                MetadataUtils.newAttachHeadersInterceptor(metadata),
                naming(options.commandId),
                MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers));
  }

  /** Gives the command of each call an id, by which one can ask for it while it is waited for. */
  private ClientInterceptor naming(@Nullable String given) {
    return new ClientInterceptor() {
      @Override
      public <Q, A> ClientCall<Q, A> interceptCall(
          MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
          @Override
          public void start(Listener<A> listener, Metadata headers) {
            String id = given == null || given.isEmpty() ? UUID.randomUUID().toString() : given;
            commandId.set(id);
            headers.put(COMMAND_ID, id);
            super.start(listener, headers);
          }
        };
      }
    };
  }

  /**
   * What the command of the last call is at or waits for, in two lines: see {@link OpenCommand}.
   * Empty when it has ended, or the server does not say.
   */
  String describe(Duration limit) {
    try {
      return ClientCalls.blockingUnaryCall(
              channel,
              OpenCommand.METHOD,
              CallOptions.DEFAULT.withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS),
              StringValue.of(commandId.get()))
          .getValue();
    } catch (StatusRuntimeException e) {
      return "";
    }
  }

  /** The calls; the deadline counts from when this was made. */
  public VtctldGrpc.VtctldBlockingStub calls() {
    return stub;
  }

  /** What the last call's outcome said, warnings included; empty when it said nothing. */
  public String summary() {
    Metadata last = trailers.get();
    byte[] bytes = last == null ? null : last.get(SUMMARY);
    return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  /** Text in any language and of several lines, which headers of text can't hold. */
  private static void put(Metadata metadata, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      metadata.put(
          Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER),
          value.getBytes(StandardCharsets.UTF_8));
    }
  }
}
