package dev.shunt.local.demo;

import dev.shunt.local.Layout;
import dev.shunt.local.LocalCluster;
import dev.shunt.mysql.MysqlEndpoint;
import java.util.List;

/** What the demo tells: one implementation a scenario. */
sealed interface Story permits MoveStory, ReshardStory {
  /** That of a scenario. */
  static Story of(DemoOptions options) {
    Shop shop = new Shop(options.rows());
    return switch (options.scenario()) {
      case MOVE -> new MoveStory(shop);
      case RESHARD -> new ReshardStory(shop);
    };
  }

  /** The tablets that it needs. */
  Layout layout();

  /** Keyspace that the people of the shop name at first. */
  String opensIn();

  /** Loads the shop. */
  void prepare(LocalCluster cluster, DemoProgress progress);

  /** Moves what people buy from; the shop is open. */
  void tell(Stage stage) throws InterruptedException;

  /**
   * What is to be done and looked at when the shop is closed.
   *
   * @return what is wrong, a sentence each; none when all is well
   */
  List<String> close(Stage stage) throws InterruptedException;

  /** The databases that have the shop at the end. */
  List<MysqlEndpoint> databasesAtTheEnd(LocalCluster cluster);

  /** What the end of the demo says when nothing is wrong. */
  String moral();
}
