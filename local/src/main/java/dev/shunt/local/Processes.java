package dev.shunt.local;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shunt.embedded.EtcdServer;
import dev.shunt.embedded.SchemaRegistryServer;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.Compatibility;
import dev.shunt.schemas.registry.HttpRegistryClient;
import dev.shunt.service.InstanceId;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.Redaction;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of processes: broker, etcd, registry, databases, a process a tablet, and two instances
 * of each service.
 *
 * <pre>
 *   broker ┐
 *   etcd   ├─▶ tablets, command ×2 ─▶ workflow-state ×2, topo-watcher ×2 ─▶ copy, switcher, vdiff ×2
 *   registry, databases ┘
 * </pre>
 *
 * <p>All ports are free ones, as such a cluster stands beside others for a while.
 */
final class Processes implements LocalCluster {
  private static final List<List<String>> WAVES =
      List.of(
          List.of("command"),
          List.of("workflow-state", "topo-watcher"),
          List.of("copy", "switcher", "vdiff"));
  private static final int INSTANCES = 2;

  /** Starting all of it takes two cores about half a minute; a busy machine needs longer. */
  private static final Duration READY = Duration.ofMinutes(3);

  private final ClusterOptions options;
  private final PortBook ports;
  private final Closer servers = new Closer();
  private final List<ServiceProcess> tablets = new ArrayList<>();
  private final Map<String, List<ServiceProcess>> services = new ConcurrentHashMap<>();
  private final Databases databases = new Databases();
  private final Map<String, String> tabletAddresses = new ConcurrentHashMap<>();
  private @Nullable KafkaSettings kafka;
  private @Nullable Topo topo;

  private Processes(ClusterOptions options) {
    this.options = options;
    this.ports = servers.add(new PortBook(options.directory().resolve("ports.properties")));
  }

  static Processes start(ClusterOptions options) {
    Databases.check(options);
    Processes cluster = new Processes(options);
    try {
      cluster.startAll();
      return cluster;
    } catch (RuntimeException | Error e) {
      Closer.afterFailure(cluster);
      throw e;
    }
  }

  private void startAll() {
    ClusterOptions with = startServers();
    KafkaSettings usual = KafkaSettings.defaults();
    KafkaSettings settings =
        (options.kafka() == null ? usual.withPartitions(Topics.EMBEDDED_PARTITIONS) : usual)
            .at(given(with.kafka()), given(with.registry()));
    kafka = settings;
    if (options.registry() == null) {
      try (HttpRegistryClient registry = new HttpRegistryClient(settings.registryUrl())) {
        registry.setCompatibility(Compatibility.FULL_TRANSITIVE);
      }
    }
    Topo opened = servers.add(Topos.etcd(String.join(",", with.etcd()), options.globalRoot()));
    topo = opened;
    TopoPreparation.ensureCell(opened, with);
    ProcessConfigs configs =
        new ProcessConfigs(options.directory(), options.layout().cell(), settings, with.etcd());
    startTablets(configs);
    for (List<String> wave : WAVES) {
      startWave(wave, configs);
    }
    awaitTablets();
  }

  /** Returns the options with the addresses of what was started in them. */
  private ClusterOptions startServers() {
    Path directory = options.directory();
    List<Runnable> tasks = new ArrayList<>();
    String kafkaAddress = options.kafka();
    if (kafkaAddress == null) {
      int port = ports.of("kafka", 0);
      kafkaAddress = "127.0.0.1:" + port;
      tasks.add(() -> {
        ServiceProcess broker =
            servers.add(
                ServiceProcess.start(
                    "broker",
                    "broker",
                    logs(),
                    ProcessConfigs.broker(directory.resolve("kafka"), port)));
        ready(broker);
      });
    }
    String registryAddress = options.registry();
    if (registryAddress == null) {
      int port = ports.of("registry", 0);
      registryAddress = "http://127.0.0.1:" + port + "/apis/ccompat/v7";
      tasks.add(() -> servers.add(SchemaRegistryServer.start(directory.resolve("registry"), port)));
    }
    List<String> etcd = options.etcd();
    if (etcd.isEmpty()) {
      int port = ports.of("etcd", 0);
      etcd = List.of("http://127.0.0.1:" + port);
      tasks.add(() -> servers.add(EtcdServer.start(directory.resolve("etcd"), port)));
    }
    tasks.addAll(databases.starting(options, ports, servers));
    ParallelStart.run(tasks);
    return options.withServers(kafkaAddress, registryAddress, etcd);
  }

