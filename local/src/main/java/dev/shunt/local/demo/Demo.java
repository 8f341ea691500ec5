package dev.shunt.local.demo;

import dev.shunt.client.CommandResult;
import dev.shunt.client.Connection;
import dev.shunt.client.ShuntClient;
import dev.shunt.client.WorkflowTable;
import dev.shunt.local.LocalCluster;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.router.RouterConfig;
import dev.shunt.router.TrafficRouter;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.StreamState;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The story of the demo, told on a cluster that runs. */
final class Demo {
  private static final Logger log = LoggerFactory.getLogger(Demo.class);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String SOURCE = ShopLoader.SOURCE;
  private static final WorkflowKey MOVE = new WorkflowKey(ShopLoader.TARGET, "shop");
  private static final WorkflowKey BACK = new WorkflowKey(SOURCE, "shop_reverse");
  private static final List<String> READS = List.of("REPLICA", "RDONLY");
  private static final List<String> WRITES = List.of("PRIMARY");

  /** Step of a switch from which on writes wait; see SwitchPlan. */
  private static final String HOLDS_WRITES_BACK = "deny-source-writes";

  private static final List<String> ALL = List.of("PRIMARY", "REPLICA", "RDONLY");

  private final LocalCluster cluster;
  private final DemoOptions options;
  private final DemoProgress progress;
  private final Shop shop;
  private final Ledger ledger = new Ledger();
  private final WriteGaps gaps;
  private final List<Long> gapOfEachSwitch = new ArrayList<>();
  private final LongAdder rowsCompared = new LongAdder();
  private final LongAdder rowsMismatched = new LongAdder();
  private final Set<String> killed = ConcurrentHashMap.newKeySet();

  Demo(LocalCluster cluster, DemoOptions options, DemoProgress progress) {
    this.cluster = cluster;
    this.options = options;
    this.progress = progress;
    this.shop = new Shop(options.rows());
    this.gaps = new WriteGaps(options.writers(), System.nanoTime());
  }

  DemoReport run(long began) throws InterruptedException {
    prepare();
    try (Connection connection =
            Connection.to(cluster.kafka().bootstrapServers(), cluster.kafka().registryUrl());
        ShuntClient client = new ShuntClient(connection);
        WorkflowTable workflows = new WorkflowTable(connection);
        TabletClients tablets = TabletClients.grpc(TabletClientConfig.DEFAULT);
        TrafficRouter router =
            new TrafficRouter(cluster.topo(), tablets, RouterConfig.of(cluster.layout().cell()))) {
      client.start();
      workflows.start(Duration.ofSeconds(30));
      if (!router.awaitKeyspace(SOURCE, Duration.ofSeconds(30))) {
        throw new IllegalStateException("keyspace " + SOURCE + " has no primary");
      }
      ShopTraffic traffic = new ShopTraffic(router, SOURCE, shop, ledger, gaps);
      progress.say(
          "the shop opens: %d writers at full speed and 2 readers".formatted(options.writers()));
      traffic.start(options.writers(), 2);
      DemoCommands commands = new DemoCommands(client);
      Copied copied;
      try {
        copied = move(commands, workflows, traffic);
      } finally {
        traffic.stop();
      }
      return conclude(connection, workflows, commands, traffic, copied, began);
    }
  }

  /** What the copy did. */
  private record Copied(long rows, double seconds) {}

