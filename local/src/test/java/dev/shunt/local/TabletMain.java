package dev.shunt.local;

import dev.shunt.service.Secret;
import dev.shunt.tablet.StreamingParts;
import dev.shunt.tablet.Tablet;
import dev.shunt.tablet.TabletConfig;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topos;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A tablet in a JVM of its own, to be killed. */
final class TabletMain {
  private TabletMain() {}

  /**
   * Arguments: endpoint of etcd, uid, keyspace, shard, port of the database. Prints a line when the
   * tablet serves.
   */
  public static void main(String[] args) throws InterruptedException {
    try {
      start(args[0], Integer.parseInt(args[1]), args[2], args[3], Integer.parseInt(args[4]));
    } catch (RuntimeException e) {
      e.printStackTrace();
      System.exit(1); // threads of its clients would keep it
    }
    System.out.println("serving");
    new CountDownLatch(1).await();
  }

  static Tablet start(String etcd, int uid, String keyspace, String shard, int databasePort) {
    TabletConfig config =
        TabletConfig.defaults(uid, keyspace, shard)
            .withCell("zone1")
            .withDatabase("vt_" + keyspace)
            .creatingDatabase()
            .withMysql("127.0.0.1", databasePort, "shunt", new Secret("shunt"));
    Tablet tablet =
        new Tablet(
            config,
            Topos.etcd(etcd, "/vitess/global"),
            new StreamingParts(
                TabletClients.grpc(TabletClientConfig.DEFAULT), Duration.ofSeconds(1)));
    tablet.start();
    return tablet;
  }
}
