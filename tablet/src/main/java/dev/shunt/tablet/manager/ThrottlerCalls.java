package dev.shunt.tablet.manager;

import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.Throttler;
import dev.shunt.tablet.ThrottlerSettings;
import dev.shunt.tablet.rpc.Rpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.vitess.proto.Topodata;
import java.util.Set;
import tabletmanagerdata.Tabletmanagerdata.*;
import tabletmanagerservice.TabletManagerGrpc;

/**
 * The calls about the throttler. It measures this tablet's server only, so a check for the shard
 * answers for it and says so in the metrics' scope.
 */
final class ThrottlerCalls extends TabletManagerGrpc.TabletManagerImplBase {
  private static final String SELF = "self";
  private static final Set<String> SCOPES = Set.of("", SELF, "shard");

  /** The name under which Vitess counts callers that give none. */
  private static final String ANYBODY = "vitess";

  private final TabletIdentity identity;
  private final Throttler throttler;
  private final RoleControl role;

  ThrottlerCalls(TabletIdentity identity, Throttler throttler, RoleControl role) {
    this.identity = identity;
    this.throttler = throttler;
    this.role = role;
  }

  @Override
  public void checkThrottler(
      CheckThrottlerRequest request, StreamObserver<CheckThrottlerResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          if (!SCOPES.contains(request.getScope())) {
            throw new RpcException(
                Status.Code.INVALID_ARGUMENT, "unknown scope: " + request.getScope());
          }
          CheckThrottlerResponse.Builder response =
              CheckThrottlerResponse.newBuilder()
                  .setAppName(request.getAppName().isEmpty() ? ANYBODY : request.getAppName())
                  .setResponseCode(CheckThrottlerResponseCode.OK);
          for (Throttler.Measure measure : throttler.measures()) {
            CheckThrottlerResponseCode code =
                !measure.error().isEmpty()
                    ? CheckThrottlerResponseCode.INTERNAL_ERROR
                    : measure.exceeded()
                        ? CheckThrottlerResponseCode.THRESHOLD_EXCEEDED
                        : CheckThrottlerResponseCode.OK;
            response.putMetrics(
                measure.name(),
                CheckThrottlerResponse.Metric.newBuilder()
                    .setName(measure.name())
                    .setValue(measure.value())
                    .setThreshold(measure.threshold())
                    .setError(measure.error())
                    .setScope(SELF)
                    .setResponseCode(code)
                    .build());
            boolean first = response.getResponseCode() == CheckThrottlerResponseCode.OK;
            if (first) {
              response
                  .setValue(measure.value())
                  .setThreshold(measure.threshold())
                  .setError(measure.error())
                  .setResponseCode(code)
                  .setSummary(code == CheckThrottlerResponseCode.OK ? "" : measure.reason());
            }
          }
          return response.build();
        });
  }

  @Override
  public void getThrottlerStatus(
      GetThrottlerStatusRequest request, StreamObserver<GetThrottlerStatusResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          GetThrottlerStatusResponse.Builder response =
              GetThrottlerStatusResponse.newBuilder()
                  .setTabletAlias(identity.aliasText())
                  .setKeyspace(identity.keyspace())
                  .setShard(identity.shard())
                  .setIsLeader(role.type() == Topodata.TabletType.PRIMARY)
                  .setIsOpen(true)
                  .setIsEnabled(throttler.enabled());
          ThrottlerSettings settings = throttler.settings();
          boolean custom = !settings.query().isEmpty();
          response
              .setCustomMetricQuery(settings.query())
              .setMetricNameUsedAsDefault(custom ? "custom" : "lag")
              .setDefaultThreshold(
                  (double) (custom ? settings.queryThreshold() : settings.lagSeconds()));
          for (Throttler.Measure measure : throttler.measures()) {
            response.putMetricThresholds(measure.name(), measure.threshold());
            response.putAggregatedMetrics(
                SELF + "/" + measure.name(),
                GetThrottlerStatusResponse.MetricResult.newBuilder()
                    .setValue(measure.value())
                    .setError(measure.error())
                    .build());
          }
          return response.build();
        });
  }
}
