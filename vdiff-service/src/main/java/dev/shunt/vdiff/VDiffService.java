package dev.shunt.vdiff;

import dev.shunt.cluster.Cluster;
import dev.shunt.saga.SagaHandler;
import dev.shunt.saga.SagaRuntime;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.InstanceId;
import dev.shunt.service.Service;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.time.Time;
import dev.shunt.topo.Topo;

/** Takes the tasks of {@code shunt.tasks.vdiff} and carries them out. */
public final class VDiffService implements Service {
  private final SagaRuntime runtime;

  /** Not started; topology, clients and registry stay the caller's. */
  public VDiffService(
      VDiffConfig config, Topo topo, TabletClients tablets, SchemaRegistry registry) {
    Time time = Time.system();
    Cluster cluster = new Cluster(topo, tablets, time);
    String instance = InstanceId.next(name());
    this.runtime =
        new SagaRuntime(
            name(),
            Topics.TASKS_VDIFF,
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
                    new DiffPlanner(
                        cluster, config.saga(), (long) config.waitingMegabytes() << 20)));
  }

  @Override
  public String name() {
    return "vdiff";
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