  private void startTablets(ProcessConfigs configs) {
    for (Layout.Place place : options.layout().places()) {
      MysqlEndpoint database = given(databases.endpoints().get(place.name()));
      int port = ports.of("tablet-" + place.uid(), 0);
      tablets.add(
          ServiceProcess.start(
              "tablet",
              "tablet-" + place.uid(),
              logs(),
              configs.tablet(
                  place, database, !options.databases().containsKey(place.name()), port)));
      tabletAddresses.put(place.alias(options.layout().cell()), "127.0.0.1:" + port);
    }
  }

  private void awaitTablets() {
    tablets.forEach(Processes::ready);
  }

  private void startWave(List<String> names, ProcessConfigs configs) {
    List<ServiceProcess> wave = new ArrayList<>();
    for (String name : names) {
      List<ServiceProcess> instances = new ArrayList<>();
      for (int number = 0; number < INSTANCES; number++) {
        String instance = name + "-" + number;
        Map<String, Object> config =
            name.equals("command") ? command(number, configs) : configs.service(name, instance);
        instances.add(ServiceProcess.start(name, instance, logs(), config));
        services.put(name, List.copyOf(instances));
      }
      wave.addAll(instances);
    }
    wave.forEach(Processes::ready);
  }

  private Map<String, Object> command(int number, ProcessConfigs configs) {
    return configs.command(ports.of("vtctld-" + number, 0), ports.of("http-" + number, 0));
  }

  private Path logs() {
    return options.directory().resolve("services");
  }

  private static JsonNode ready(ServiceProcess process) {
    try {
      return process.awaitReady(READY);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + process.name() + " started", e);
    }
  }

  @Override
  public Layout layout() {
    return options.layout();
  }

  @Override
  public KafkaSettings kafka() {
    return given(kafka);
  }

  @Override
  public Topo topo() {
    return given(topo);
  }

  @Override
  public Map<String, MysqlEndpoint> databases() {
    return databases.endpoints();
  }

  @Override
  public Endpoints endpoints() {
    JsonNode command =
        given(services.get("command")).stream()
            .filter(ServiceProcess::isAlive)
            .findFirst()
            .map(Processes::ready)
            .orElseThrow(() -> new IllegalStateException("no instance of command runs"));
    return new Endpoints(
        command.path("vtctld").asText(),
        command.path("http").asText(),
        kafka().bootstrapServers(),
        Redaction.ofList(kafka().registryUrl()),
        new TreeMap<>(tabletAddresses),
        databases.shown(options.layout()));
  }

  private static <T> T given(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the cluster has not started");
    }
    return part;
  }

  /** True once for each service: the second instance is left alone. */
  @Override
  public boolean kill(String service, String instance) {
    Optional<ServiceProcess> found =
        services.getOrDefault(service, List.of()).stream()
            .filter(ServiceProcess::isAlive)
            .filter(one -> instance.isEmpty() || InstanceId.isOf(instance, one.pid()))
            .findFirst();
    found.ifPresent(ServiceProcess::kill);
    return found.isPresent();
  }

  /** Services end before tablets, tablets before the servers that they use. */
  @Override
  public void close() {
    List<Runnable> first = new ArrayList<>();
    services.values().forEach(instances -> instances.forEach(one -> first.add(one::close)));
    ParallelStart.run(first);
    ParallelStart.run(tablets.stream().<Runnable>map(tablet -> tablet::close).toList());
    servers.close();
  }
}
