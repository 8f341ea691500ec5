package dev.shunt.cli.vtctld;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import vtctlservice.VtctldGrpc;

/** A connection to a command service for one run of the command. */
public final class Vtctld implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

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
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  /** The calls; the deadline counts from when this was made. */
  public VtctldGrpc.VtctldBlockingStub calls() {
    return stub;
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
