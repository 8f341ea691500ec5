package dev.shunt.bench.switching;

import dev.shunt.bench.apply.Distribution;
import dev.shunt.bench.measure.Figures;
import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.Narrator;
import dev.shunt.bench.server.WorkFolder;
import dev.shunt.bench.switching.SwitchReport.Result;
import dev.shunt.client.CommandResult;
import dev.shunt.client.Connection;
import dev.shunt.client.ShuntClient;
import dev.shunt.client.WorkflowTable;
import dev.shunt.local.ClusterOptions;
import dev.shunt.local.Clusters;
import dev.shunt.local.Layout;
import dev.shunt.local.LocalCluster;
import dev.shunt.local.demo.WriteGaps;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.router.RouterConfig;
import dev.shunt.router.TrafficRouter;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.StreamState;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.TrafficSwitched;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import vschema.Vschema;

/**
 * Switches tables between real databases, there and back, while clients write to them through a
 * router, and measures how long writes wait.
 */
public final class SwitchBench {
  /** Of each table. */
  static final int ROWS = 200;

  private static final String SOURCE = "commerce";
  private static final String TARGET = "customer";
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final List<String> ALL = List.of("PRIMARY", "REPLICA", "RDONLY");

  /** Between two switches, so that one does not feel what the other has left. */
  private static final Duration REST = Duration.ofMillis(300);

  /** Switches ahead of those that count. */
  private static final int WARM = 2;

  private final SwitchOptions options;
  private final Narrator narrator;

  private SwitchBench(SwitchOptions options, Narrator narrator) {
    this.options = options;
    this.narrator = narrator;
  }

  /**
   * Runs it.
   *
   * @throws IllegalStateException when a command fails, or an acknowledged write is not there at
   *     the end, or there twice
   */
  public static SwitchReport run(SwitchOptions options, Narrator narrator)
      throws IOException, InterruptedException {
    List<Result> results = new ArrayList<>();
    SwitchBench bench = new SwitchBench(options, narrator);
    try (WorkFolder folder = WorkFolder.in(options.directory())) {
      for (int shards : options.shards()) {
        results.addAll(bench.withShards(folder, shards));
      }
    }
    return new SwitchReport(
        "switch", Host.now(), options.engine().name().toLowerCase(Locale.ROOT), results);
  }

  /** The shards of a keyspace that is split into so many equal parts. */
  static List<String> shardNames(int count) {
    if (count == 1) {
      return List.of("0");
    }
    int step = 256 / count;
    return IntStream.range(0, count)
        .mapToObj(i ->
            "%s-%s"
                .formatted(
                    i == 0 ? "" : String.format(Locale.ROOT, "%02x", i * step),
                    i == count - 1 ? "" : String.format(Locale.ROOT, "%02x", (i + 1) * step)))
        .toList();
  }

  private List<Result> withShards(WorkFolder folder, int shards)
      throws IOException, InterruptedException {
    List<Layout.Place> places = new ArrayList<>(List.of(new Layout.Place(100, SOURCE, "0")));
    for (String shard : shardNames(shards)) {
      places.add(new Layout.Place(100 * (places.size() + 1), TARGET, shard));
    }
    narrator.say("starting %d databases and all services".formatted(places.size()));
    ClusterOptions cluster =
        ClusterOptions.in(folder.resolve("shards-" + shards))
            .withEngine(options.engine())
            .withLayout(new Layout("zone1", places));
    try (LocalCluster running = Clusters.oneJvm(cluster);
        Connection connection =
            Connection.to(running.kafka().bootstrapServers(), running.kafka().registryUrl());
        ShuntClient client = new ShuntClient(connection);
        WorkflowTable workflows = new WorkflowTable(connection);
        TabletClients tablets = TabletClients.grpc(TabletClientConfig.DEFAULT);
        TrafficRouter router =
            new TrafficRouter(running.topo(), tablets, RouterConfig.of("zone1"))) {
      client.start();
      workflows.start(Duration.ofSeconds(30));
      if (!router.awaitKeyspace(SOURCE, Duration.ofSeconds(30))) {
        throw new IllegalStateException("keyspace " + SOURCE + " has no primary");
      }
      List<Result> results = new ArrayList<>();
      for (int tables : options.tables()) {
        Result result = new Run(running, client, workflows, router, shards, tables).measure();
        results.add(result);
        narrator.say(
            "%d table(s), %d shard(s): pause %.1f ms median, %.1f ms at most, %,.0f writes a second, %d failed"
                .formatted(
                    tables,
                    shards,
                    result.p50Ms(),
                    result.maxMs(),
                    result.writesPerSecond(),
                    result.failedWrites()));
      }
      return results;
    }
  }

  /** The switches of one number of tables and shards. */
  private final class Run {
    private final LocalCluster cluster;
    private final ShuntClient client;
    private final WorkflowTable workflows;
    private final TrafficRouter router;
    private final int shards;
    private final List<String> tables;
    private final WorkflowKey workflow;
    private final List<Double> pauses = new ArrayList<>();
    private final List<Double> felt = new ArrayList<>();
    private final Map<String, List<Double>> steps = new LinkedHashMap<>();

    Run(
        LocalCluster cluster,
        ShuntClient client,
        WorkflowTable workflows,
        TrafficRouter router,
        int shards,
        int tables) {
      this.cluster = cluster;
      this.client = client;
      this.workflows = workflows;
      this.router = router;
      this.shards = shards;
      this.tables =
          IntStream.range(0, tables).mapToObj(i -> "t%d_%d".formatted(tables, i)).toList();
      this.workflow = new WorkflowKey(TARGET, "b" + tables);
    }

