package dev.shunt.tablet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import binlogdata.Binlogdata;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.vitess.proto.Topodata.TabletType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tabletmanagerdata.Tabletmanagerdata.ChangeTypeRequest;
import tabletmanagerdata.Tabletmanagerdata.CreateVReplicationWorkflowRequest;
import tabletmanagerdata.Tabletmanagerdata.GetReplicasRequest;
import tabletmanagerservice.TabletManagerGrpc;

/** Streams run only into a primary. */
class RoleStreamsIT {
  @TempDir Path folder;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void stopWithThePrimaryAndGoOnWithTheNextOne(DatabaseKind kind) {
    try (TestTablet place = new TestTablet(kind, folder);
        TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT);
        Tablet source = start(place, clients, 1, "from" + place.keyspace);
        Tablet target = start(place, clients, 2, "into" + place.keyspace)) {
      String from = "vt_" + source.identity().keyspace();
      String into = "vt_" + target.identity().keyspace();
      place.run(
          "CREATE TABLE " + from + ".t (id INT PRIMARY KEY)",
          "CREATE TABLE " + into + ".t (id INT PRIMARY KEY)",
          "INSERT INTO " + from + ".t VALUES (1)");
      stream(
          clients.of(place.topo.tablet(target.identity().alias()).orElseThrow().value()), source);
      await().atMost(Duration.ofSeconds(60)).until(() -> rows(place, into).equals("1"));
      await().atMost(Duration.ofSeconds(60)).until(() -> running(place));
      assertThat(replicas(source)).as("streams are no replicas").isEmpty();

      change(target, TabletType.REPLICA);
      place.run("INSERT INTO " + from + ".t VALUES (2)");
      String stopped = position(place);
      await()
          .during(Duration.ofSeconds(2))
          .atMost(Duration.ofSeconds(30))
          .until(() -> rows(place, into).equals("1") && position(place).equals(stopped));

      change(target, TabletType.PRIMARY);
      await().atMost(Duration.ofSeconds(60)).until(() -> rows(place, into).equals("1,2"));
      place.run("DROP DATABASE " + from, "DROP DATABASE " + into);
    }
  }

  private static Tablet start(TestTablet place, TabletClients clients, int uid, String keyspace) {
    TabletConfig on = place.config;
    Tablet tablet =
        new Tablet(
            TabletConfig.defaults(uid, keyspace, "0")
                .creatingDatabase()
                .withMysql(on.mysqlHost(), on.mysqlPort(), on.mysqlUser(), on.mysqlPassword()),
            place.topo,
            new StreamingParts(clients, Duration.ofMillis(200)));
    tablet.start();
    return tablet;
  }

  private static List<String> replicas(Tablet tablet) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", tablet.grpcPort()).usePlaintext().build();
    try {
      return TabletManagerGrpc.newBlockingStub(channel)
          .getReplicas(GetReplicasRequest.getDefaultInstance())
          .getAddrsList();
    } finally {
      channel.shutdownNow();
    }
  }

  private static void stream(TabletClient into, Tablet source) {
    into.createVReplicationWorkflow(
        CreateVReplicationWorkflowRequest.newBuilder()
            .setWorkflow("w")
            .addTabletTypes(TabletType.PRIMARY)
            .addBinlogSource(
                Binlogdata.BinlogSource.newBuilder()
                    .setKeyspace(source.identity().keyspace())
                    .setShard("0")
                    .setFilter(
                        Binlogdata.Filter.newBuilder()
                            .addRules(
                                Binlogdata.Rule.newBuilder()
                                    .setMatch("t")
                                    .setFilter("select * from t"))))
            .build());
    into.vReplicationExec("update _vt.vreplication set state='Running' where workflow='w'");
  }

  private static void change(Tablet tablet, TabletType type) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", tablet.grpcPort()).usePlaintext().build();
    try {
      var unused =
          TabletManagerGrpc.newBlockingStub(channel)
              .changeType(ChangeTypeRequest.newBuilder().setTabletType(type).build());
    } finally {
      channel.shutdownNow();
    }
  }

  private static String rows(TestTablet place, String database) {
    return place.value("SELECT IFNULL(GROUP_CONCAT(id ORDER BY id), '') FROM " + database + ".t");
  }

  private static boolean running(TestTablet place) {
    return place
        .value("SELECT CONCAT(state, IFNULL(message, '')) FROM _vt.vreplication")
        .equals("Running");
  }

  private static String position(TestTablet place) {
    return place.value("SELECT CONCAT(pos, time_updated) FROM _vt.vreplication");
  }
}
