package dev.shunt.cli.vtctld;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import vtctlservice.VtctldGrpc;

/** A connection to a command service for one run of the command. */
public final class Vtctld implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private static final Metadata.Key<byte[]> SUMMARY =
      Metadata.Key.of("shunt-summary-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private final AtomicReference<Metadata> trailers = new AtomicReference<>();
  private final ManagedChannel channel;
  private final VtctldGrpc.VtctldBlockingStub stub;

  /** Prepares the connection; it is made with the first call. */
  public Vtctld(GlobalOptions options) {
    channel =
        NettyChannelBuilder.forTarget(options.server)
            .usePlaintext()
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .build();
    Metadata metadata = new Metadata();
    put(metadata, "shunt-issuer", options.issuer);
    put(metadata, "shunt-reason", options.reason);
    put(metadata, "shunt-command-id", options.commandId);
    put(
        metadata,
        "shunt-expected-version",
        options.expectedVersion == null ? null : options.expectedVersion.toString());
    stub =
        VtctldGrpc.newBlockingStub(channel)
            .withDeadlineAfter(options.actionTimeout.toNanos(), TimeUnit.NANOSECONDS)
            .withInterceptors(
                MetadataUtils.newAttachHeadersInterceptor(metadata),
                MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers));
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

  private static void put(Metadata metadata, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    }
  }
}
