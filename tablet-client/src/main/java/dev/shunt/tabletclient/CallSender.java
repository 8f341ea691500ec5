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
final class CallSender {
  private static final Metadata.Key<String> TRANSACTION =
      Metadata.Key.of("shunt-transaction", Metadata.ASCII_STRING_MARSHALLER);

  private final ChannelPool pool;
  private final Topodata.Tablet tablet;
  private final int port;
  private final Duration defaultDeadline;
  private final @Nullable Duration deadline;
  private final Extras extras;

  /** What calls carry in their headers. */
  private record Extras(@Nullable Fence fence, boolean transaction, @Nullable String snapshot) {
    static final Extras NONE = new Extras(null, false, null);

    Metadata headers() {
      Metadata headers = new Metadata();
      if (fence != null) {
        headers.put(Fence.HEADER, fence.toString());
        if (!fence.epoch().isEmpty()) {
          headers.put(Fence.EPOCH_HEADER, fence.epoch());
        }
      }
      if (transaction) {
        headers.put(TRANSACTION, "1");
      }
      if (snapshot != null) {
        headers.put(HoldSnapshot.HEADER, snapshot);
      }
      return headers;
    }
  }

  CallSender(ChannelPool pool, Topodata.Tablet tablet, int port, Duration defaultDeadline) {
    this(pool, tablet, port, defaultDeadline, null, Extras.NONE);
  }

  private CallSender(
      ChannelPool pool,
      Topodata.Tablet tablet,
      int port,
      Duration defaultDeadline,
      @Nullable Duration deadline,
      Extras extras) {
    this.pool = pool;
    this.tablet = tablet;
    this.port = port;
    this.defaultDeadline = defaultDeadline;
    this.deadline = deadline;
    this.extras = extras;
  }

  CallSender with(Fence fence) {
    return with(new Extras(fence, extras.transaction(), extras.snapshot()));
  }

  CallSender with(Duration newDeadline) {
    return new CallSender(pool, tablet, port, defaultDeadline, newDeadline, extras);
  }

  /** Calls whose statements the tablet runs in one transaction. */
  CallSender inTransaction() {
    return with(new Extras(extras.fence(), true, extras.snapshot()));
  }

  /** Calls that read from a snapshot. */
  CallSender withSnapshot(String snapshot) {
    return with(new Extras(extras.fence(), extras.transaction(), snapshot));
  }

  private CallSender with(Extras newExtras) {
    return new CallSender(pool, tablet, port, defaultDeadline, deadline, newExtras);
  }

  /** One request, one answer. */
  <Q, A> A unary(MethodDescriptor<Q, A> method, Q request) {
    Duration limit = deadline == null ? defaultDeadline : deadline;
    ChannelPool.Entry entry = pool.acquire(tablet.getHostname(), port);
    SentFlag flag = new SentFlag();
    try {
      return ClientCalls.blockingUnaryCall(
          with(entry.channel()), method, options(limit).withStreamTracerFactory(flag), request);
    } catch (StatusRuntimeException e) {
      reconnectSoon(entry.channel(), e.getStatus());
      throw TabletException.of(name(), String.valueOf(method.getBareMethodName()), e, flag.sent());
    } finally {
      pool.release(entry);
    }
  }

  /** One request, many answers. */
  <Q, A> TabletStream<A> stream(MethodDescriptor<Q, A> method, Q request) {
    ChannelPool.Entry entry = pool.acquire(tablet.getHostname(), port);
    var call =
        with(entry.channel())
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

  private Channel with(ManagedChannel channel) {
    return extras.equals(Extras.NONE)
        ? channel
        : ClientInterceptors.intercept(
            channel, MetadataUtils.newAttachHeadersInterceptor(extras.headers()));
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
