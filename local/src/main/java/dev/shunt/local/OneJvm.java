package dev.shunt.local;

import dev.shunt.command.CommandService;
import dev.shunt.command.CommandServiceConfig;
import dev.shunt.copy.CopyConfig;
import dev.shunt.copy.CopyService;
import dev.shunt.embedded.KafkaBroker;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.HttpRegistryClient;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.Redaction;
import dev.shunt.service.Secret;
import dev.shunt.service.Service;
import dev.shunt.service.TopoSettings;
import dev.shunt.switcher.SwitcherConfig;
import dev.shunt.switcher.SwitcherService;
import dev.shunt.tablet.StreamingParts;
import dev.shunt.tablet.Tablet;
import dev.shunt.tablet.TabletConfig;
import dev.shunt.tablet.TlsSettings;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import dev.shunt.topowatcher.TopoWatcherConfig;
import dev.shunt.topowatcher.TopoWatcherService;
import dev.shunt.vdiff.VDiffConfig;
import dev.shunt.vdiff.VDiffService;
import dev.shunt.workflowstate.WorkflowStateConfig;
import dev.shunt.workflowstate.WorkflowStateService;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.jspecify.annotations.Nullable;

/**
 * A cluster in this JVM: every service once, on embedded parts unless the user has given others.
 */
final class OneJvm implements LocalCluster {
  private static final Duration STREAM_RETRY = Duration.ofSeconds(5);

  /**
   * For clients of a broker of their own: it holds a fetch that finds nothing for longer. Of many
   * brokers one could not be asked meanwhile for a partition that it takes over.
   */
  private static final Map<String, String> ALONE =
      Map.of(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "5000");

  /** Nobody takes over; only a start after a kill waits for it. */
  private static final int ALONE_SESSION_MILLIS = 6000;

  private ClusterOptions options;
  private final PortBook ports;
  private final Closer closer = new Closer();
  private final Closer services = new Closer();
  private final Databases databases = new Databases();
  private final Map<String, String> tabletAddresses = new ConcurrentHashMap<>();
  private @Nullable KafkaSettings kafka;
  private @Nullable Topo topo;
  private @Nullable CommandService command;

  private OneJvm(ClusterOptions options) {
    this.options = options;
    this.ports = closer.add(new PortBook(options.directory().resolve("ports.properties")));
  }

  static OneJvm start(ClusterOptions options) {
    Databases.check(options);
    OneJvm cluster = new OneJvm(options);
    try {
      cluster.startAll();
      return cluster;
    } catch (RuntimeException | Error e) {
      Closer.afterFailure(cluster);
      throw e;
    }
  }

  private void startAll() {
    Path directory = options.directory();
    int http = ports.of("http", 8081);
    int kafkaPort = options.kafka() == null ? ports.of("kafka", 9092) : 0;
    Topo opened =
        closer.add(
            options.etcd().isEmpty()
                ? Topos.local(directory.resolve("topo"))
                : Topos.etcd(String.join(",", options.etcd()), options.globalRoot()));
    topo = opened;
    options = options.withLayout(options.layout().numbered(opened.tablets()));
    TopoPreparation.ensureCell(opened, options);
    List<Runnable> first = new ArrayList<>(databases.starting(options, ports, closer));
    if (options.kafka() == null) {
      first.add(() -> closer.add(KafkaBroker.start(directory.resolve("kafka"), kafkaPort)));
    }
    ParallelStart.run(first);

    KafkaSettings usual = KafkaSettings.defaults();
    KafkaSettings settings =
        (options.kafka() == null
                ? usual
                    .withProperties(ALONE)
                    .withSessionTimeout(ALONE_SESSION_MILLIS)
                    .withPartitions(Topics.EMBEDDED_PARTITIONS)
                : usual)
            .at(
                options.kafka() == null ? "127.0.0.1:" + kafkaPort : options.kafka(),
                options.registry() == null ? "http://127.0.0.1:" + http : options.registry());
    kafka = settings;
    TabletClients clients = closer.add(TabletClients.grpc(TabletClientConfig.DEFAULT));
    command =
        closer.add(
            CommandService.over(
                new CommandServiceConfig(
                    "127.0.0.1",
                    ports.of("vtctld", 15999),
                    http,
                    settings,
                    TopoSettings.local(directory.resolve("topo").toString()),
                    options.registry() == null,
                    CommandServiceConfig.defaults().actionTimeout()),
                opened,
                clients));
    command.start();
    HttpRegistryClient registry = closer.add(new HttpRegistryClient(settings.registryUrl()));

    List<Runnable> rest = new ArrayList<>();
    for (Layout.Place place : options.layout().places()) {
      rest.add(() -> startTablet(place, opened, clients));
    }
    for (Service service : services(settings, opened, clients, registry)) {
      services.add(service);
      rest.add(service::start);
    }
    ParallelStart.run(rest);
  }

