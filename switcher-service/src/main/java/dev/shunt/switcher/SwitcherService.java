package dev.shunt.switcher;

import dev.shunt.cluster.Cluster;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.KafkaStatuses;
import dev.shunt.saga.SagaHandler;
import dev.shunt.saga.SagaRuntime;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.InstanceId;
import dev.shunt.service.Service;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.time.Time;
import dev.shunt.topo.Topo;

/** Takes the tasks of {@code shunt.tasks.switch} and carries them out. */
public final class SwitcherService implements Service {
  private final SagaRuntime runtime;

  /** Not started; topology, clients and registry stay the caller's. */
  public SwitcherService(
      SwitcherConfig config, Topo topo, TabletClients tablets, SchemaRegistry registry) {
    Time time = Time.system();
    Cluster cluster = new Cluster(topo, tablets, time);
    String instance = InstanceId.next(name());
    this.runtime =
        new SagaRuntime(
            name(),
            Topics.TASKS_SWITCH,
            config.kafka(),
            registry,
            time,
            config.saga(),
            (sink, history) ->
                new SagaHandler(
                    topo,
                    cluster::lockName,
                    sink,
                    history,
                    instance,
                    time,
                    config.saga(),
                    new SwitchPlanner(
                        cluster,
                        new DifferenceGuard(
                            new KafkaStatuses(config.kafka(), registry, time),
                            config.refuseAfterDifferences()))));
  }

  @Override
  public String name() {
    return "switcher";
  }

  @Override
  public void start() {
    runtime.start();
  }

  @Override
  public void close() {
    runtime.close();
  }
}
