package dev.shunt.local.demo;

import dev.shunt.client.Connection;
import dev.shunt.client.ShuntClient;
import dev.shunt.client.WorkflowTable;
import dev.shunt.local.LocalCluster;
import dev.shunt.router.RouterConfig;
import dev.shunt.router.TrafficRouter;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Tells a story on a cluster that runs, with people who buy meanwhile, and holds it to account. */
final class Demo {
  private final LocalCluster cluster;
  private final DemoOptions options;
  private final DemoProgress progress;
  private final Story story;
  private final Shop shop;
  private final Ledger ledger = new Ledger();
  private final WriteGaps gaps;

  Demo(LocalCluster cluster, DemoOptions options, Story story, DemoProgress progress) {
    this.cluster = cluster;
    this.options = options;
    this.progress = progress;
    this.story = story;
    this.shop = new Shop(options.rows());
    this.gaps = new WriteGaps(options.writers(), System.nanoTime());
  }

  DemoReport run(long began) throws InterruptedException {
    story.prepare(cluster, progress);
    try (Connection connection =
            Connection.to(cluster.kafka().bootstrapServers(), cluster.kafka().registryUrl());
        ShuntClient client = new ShuntClient(connection);
        WorkflowTable workflows = new WorkflowTable(connection);
        TabletClients tablets = TabletClients.grpc(TabletClientConfig.DEFAULT);
        TrafficRouter router =
            new TrafficRouter(cluster.topo(), tablets, RouterConfig.of(cluster.layout().cell()))) {
      client.start();
      workflows.start(Duration.ofSeconds(30));
      if (!router.awaitKeyspace(story.opensIn(), Duration.ofSeconds(30))) {
        throw new IllegalStateException("keyspace " + story.opensIn() + " has no primary");
      }
      ShopTraffic traffic = new ShopTraffic(router, story.opensIn(), shop, ledger, gaps);
      progress.say(
          "the shop opens: %d writers at full speed and 2 readers".formatted(options.writers()));
      traffic.start(options.writers(), 2);
      Stage stage =
          new Stage(cluster, options, progress, workflows, new DemoCommands(client), traffic, gaps);
      try {
        story.tell(stage);
      } finally {
        traffic.stop();
      }
      return conclude(connection, workflows, stage, began);
    }
  }

  private DemoReport conclude(
      Connection connection, WorkflowTable workflows, Stage stage, long began)
      throws InterruptedException {
    progress.say("the shop closes; holding the ledger against the databases");
    List<String> wrong = story.close(stage);
    wrong.forEach(sentence -> progress.say("WRONG: " + sentence));
    LedgerCheck check = LedgerCheck.of(ledger, shop, story.databasesAtTheEnd(cluster));
    progress.say("replaying the audit log");
    ReplayCheck replay = ReplayCheck.of(connection, workflows, Stage.PATIENCE);
    return new DemoReport(
        options.scenario().name().toLowerCase(Locale.ROOT),
        options.engine().name().toLowerCase(Locale.ROOT),
        stage.rowsCopied(),
        stage.copySeconds(),
        stage.rowsCompared(),
        stage.rowsMismatched(),
        ledger.acknowledged(),
        check.lost(),
        check.duplicated(),
        ledger.errors(),
        stage.traffic().readErrors(),
        stage.gapOfEachSwitch(),
        wrong,
        stage.commands().sent(),
        replay.events(),
        replay.equal(),
        (System.nanoTime() - began) / 1e9,
        story.moral());
  }
}
