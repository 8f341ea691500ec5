package dev.shunt.net;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Makes a gRPC channel. A deadline is a call's, not the channel's. */
public final class GrpcChannelBuilder {
  private final NettyChannelBuilder channel;

  private GrpcChannelBuilder(NettyChannelBuilder channel) {
    this.channel = channel;
  }

  /** To a target as gRPC names one, for instance {@code host:port}. */
  public static GrpcChannelBuilder to(String target) {
    return new GrpcChannelBuilder(Transport.channel(target));
  }

  /** To an address. */
  public static GrpcChannelBuilder to(String host, int port) {
    return new GrpcChannelBuilder(Transport.channel(host, port));
  }

  /** How large an answer may be; 4 MiB unless this is called. */
  public GrpcChannelBuilder maxMessageBytes(int bytes) {
    channel.maxInboundMessageSize(bytes);
    return this;
  }

  /**
   * Pings the server during calls; never unless this is called.
   *
   * @param time after how much silence
   * @param timeout after how long without an answer the connection counts as lost
   */
  public GrpcChannelBuilder keepAlive(Duration time, Duration timeout) {
    channel.keepAliveTime(time.toNanos(), TimeUnit.NANOSECONDS);
    channel.keepAliveTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
    return this;
  }

  /** How long without a call the connection is kept; half an hour unless this is called. */
  public GrpcChannelBuilder idle(Duration time) {
    channel.idleTimeout(time.toNanos(), TimeUnit.NANOSECONDS);
    return this;
  }

  /** A channel that connects with its first call, and that its owner shuts down. */
  public ManagedChannel open() {
    return channel.build();
  }
}
