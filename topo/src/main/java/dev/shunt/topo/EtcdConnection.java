package dev.shunt.topo;

import static io.grpc.ConnectivityState.CONNECTING;
import static io.grpc.ConnectivityState.READY;
import static io.grpc.ConnectivityState.TRANSIENT_FAILURE;

import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.Status;
import io.grpc.SynchronizationContext.ScheduledHandle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one connection to the first endpoint of etcd that answers. While none does it tries again
 * twice a second, however long that lasts: gRPC's own waits grow to two minutes, and whoever holds
 * writes back until the topology answers would hold them for so much longer. It is logged once when
 * etcd goes and once when it is back.
 *
 * <pre>
 *   connecting ──▶ ready ──lost──▶ connecting ──no endpoint answers──▶ away ──½ s──▶ connecting
 * </pre>
 */
final class EtcdConnection extends LoadBalancer {
  /** Name under which a channel asks for it. */
  static final String POLICY = "shunt_etcd";

  private static final Logger log = LoggerFactory.getLogger(EtcdConnection.class);
  private static final Duration PAUSE = Duration.ofMillis(500);

  static {
    LoadBalancerRegistry.getDefaultRegistry().register(new Provider());
  }

  private final Helper helper;
  private List<EquivalentAddressGroup> endpoints = List.of();
  private @Nullable Subchannel connection;
  private @Nullable ScheduledHandle pause;
  private boolean away;
  private long awaySince;

  private EtcdConnection(Helper helper) {
    this.helper = helper;
  }

  /** Makes the policy known to gRPC; once is enough, more does no harm. */
  static String policy() {
    return POLICY;
  }

  private static final class Provider extends LoadBalancerProvider {
    @Override
    public boolean isAvailable() {
      return true;
    }

    @Override
    public int getPriority() {
      return 5;
    }

    @Override
    public String getPolicyName() {
      return POLICY;
    }

    @Override
    public LoadBalancer newLoadBalancer(Helper helper) {
      return new EtcdConnection(helper);
    }
  }

  @Override
  public Status acceptResolvedAddresses(ResolvedAddresses resolved) {
    List<EquivalentAddressGroup> now = resolved.getAddresses();
    if (now.isEmpty()) {
      Status none = Status.UNAVAILABLE.withDescription("no address of etcd is known");
      handleNameResolutionError(none);
      return none;
    }
    if (!now.equals(endpoints)) {
      endpoints = List.copyOf(now);
      connect();
    }
    return Status.OK;
  }

  @Override
  public void handleNameResolutionError(Status error) {
    if (connection == null) {
      wentAway(error);
      refuse(error);
    }
  }

  private void connect() {
    drop();
    Subchannel fresh =
        helper.createSubchannel(CreateSubchannelArgs.newBuilder().setAddresses(endpoints).build());
    connection = fresh;
    fresh.start(state -> onState(fresh, state));
    waiting();
    fresh.requestConnection();
  }

  private void onState(Subchannel of, ConnectivityStateInfo state) {
    if (of != connection) {
      return;
    }
    switch (state.getState()) {
      case READY -> {
        cameBack();
        PickResult picked = PickResult.withSubchannel(of);
        helper.updateBalancingState(READY, new FixedResultPicker(picked));
      }
      case CONNECTING -> waiting();
      case IDLE -> {
        waiting();
        of.requestConnection();
      }
      case TRANSIENT_FAILURE -> {
        wentAway(state.getStatus());
        drop();
        refuse(state.getStatus());
        helper.refreshNameResolution();
        pause =
            helper
                .getSynchronizationContext()
                .schedule(
                    this::connect,
                    PAUSE.toMillis(),
                    TimeUnit.MILLISECONDS,
                    helper.getScheduledExecutorService());
      }
      case SHUTDOWN -> {}
    }
  }

  private void waiting() {
    helper.updateBalancingState(CONNECTING, new FixedResultPicker(PickResult.withNoResult()));
  }

  private void refuse(Status why) {
    helper.updateBalancingState(
        TRANSIENT_FAILURE, new FixedResultPicker(PickResult.withError(why)));
  }

  private void wentAway(Status why) {
    if (!away) {
      away = true;
      awaySince = System.nanoTime();
      Throwable cause = why.getCause();
      log.atWarn()
          .addKeyValue("endpoints", names())
          .addKeyValue("reason", cause == null ? why.getDescription() : cause.getMessage())
          .log("etcd can't be reached; trying twice a second until it answers");
    }
  }

  private void cameBack() {
    if (away) {
      away = false;
      log.atInfo()
          .addKeyValue("endpoints", names())
          .addKeyValue("afterMs", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - awaySince))
          .log("etcd answers again");
    }
  }

  private String names() {
    return endpoints.stream()
        .flatMap(group -> group.getAddresses().stream())
        .map(EtcdConnection::name)
        .collect(Collectors.joining(","));
  }

  private static String name(SocketAddress address) {
    return address instanceof InetSocketAddress inet
        ? inet.getHostString() + ":" + inet.getPort()
        : address.toString();
  }

  private void drop() {
    if (pause != null) {
      pause.cancel();
      pause = null;
    }
    if (connection != null) {
      connection.shutdown();
      connection = null;
    }
  }

  @Override
  public void shutdown() {
    drop();
  }
}
