package dev.shunt.local.demo;

import dev.shunt.client.CommandResult;
import dev.shunt.local.Layout;
import dev.shunt.local.LocalCluster;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.WorkflowKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/** The tables of the shop go from an unsharded keyspace to a sharded one, back, and there again. */
final class MoveStory implements Story {
  private static final String SOURCE = ShopLoader.SOURCE;
  private static final WorkflowKey MOVE = new WorkflowKey(ShopLoader.TARGET, "shop");
  private static final WorkflowKey BACK = new WorkflowKey(SOURCE, "shop_reverse");
  private static final List<String> READS = List.of("REPLICA", "RDONLY");
  private static final List<String> WRITES = List.of("PRIMARY");

  /** Step of a switch from which on writes wait; see SwitchPlan. */
  private static final String HOLDS_WRITES_BACK = "deny-source-writes";

  private final Shop shop;

  MoveStory(Shop shop) {
    this.shop = shop;
  }

  @Override
  public Layout layout() {
    return Layout.SHOP;
  }

  @Override
  public String opensIn() {
    return SOURCE;
  }

  @Override
  public void prepare(LocalCluster cluster, DemoProgress progress) {
    progress.say("loading the shop into " + SOURCE);
    ShopLoader.load(
        cluster, shop, (table, rows, total) -> progress.advance("loading " + table, rows, total));
  }

  @Override
  public void tell(Stage stage) throws InterruptedException {
    copy(stage);
    stage.compare(MOVE, "before anything is switched");
    stage.killOne("command");

    DemoCommands commands = stage.commands();
    boolean killInPause = stage.options().killInPause();
    stage.say("switching reads to customer");
    CommandResult.Succeeded reads =
        commands.run(
            DemoCommands.switchTraffic(MOVE, "reads first", Direction.FORWARD, READS),
            event -> {
              if (event instanceof StepFinished && !killInPause) {
                var unused = stage.kill("switcher", event.header().by());
              }
            });
    stage.say("  " + reads.attributes().getOrDefault("current_state", ""));
    stage.switchAndMeasure(MOVE, "then writes", Direction.FORWARD, WRITES, event -> {});

    stage.awaitStreams(BACK);
    stage.compare(BACK, "in the reverse direction");
    stage.switchAndMeasure(MOVE, "take it back", Direction.BACKWARD, Stage.ALL, event -> {});
    stage.awaitStreams(MOVE);
    if (killInPause) {
      switchDespiteAKill(stage);
    } else {
      stage.switchAndMeasure(MOVE, "and again", Direction.FORWARD, Stage.ALL, event -> {});
    }

    stage.say("the application learns the new keyspace; the workflow is completed");
    stage.traffic().moveTo(MOVE.keyspace());
    commands.run(DemoCommands.complete(MOVE), event -> {});
  }

  private void copy(Stage stage) {
    stage.say("creating workflow %s from %s".formatted(MOVE, SOURCE));
    long began = System.nanoTime();
    stage.commands().run(DemoCommands.create(MOVE, SOURCE, Shop.TABLES), event -> {});
    stage.killOne("workflow-state");
    stage.killOne("copy");
    stage.killOne("topo-watcher");
    stage.awaitCopy(MOVE, began, Shop.TABLES.stream().mapToLong(shop::rows).sum());
  }

  /**
   * Switches writes while a transaction on the source keeps the switch waiting in its pause, and
   * kills whoever runs it there.
   */
  private static void switchDespiteAKill(Stage stage) throws InterruptedException {
    MysqlEndpoint source = Objects.requireNonNull(stage.cluster().databases().get(SOURCE + "/0"));
    try (MysqlConnection late = MysqlConnection.open(source)) {
      late.execute("begin");
      late.execute("update product set weight = weight + 1 where product_id = 1");
      stage.switchAndMeasure(
          MOVE,
          "and again",
          Direction.FORWARD,
          Stage.ALL,
          event -> {
            if (event instanceof StepStarted step
                && step.step().equals(HOLDS_WRITES_BACK)
                && awaitDenied(stage)
                && stage.kill("switcher", event.header().by())) {
              late.execute("rollback");
            }
          });
    }
    if (!stage.wasKilled("switcher")) {
      throw new IllegalStateException("the last switch never held writes back");
    }
  }

  /** Waits until the source refuses writes; false when it does not within ten seconds. */
  private static boolean awaitDenied(Stage stage) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (System.nanoTime() - deadline < 0) {
      boolean denied =
          stage.cluster().topo().shard(SOURCE, "0").stream()
              .flatMap(shard -> shard.value().getTabletControlsList().stream())
              .anyMatch(control -> control.getDeniedTablesCount() > 0);
      if (denied) {
        return true;
      }
      LockSupport.parkNanos(1_000_000);
    }
    return false;
  }

  @Override
  public List<String> close(Stage stage) {
    return List.of();
  }

  @Override
  public List<MysqlEndpoint> databasesAtTheEnd(LocalCluster cluster) {
    return cluster.databases().entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(MOVE.keyspace() + "/"))
        .map(Map.Entry::getValue)
        .toList();
  }

  @Override
  public String moral() {
    return "The tables moved, and nothing was lost.";
  }
}
