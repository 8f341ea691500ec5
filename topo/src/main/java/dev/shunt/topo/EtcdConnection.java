package dev.shunt.topo;

import static io.grpc.ConnectivityState.CONNECTING;
import static io.grpc.ConnectivityState.READY;
import static io.grpc.ConnectivityState.TRANSIENT_FAILURE;

import io.grpc.ClientStreamTracer;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.SynchronizationContext.ScheduledHandle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Keeps one connection to a member of etcd. One that can't be connected to within a while, that is
 * lost, or that does not answer calls though others may, as it is stopped or cut off from them, is
 * left for the next one in line. While none can be connected to it tries again twice a second,
 * however long that lasts: gRPC's own waits grow to two minutes, and whoever holds writes back
 * until the topology answers would hold them for so much longer. It is logged once when etcd goes
 * and once when it is back.
 *
 * <pre>
 *   connecting ──▶ ready ──lost, or calls not answered──▶ connecting to the next
 *       └──not in time──▶ connecting to the next ──none is left──▶ away ──½ s──▶ connecting
 * </pre>
 */
final class EtcdConnection extends LoadBalancer {
  /** Name under which a channel asks for it. */
  static final String POLICY = "shunt_etcd";

  private static final Logger log = LoggerFactory.getLogger(EtcdConnection.class);
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** How long a member may take until it is connected, or until it begins to answer a call. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  static {
    LoadBalancerRegistry.getDefaultRegistry().register(new Provider());
  }

  private final Helper helper;
  private List<EquivalentAddressGroup> members = List.of();

  /** Which member is connected to, and how many could not be since one last was. */
  private int at;

  private int tried;
  private @Nullable Subchannel connection;

  /** What comes if nothing else does: the end of a pause, or of a try to connect. */
  private @Nullable ScheduledHandle pending;

  /** Whether a call was answered since a member was last left. */
  private volatile boolean answered = true;

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
    List<EquivalentAddressGroup> now =
        resolved.getAddresses().stream()
            .flatMap(group ->
                group.getAddresses().stream()
                    .map(each -> new EquivalentAddressGroup(each, group.getAttributes())))
            .toList();
    if (now.isEmpty()) {
      Status none = Status.UNAVAILABLE.withDescription("no address of etcd is known");
      handleNameResolutionError(none);
      return none;
    }
    if (!now.equals(members)) {
      members = now;
      at = 0;
      tried = 0;
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
    EquivalentAddressGroup member = members.get(at);
    Subchannel fresh =
        helper.createSubchannel(CreateSubchannelArgs.newBuilder().setAddresses(member).build());
    connection = fresh;
    fresh.start(state -> onState(fresh, state));
    waiting();
    // A process that is stopped does not speak on a connection that its machine has taken for it.
    Status silent = Status.UNAVAILABLE.withDescription(name(member) + " does not speak");
    after(PATIENCE, () -> failed(silent));
    fresh.requestConnection();
  }

  private void onState(Subchannel of, ConnectivityStateInfo state) {
    if (of != connection) {
      return;
    }
    switch (state.getState()) {
      case READY -> {
        cancelPending();
        tried = 0;
        cameBack();
        PickResult picked =
            members.size() == 1
                ? PickResult.withSubchannel(of)
                : PickResult.withSubchannel(of, new Answers(of));
        helper.updateBalancingState(READY, new FixedResultPicker(picked));
      }
      case CONNECTING -> waiting();
      case IDLE -> next("its connection ended");
      case TRANSIENT_FAILURE -> failed(state.getStatus());
      case SHUTDOWN -> {}
    }
  }

  /** The present member can't be connected to. */
  private void failed(Status why) {
    at = (at + 1) % members.size();
    tried++;
    if (tried < members.size()) {
      connect();
      return;
    }
    tried = 0;
    wentAway(why);
    drop();
    refuse(why);
    helper.refreshNameResolution();
    after(PAUSE, this::connect);
  }

  /** Another member may answer what this one does not. What it still answers is waited for. */
  private void leave(Subchannel member, String why) {
    helper
        .getSynchronizationContext()
        .execute(() -> {
          if (member == connection) {
            next(why);
          }
        });
  }

  private void next(String why) {
    if (members.size() > 1) {
      log.atLevel(answered ? Level.WARN : Level.DEBUG)
          .addKeyValue("member", name(members.get(at)))
          .addKeyValue("reason", why)
          .log("a member of etcd does not answer, another one is asked");
      answered = false;
    }
    at = (at + 1) % members.size();
    connect();
  }

  /** Looks whether a member answers the calls that it gets. */
  private final class Answers extends ClientStreamTracer.Factory {
    private final Subchannel member;

    Answers(Subchannel member) {
      this.member = member;
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo call, Metadata headers) {
      Future<?> silence =
          helper
              .getScheduledExecutorService()
              .schedule(
                  () -> leave(member, "it has not begun to answer a call for 2 s"),
                  PATIENCE.toMillis(),
                  TimeUnit.MILLISECONDS);
      return new ClientStreamTracer() {
        @Override
        public void inboundHeaders(Metadata answer) {
          silence.cancel(false);
        }

        @Override
        public void streamClosed(Status status) {
          silence.cancel(false);
          if (status.isOk()) {
            answered = true;
          } else if (status.getCode() == Status.Code.UNAVAILABLE) { // such as: no leader
            leave(member, String.valueOf(status.getDescription()));
          }
        }
      };
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
    return members.stream().map(EtcdConnection::name).collect(Collectors.joining(","));
  }

  private static String name(EquivalentAddressGroup member) {
    SocketAddress address = member.getAddresses().getFirst();
    return address instanceof InetSocketAddress inet
        ? inet.getHostString() + ":" + inet.getPort()
        : address.toString();
  }

  private void after(Duration time, Runnable then) {
    cancelPending();
    pending =
        helper
            .getSynchronizationContext()
            .schedule(
                then, time.toMillis(), TimeUnit.MILLISECONDS, helper.getScheduledExecutorService());
  }

  private void cancelPending() {
    if (pending != null) {
      pending.cancel();
      pending = null;
    }
  }

  private void drop() {
    cancelPending();
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
