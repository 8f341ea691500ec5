package dev.shunt.copy;

import dev.shunt.cluster.Cluster;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.KafkaStatuses;
import dev.shunt.saga.SagaHandler;
import dev.shunt.saga.SagaRuntime;
import dev.shunt.saga.Statuses;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.InstanceId;
import dev.shunt.service.Service;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import java.time.InstantSource;

/** Takes the tasks of {@code shunt.tasks.copy} and carries them out. */
public final class CopyService implements Service {
  private final SagaRuntime runtime;

  /** Wires it; topology, clients and registry stay the caller's. */
  public CopyService(CopyConfig config, Topo topo, TabletClients tablets, SchemaRegistry registry) {
    Cluster cluster = new Cluster(topo, tablets);
    Statuses statuses = new KafkaStatuses(config.kafka(), registry);
    String instance = InstanceId.next(name());
    this.runtime =
        new SagaRuntime(
            name(),
            Topics.TASKS_COPY,
            config.kafka(),
            registry,
            config.saga(),
            (sink, history) ->
                new SagaHandler(
                    topo,
                    cluster::lockName,
                    sink,
                    history,
                    instance,
                    InstantSource.system(),
                    config.saga(),
                    new CopyPlanner(
                        cluster,
                        new StatedTables(statuses),
                        new DifferenceGuard(statuses, config.refuseAfterDifferences()),
                        InstantSource.system())));
  }

  @Override
  public String name() {
    return "copy";
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
