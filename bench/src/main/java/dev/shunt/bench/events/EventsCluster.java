package dev.shunt.bench.events;

import dev.shunt.client.Connection;
import dev.shunt.embedded.KafkaBroker;
import dev.shunt.net.HttpFace;
import dev.shunt.registry.EmbeddedRegistry;
import dev.shunt.saga.SagaRuntime;
import dev.shunt.saga.SagaSettings;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.HttpRegistryClient;
import dev.shunt.service.ClusterTopics;
import dev.shunt.service.KafkaSettings;
import dev.shunt.time.Time;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import dev.shunt.workflowstate.WorkflowStateConfig;
import dev.shunt.workflowstate.WorkflowStateService;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A broker, a schema registry over HTTP and a service that takes the tasks of copy-service, all in
 * this JVM, as {@code shunt up} has them; with workflow-state or without it.
 */
final class EventsCluster implements AutoCloseable {
  /** Nobody takes over here, and a machine that is busy must not fence anybody off. */
  private static final int SESSION_MILLIS = 30_000;

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private @Nullable Parts parts;

  private record Parts(KafkaSettings kafka, HttpRegistryClient registry, Connection connection) {}

  private EventsCluster() {}

  private void startAll(Path directory, KafkaSettings defaults, boolean withState)
      throws IOException {
    KafkaBroker broker = opened(KafkaBroker.start(directory.resolve("kafka"), 0));
    ExecutorService threads = opened(Executors.newVirtualThreadPerTaskExecutor());
    EmbeddedRegistry served =
        opened(
            new EmbeddedRegistry(defaults.at(broker.bootstrapServers(), "http://unused").admin()));
    served.start();
    HttpFace face = opened(HttpFace.listen("127.0.0.1", 0, threads));
    served.mount(face);
    face.start();
    KafkaSettings kafka = defaults.at(broker.bootstrapServers(), "http://127.0.0.1:" + face.port());
    HttpRegistryClient registry = opened(new HttpRegistryClient(kafka.registryUrl()));
    if (withState) {
      startState(directory, kafka, registry);
    } else {
      var unused = ClusterTopics.ensure(kafka, "bench");
    }
    Topo topo = opened(Topos.local(directory.resolve("topo")));
    opened(
            new SagaRuntime(
                "copy",
                Topics.TASKS_COPY,
                kafka,
                registry,
                Time.system(),
                SagaSettings.DEFAULT,
                (sink, history) -> new StandIn(topo, sink, history, Time.system())))
        .start();
    parts = new Parts(kafka, registry, opened(new Connection(kafka.admin(), registry)));
  }

  private void startState(Path directory, KafkaSettings kafka, HttpRegistryClient registry) {
    WorkflowStateConfig state = WorkflowStateConfig.defaults();
    opened(
            new WorkflowStateService(
                new WorkflowStateConfig(
                    kafka,
                    state.applicationId(),
                    directory.resolve("workflow-state").toString(),
                    0,
                    state.commitInterval()),
                registry))
        .start();
  }

  /** Starts it; what has started is ended when it can't be. */
  static EventsCluster start(Path directory) throws IOException {
    return start(
        directory,
        KafkaSettings.defaults()
            .withSessionTimeout(SESSION_MILLIS)
            .withPartitions(Topics.EMBEDDED_PARTITIONS),
        true);
  }

  /** As {@link #start}, with as many partitions as a cluster has by default. */
  static EventsCluster startWithoutState(Path directory) throws IOException {
    return start(directory, KafkaSettings.defaults(), false);
  }

  private static EventsCluster start(Path directory, KafkaSettings defaults, boolean withState)
      throws IOException {
    EventsCluster cluster = new EventsCluster();
    try {
      cluster.startAll(directory, defaults, withState);
      return cluster;
    } catch (IOException | RuntimeException e) {
      try {
        cluster.close();
      } catch (RuntimeException also) {
        e.addSuppressed(also);
      }
      throw e;
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    open.push(part);
    return part;
  }

  KafkaSettings kafka() {
    return parts().kafka();
  }

  HttpRegistryClient registry() {
    return parts().registry();
  }

  Connection connection() {
    return parts().connection();
  }

  private Parts parts() {
    return Objects.requireNonNull(parts, "it has started");
  }

  @Override
  public void close() {
    RuntimeException failure = null;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        failure = new IllegalStateException("the cluster did not end", e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