    Result measure() throws InterruptedException {
      load();
      command(
          MoveTablesCreate.of(header("measure a switch"), SOURCE)
              .with(draft -> {
                draft.includeTables = tables;
                draft.tabletTypes = List.of("PRIMARY");
              }),
          event -> {});
      awaitRunning(workflow);
      WriteGaps gaps = new WriteGaps(options.writers(), System.nanoTime());
      Writers writers = new Writers(router, SOURCE, tables, gaps);
      double perSecond;
      try {
        writers.start(options.writers());
        switchThereAndBack(WARM, gaps);
        pauses.clear();
        felt.clear();
        steps.clear();
        long before = writers.acknowledged();
        long began = System.nanoTime();
        switchThereAndBack(options.switches(), gaps);
        perSecond = (writers.acknowledged() - before) / ((System.nanoTime() - began) / 1e9);
      } finally {
        writers.stop();
      }
      demandAll(writers.acknowledged());
      command(new WorkflowDelete(header("it is measured"), false, false), event -> {});
      Distribution pause = Distribution.of(pauses);
      Distribution gap = Distribution.of(felt);
      return new Result(
          tables.size(),
          shards,
          pauses.size(),
          Figures.rounded(pause.median()),
          Figures.rounded(pause.p99()),
          Figures.rounded(pause.max()),
          Figures.rounded(gap.median()),
          Figures.rounded(gap.max()),
          Figures.rounded(perSecond),
          writers.failed(),
          medians());
    }

    private Map<String, Double> medians() {
      Map<String, Double> medians = new LinkedHashMap<>();
      steps.forEach(
          (step, millis) -> medians.put(step, Figures.rounded(Distribution.of(millis).median())));
      return medians;
    }

    private void load() {
      Vschema.Keyspace.Builder vschema = Vschema.Keyspace.newBuilder().setSharded(shards > 1);
      if (shards > 1) {
        vschema.putVindexes("hash", Vschema.Vindex.newBuilder().setType("hash").build());
      }
      try (MysqlConnection connection = MysqlConnection.open(database(SOURCE + "/0"))) {
        for (String table : tables) {
          connection.execute(
              "create table " + table + " (id bigint primary key, n bigint not null default 0)");
          StringBuilder rows = new StringBuilder("insert into " + table + " (id) values ");
          for (int id = 1; id <= ROWS; id++) {
            rows.append(id == 1 ? "" : ",").append('(').append(id).append(')');
          }
          connection.execute(rows.toString());
          Vschema.Table.Builder entry = Vschema.Table.newBuilder();
          if (shards > 1) {
            entry.addColumnVindexes(
                Vschema.ColumnVindex.newBuilder().setName("hash").addColumns("id"));
          }
          vschema.putTables(table, entry.build());
        }
      }
      cluster.topo().saveVSchema(TARGET, vschema.build());
      cluster.topo().rebuildSrvVSchema(List.of());
    }

    private MysqlEndpoint database(String place) {
      return Objects.requireNonNull(cluster.databases().get(place));
    }

    private CommandHeader header(String reason) {
      return new CommandHeader(
          UUID.randomUUID().toString(),
          workflow.keyspace(),
          workflow.workflow(),
          "bench",
          reason,
          null,
          false,
          System.currentTimeMillis());
    }

    private void command(Command command, Consumer<Event> listener) {
      CommandResult result = client.execute(command, PATIENCE, listener);
      if (!(result instanceof CommandResult.Succeeded)) {
        throw new IllegalStateException(
            "%s did not succeed: %s".formatted(command.getClass().getSimpleName(), result));
      }
    }

    private void awaitRunning(WorkflowKey key) {
      boolean runs =
          workflows.await(
              key,
              status ->
                  status
                      .filter(found ->
                          !found.streams().isEmpty()
                              && found.streams().stream()
                                  .allMatch(stream ->
                                      stream.streamState() == StreamState.RUNNING
                                          && !stream.position().isEmpty()
                                          && stream.copyStates().isEmpty()))
                      .isPresent(),
              PATIENCE);
      if (!runs) {
        throw new IllegalStateException(
            "the streams of %s do not run: %s".formatted(key, workflows.get(key)));
      }
    }

    private void switchThereAndBack(int count, WriteGaps gaps) throws InterruptedException {
      WorkflowKey back = new WorkflowKey(SOURCE, workflow.workflow() + "_reverse");
      for (int i = 0; i < count; i++) {
        boolean there = i % 2 == 0;
        Thread.sleep(REST);
        gaps.open();
        command(
            new SwitchTraffic(
                header("switch"),
                ALL,
                List.of(),
                there ? Direction.FORWARD : Direction.BACKWARD,
                30_000,
                30_000,
                true,
                false,
                false),
            event -> {
              if (event instanceof TrafficSwitched switched) {
                pauses.add(switched.writePauseMicros() / 1000.0);
              } else if (event instanceof StepFinished step) {
                steps
                    .computeIfAbsent(step.step(), name -> new ArrayList<>())
                    .add(step.durationMicros() / 1000.0);
              }
            });
        felt.add(gaps.close(PATIENCE).toNanos() / 1e6);
        awaitRunning(there ? back : workflow);
      }
    }

    /** Traffic is where it was at first: what was acknowledged stands there, once. */
    private void demandAll(long written) {
      long found = 0;
      try (MysqlConnection connection = MysqlConnection.open(database(SOURCE + "/0"))) {
        for (String table : tables) {
          found += connection.execute("select sum(n) from " + table).only().number(0);
        }
      }
      if (found != written) {
        throw new IllegalStateException(
            "%d writes were acknowledged, and %d are there".formatted(written, found));
      }
    }
  }
}