  private List<Service> services(
      KafkaSettings settings, Topo opened, TabletClients clients, HttpRegistryClient registry) {
    TopoSettings unused = TopoSettings.local(options.directory().resolve("topo").toString());
    WorkflowStateConfig state = WorkflowStateConfig.defaults();
    return List.of(
        new WorkflowStateService(
            new WorkflowStateConfig(
                settings,
                state.applicationId(),
                options.directory().resolve("workflow-state").toString(),
                0,
                state.commitInterval()),
            registry),
        new CopyService(
            new CopyConfig(settings, unused, CopyConfig.defaults().lockTtlSeconds(), false),
            opened,
            clients,
            registry),
        new SwitcherService(
            new SwitcherConfig(settings, unused, SwitcherConfig.defaults().lockTtlSeconds(), false),
            opened,
            clients,
            registry),
        new VDiffService(
            new VDiffConfig(
                settings,
                unused,
                VDiffConfig.defaults().lockTtlSeconds(),
                VDiffConfig.defaults().waitingMegabytes()),
            opened,
            clients,
            registry),
        new TopoWatcherService(
            new TopoWatcherConfig(
                settings,
                unused,
                TopoWatcherConfig.defaults().lease(),
                TopoWatcherConfig.defaults().poll(),
                TopoWatcherConfig.defaults().idlePoll(),
                TopoWatcherConfig.defaults().progress(),
                TopoWatcherConfig.defaults().heartbeat()),
            opened,
            clients,
            registry));
  }

  private void startTablet(Layout.Place place, Topo opened, TabletClients clients) {
    MysqlEndpoint database = databases.endpoints().get(place.name());
    if (database == null || database.database() == null) {
      throw new IllegalStateException("no database for " + place.name());
    }
    TabletConfig config =
        TabletConfig.defaults(place.uid(), place.keyspace(), place.shard())
            .withCell(options.layout().cell())
            .withGrpcPort(ports.of("tablet-" + place.uid(), 0))
            .withDatabase(database.database())
            .withMysql(
                database.host(),
                database.port(),
                database.user(),
                new Secret(database.password().reveal()))
            .withSocket(Objects.requireNonNullElse(database.socket(), ""))
            .withTls(TlsSettings.of(database.tls()));
    if (!options.databases().containsKey(place.name())) {
      config = config.creatingDatabase(); // the server is ours alone
    }
    Tablet tablet =
        closer.add(new Tablet(config, opened, new StreamingParts(clients, STREAM_RETRY)));
    tablet.start();
    tabletAddresses.put(place.alias(options.layout().cell()), "127.0.0.1:" + tablet.grpcPort());
  }

  @Override
  public Layout layout() {
    return options.layout();
  }

  @Override
  public KafkaSettings kafka() {
    return started(kafka);
  }

  @Override
  public Topo topo() {
    return started(topo);
  }

  @Override
  public Map<String, MysqlEndpoint> databases() {
    return databases.endpoints();
  }

  @Override
  public Endpoints endpoints() {
    CommandService served = started(command);
    return new Endpoints(
        "127.0.0.1:" + served.grpcPort(),
        "http://127.0.0.1:" + served.httpPort(),
        kafka().bootstrapServers(),
        Redaction.ofList(kafka().registryUrl()),
        new TreeMap<>(tabletAddresses),
        databases.shown(options.layout()));
  }

  private static <T> T started(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the cluster has not started");
    }
    return part;
  }

  @Override
  public boolean kill(String service, String instance) {
    return false;
  }

  @Override
  public void close() {
    services.close(); // while what they use is still there
    closer.close();
  }
}