  private Copied move(DemoCommands commands, WorkflowTable workflows, ShopTraffic traffic)
      throws InterruptedException {
    Copied copied = copy(commands, workflows);
    compare(commands, MOVE, "before anything is switched");
    killOne("command");

    progress.say("switching reads to customer");
    CommandResult.Succeeded reads =
        commands.run(
            DemoCommands.switchTraffic(MOVE, "reads first", Direction.FORWARD, READS),
            event -> {
              if (event instanceof StepFinished && !options.killInPause()) {
                kill("switcher", event.header().by());
              }
            });
    progress.say("  " + reads.attributes().getOrDefault("current_state", ""));
    switchAndMeasure(commands, "then writes", Direction.FORWARD, WRITES, event -> {});

    awaitStreams(workflows, BACK);
    compare(commands, BACK, "in the reverse direction");
    switchAndMeasure(commands, "take it back", Direction.BACKWARD, ALL, event -> {});
    awaitStreams(workflows, MOVE);
    if (options.killInPause()) {
      switchDespiteAKill(commands);
    } else {
      switchAndMeasure(commands, "and again", Direction.FORWARD, ALL, event -> {});
    }

    progress.say("the application learns the new keyspace; the workflow is completed");
    traffic.moveTo(MOVE.keyspace());
    commands.run(DemoCommands.complete(MOVE), event -> {});
    return copied;
  }

