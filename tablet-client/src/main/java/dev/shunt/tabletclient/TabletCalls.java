package dev.shunt.tabletclient;

import dev.shunt.topo.Aliases;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes the calls of a client: takes a channel, sets deadline and fence, translates errors. */
final class TabletCalls {
  private static final Metadata.Key<String> TRANSACTION =
      Metadata.Key.of("shunt-transaction", Metadata.ASCII_STRING_MARSHALLER);

  private final ChannelPool pool;
  private final Topodata.Tablet tablet;
  private final int port;
  private final Duration defaultDeadline;
  private final @Nullable Duration deadline;
  private final @Nullable Fence fence;
  private final boolean transaction;

  TabletCalls(ChannelPool pool, Topodata.Tablet tablet, int port, Duration defaultDeadline) {
    this(pool, tablet, port, defaultDeadline, null, null, false);
  }

  private TabletCalls(
      ChannelPool pool,
      Topodata.Tablet tablet,
      int port,
      Duration defaultDeadline,
      @Nullable Duration deadline,
      @Nullable Fence fence,
      boolean transaction) {
    this.pool = pool;
    this.tablet = tablet;
    this.port = port;
    this.defaultDeadline = defaultDeadline;
    this.deadline = deadline;
    this.fence = fence;
    this.transaction = transaction;
  }

  TabletCalls with(Fence newFence) {
    return new TabletCalls(pool, tablet, port, defaultDeadline, deadline, newFence, transaction);
  }

  TabletCalls with(Duration newDeadline) {
    return new TabletCalls(pool, tablet, port, defaultDeadline, newDeadline, fence, transaction);
  }

  /** Calls whose statements the tablet runs in one transaction. */
  TabletCalls inTransaction() {
    return new TabletCalls(pool, tablet, port, defaultDeadline, deadline, fence, true);
  }

  /** One request, one answer. */
  <Q, A> A unary(MethodDescriptor<Q, A> method, Q request) {
    Duration limit = deadline == null ? defaultDeadline : deadline;
    ChannelPool.Entry entry = pool.acquire(tablet.getHostname(), port);
    try {
      return ClientCalls.blockingUnaryCall(
          fenced(entry.channel()), method, options(limit), request);
    } catch (StatusRuntimeException e) {
      reconnectSoon(entry.channel(), e.getStatus());
      throw TabletException.of(name(), String.valueOf(method.getBareMethodName()), e);
    } finally {
      pool.release(entry);
    }
  }

  /** One request, many answers. */
  <Q, A> TabletStream<A> stream(MethodDescriptor<Q, A> method, Q request) {
    ChannelPool.Entry entry = pool.acquire(tablet.getHostname(), port);
    var call =
        fenced(entry.channel())
            .newCall(method, deadline == null ? CallOptions.DEFAULT : options(deadline));
    return GrpcTabletStream.start(
        call,
        request,
        status -> {
          reconnectSoon(entry.channel(), status);
          pool.release(entry);
        },
        e -> TabletException.of(name(), String.valueOf(method.getBareMethodName()), e));
  }

  private static CallOptions options(Duration limit) {
    return CallOptions.DEFAULT.withDeadlineAfter(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  private Channel fenced(ManagedChannel channel) {
    if (fence == null && !transaction) {
      return channel;
    }
    Metadata headers = new Metadata();
    if (fence != null) {
      headers.put(Fence.HEADER, fence.toString());
    }
    if (transaction) {
      headers.put(TRANSACTION, "1");
    }
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** A tablet that restarts is back at once; without this the channel would wait up to minutes. */
  private static void reconnectSoon(ManagedChannel channel, Status status) {
    if (status.getCode() == Status.Code.UNAVAILABLE
        && channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
  }

  private String name() {
    return Aliases.text(tablet.getAlias()) + " (" + tablet.getHostname() + ":" + port + ")";
  }
}
