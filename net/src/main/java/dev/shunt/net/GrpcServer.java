package dev.shunt.net;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** A gRPC server that serves until it is closed. */
public final class GrpcServer implements AutoCloseable {
  private final Server server;
  private final Duration grace;
  private final Duration endWait;

  private GrpcServer(Server server, Duration grace, Duration endWait) {
    this.server = server;
    this.grace = grace;
    this.endWait = endWait;
  }

  /**
   * Prepares one.
   *
   * @param host address to listen on
   * @param port port; 0 for any free one
   * @param threads run the calls; they stay the giver's to end
   */
  public static Builder on(String host, int port, Executor threads) {
    return new Builder(new InetSocketAddress(host, port), threads);
  }

  /** The port that it listens on. */
  public int port() {
    return server.getPort();
  }

  /** Takes no more calls, lets those that run go on for the grace, and ends what is left. */
  @Override
  public void close() {
    server.shutdown();
    try {
      if (!server.awaitTermination(grace.toNanos(), TimeUnit.NANOSECONDS)) {
        server.shutdownNow();
        var unused = server.awaitTermination(endWait.toNanos(), TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** What a server may be set to; what is not set is as gRPC has it. */
  public static final class Builder {
    private final NettyServerBuilder server;
    private Duration grace = Duration.ZERO;
    private Duration endWait = Duration.ZERO;

    private Builder(InetSocketAddress address, Executor threads) {
      server = Transport.server(address).executor(threads);
    }

    /** How large a request may be; 4 MiB unless this is called. */
    public Builder maxMessageBytes(int bytes) {
      server.maxInboundMessageSize(bytes);
      return this;
    }

    /**
     * How often a client may ping, with or without a call; one that does so more often is cut off.
     * Every five minutes, and only during calls, unless this is called.
     */
    public Builder permitKeepAlive(Duration least) {
      server.permitKeepAliveTime(least.toNanos(), TimeUnit.NANOSECONDS);
      server.permitKeepAliveWithoutCalls(true);
      return this;
    }

    /** After how much silence a client is pinged; two hours unless this is called. */
    public Builder keepAlive(Duration time) {
      server.keepAliveTime(time.toNanos(), TimeUnit.NANOSECONDS);
      return this;
    }

    /** Sees every call; what is added last sees it first. */
    public Builder intercept(ServerInterceptor interceptor) {
      server.intercept(interceptor);
      return this;
    }

    /** Adds a service. */
    public Builder service(BindableService service) {
      server.addService(service);
      return this;
    }

    /** Adds a service. */
    public Builder service(ServerServiceDefinition service) {
      server.addService(service);
      return this;
    }

    /** Adds gRPC's health service, which reports what the manager is given. */
    public Builder health(HealthStatusManager health) {
      server.addService(health.getHealthService());
      return this;
    }

    /** Adds reflection, by which a client can ask which services there are. */
    public Builder reflection() {
      server.addService(ProtoReflectionServiceV1.newInstance());
      return this;
    }

    /** Adds the older of the two reflection protocols, which many installed clients still speak. */
    @SuppressWarnings("deprecation")
    public Builder olderReflection() {
      server.addService(ProtoReflectionService.newInstance());
      return this;
    }

    /**
     * How long calls may go on once the server is being closed; not at all unless this is called.
     */
    public Builder grace(Duration time) {
      grace = time;
      return this;
    }

    /** How long a close waits for calls that it ended; it does not unless this is called. */
    public Builder endWait(Duration time) {
      endWait = time;
      return this;
    }

    /**
     * Starts it.
     *
     * @throws IOException when the port can't be had
     */
    public GrpcServer start() throws IOException {
      return new GrpcServer(server.build().start(), grace, endWait);
    }
  }
}