  private Copied copy(DemoCommands commands, WorkflowTable workflows) throws InterruptedException {
    progress.say("creating workflow %s from %s".formatted(MOVE, SOURCE));
    long began = System.nanoTime();
    commands.run(DemoCommands.create(MOVE, SOURCE, Shop.TABLES), event -> {});
    killOne("workflow-state");
    killOne("copy");
    killOne("topo-watcher");
    long total = Shop.TABLES.stream().mapToLong(shop::rows).sum();
    WorkflowTable.Subscription showing =
        workflows.subscribe(change -> {
          WorkflowStatus status = change.status();
          if (change.key().equals(MOVE) && status != null) {
            progress.advance("copying", Math.min(total, rowsCopied(status)), total);
          }
        });
    try {
      awaitStreams(workflows, MOVE);
    } finally {
      showing.close();
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    long rows = workflows.get(MOVE).map(Demo::rowsCopied).orElse(0L);
    progress.say("copied %,d rows in %.1f s; no lag is left".formatted(rows, seconds));
    return new Copied(rows, seconds);
  }

  private static long rowsCopied(WorkflowStatus status) {
    return status.streams().stream().mapToLong(StreamStatus::rowsCopied).sum();
  }

  /** Waits until every stream of a workflow runs and has applied what was committed just now. */
  private void awaitStreams(WorkflowTable workflows, WorkflowKey key) {
    boolean caughtUp =
        workflows.await(
            key,
            status -> {
              status.stream()
                  .flatMap(one -> one.streams().stream())
                  .filter(stream -> stream.streamState() == StreamState.ERROR)
                  .findAny()
                  .ifPresent(stream -> {
                    throw new IllegalStateException(
                        "stream %d of %s failed: %s".formatted(stream.id(), key, stream.message()));
                  });
              return status.map(Demo::caughtUp).orElse(false);
            },
            PATIENCE);
    if (!caughtUp) {
      throw new IllegalStateException(
          "the streams of %s did not catch up: %s".formatted(key, workflows.get(key)));
    }
  }

  private static boolean caughtUp(WorkflowStatus status) {
    long now = System.currentTimeMillis() / 1000;
    return !status.streams().isEmpty()
        && status.streams().stream()
            .allMatch(stream ->
                stream.streamState() == StreamState.RUNNING
                    && stream.copyStates().isEmpty()
                    && now - Math.max(stream.transactionTimestamp(), stream.timeHeartbeat()) <= 2);
  }

  private void compare(DemoCommands commands, WorkflowKey key, String when) {
    progress.say("comparing every row of %s, %s".formatted(key, when));
    LongAdder compared = new LongAdder();
    commands.run(
        DemoCommands.diff(key, when),
        event -> {
          if (event instanceof VDiffTableFinished finished) {
            compared.add(finished.result().processedRows());
            rowsMismatched.add(
                finished.result().mismatchedRows()
                    + finished.result().extraRowsSource()
                    + finished.result().extraRowsTarget());
            kill("vdiff", finished.header().by());
          }
        });
    rowsCompared.add(compared.sum());
    progress.say("  %,d rows compared".formatted(compared.sum()));
  }

  /**
   * Switches writes while a transaction on the source keeps the switch waiting in its pause, and
   * kills whoever runs it there.
   */
  private void switchDespiteAKill(DemoCommands commands) throws InterruptedException {
    MysqlEndpoint source = Objects.requireNonNull(cluster.databases().get(SOURCE + "/0"));
    try (MysqlConnection late = MysqlConnection.open(source)) {
      late.execute("begin");
      late.execute("update product set weight = weight + 1 where product_id = 1");
      switchAndMeasure(
          commands,
          "and again",
          Direction.FORWARD,
          ALL,
          event -> {
            if (event instanceof StepStarted step
                && step.step().equals(HOLDS_WRITES_BACK)
                && awaitDenied()
                && kill("switcher", event.header().by())) {
              late.execute("rollback");
            }
          });
    }
    if (!killed.contains("switcher")) {
      throw new IllegalStateException("the last switch never held writes back");
    }
  }

  /** Waits until the source refuses writes; false when it does not within ten seconds. */
  private boolean awaitDenied() {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (System.nanoTime() - deadline < 0) {
      boolean denied =
          cluster.topo().shard(SOURCE, "0").stream()
              .flatMap(shard -> shard.value().getTabletControlsList().stream())
              .anyMatch(control -> control.getDeniedTablesCount() > 0);
      if (denied) {
        return true;
      }
      LockSupport.parkNanos(1_000_000);
    }
    return false;
  }

  private void switchAndMeasure(
      DemoCommands commands,
      String reason,
      Direction direction,
      List<String> types,
      Consumer<Event> listener)
      throws InterruptedException {
    gaps.open();
    CommandResult.Succeeded switched =
        commands.run(DemoCommands.switchTraffic(MOVE, reason, direction, types), listener);
    long gap = gaps.close(PATIENCE).toMillis();
    gapOfEachSwitch.add(gap);
    progress.say(
        "%s: %s; longest write gap %d ms"
            .formatted(reason, switched.attributes().getOrDefault("current_state", ""), gap));
  }

  private DemoReport conclude(
      Connection connection,
      WorkflowTable workflows,
      DemoCommands commands,
      ShopTraffic traffic,
      Copied copied,
      long began) {
    progress.say("the shop closes; holding the ledger against the databases");
    List<MysqlEndpoint> targets =
        cluster.databases().entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(MOVE.keyspace() + "/"))
            .map(Map.Entry::getValue)
            .toList();
    LedgerCheck check = LedgerCheck.of(ledger, shop, targets);
    progress.say("replaying the audit log");
    ReplayCheck replay = ReplayCheck.of(connection, workflows, PATIENCE);
    return new DemoReport(
        options.engine().name().toLowerCase(Locale.ROOT),
        copied.rows(),
        copied.seconds(),
        rowsCompared.sum(),
        rowsMismatched.sum(),
        ledger.acknowledged(),
        check.lost(),
        check.duplicated(),
        ledger.errors(),
        traffic.readErrors(),
        List.copyOf(gapOfEachSwitch),
        commands.sent(),
        replay.events(),
        replay.equal(),
        (System.nanoTime() - began) / 1e9);
  }

  private void prepare() {
    progress.say("loading the shop into " + SOURCE);
    ShopLoader.load(
        cluster, shop, (table, rows, total) -> progress.advance("loading " + table, rows, total));
  }

  private void killOne(String service) {
    kill(service, "");
  }

  /**
   * Kills the instance that events name so, or any when the name is empty; once a service, as the
   * demo starts no new ones.
   */
  private boolean kill(String service, String instance) {
    if (killed.contains(service) || !cluster.kill(service, instance)) {
      return false;
    }
    killed.add(service);
    log.atInfo().addKeyValue("service", service).log("killed an instance");
    progress.say("  (killed an instance of " + service + ")");
    return true;
  }
}
