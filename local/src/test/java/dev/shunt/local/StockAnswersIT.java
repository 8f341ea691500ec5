package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.MySqlServer;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Row;
import dev.shunt.service.Secret;
import dev.shunt.tablet.TabletConfig;
import dev.shunt.tabletclient.Fence;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import dev.shunt.workflow.streams.TextProto;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tabletmanagerdata.Tabletmanagerdata;

/**
 * What the stand-in answers. The same questions go to a real vttablet where one is named by {@code
 * -Dstock.vttablet=HOST:GRPC-PORT/KEYSPACE/SHARD}: then both must answer as it says here.
 */
@TestInstance(Lifecycle.PER_CLASS)
class StockAnswersIT {
  private final TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT);
  private DatabaseServer server;
  private Topo topo;
  private StockTablet source;
  private StockTablet target;

  @BeforeAll
  void start(@TempDir Path directory) {
    Assumptions.assumeTrue(MySqlServer.isAvailableOrRequired(), MySqlServer.HINT);
    server = MySqlServer.start(DatabaseSettings.in(directory.resolve("mysql")).withServerId(9));
    topo = Topos.local(directory.resolve("topo"));
    topo.createCell("zone1", Topodata.CellInfo.newBuilder().setRoot("/vitess/zone1").build());
    source = tablet(100, "commerce");
    target = tablet(200, "customer");
  }

  private StockTablet tablet(int uid, String keyspace) {
    return new StockTablet(
        TabletConfig.defaults(uid, keyspace, "0")
            .creatingDatabase()
            .withCell("zone1")
            .withMysql(server.host(), server.port(), server.user(), new Secret(server.password())),
        topo,
        clients);
  }

  @AfterAll
  void stop() {
    clients.close();
    if (server != null) {
      source.close();
      target.close();
      topo.close();
      server.close();
    }
  }

  private TabletClient client(String keyspace) {
    return clients.of(topo.primary(keyspace, "0").orElseThrow());
  }

  /** The stand-in, and a real one where it is named. */
  List<TabletClient> tablets() {
    List<TabletClient> tablets = new ArrayList<>(List.of(client("commerce")));
    String real = System.getProperty("stock.vttablet", "");
    if (!real.isEmpty()) {
      String[] parts = real.split("[:/]", -1);
      tablets.add(
          clients.of(
              Topodata.Tablet.newBuilder()
                  .setAlias(Topodata.TabletAlias.newBuilder().setCell("real").setUid(1))
                  .setHostname(parts[0])
                  .putPortMap("grpc", Integer.parseInt(parts[1]))
                  .setKeyspace(parts[2])
                  .setShard(parts[3])
                  .setDbNameOverride(parts.length > 4 ? parts[4] : "vt_" + parts[2])
                  .setType(Topodata.TabletType.PRIMARY)
                  .build()));
    }
    return tablets;
  }

  /** {@code rows N}, {@code changed N}, or the code and what was said. */
  private static String outcome(Supplier<Query.QueryResult> call) {
    try {
      Query.QueryResult result = call.get();
      return result.getFieldsCount() > 0
          ? "rows " + result.getRowsCount()
          : "changed " + result.getRowsAffected();
    } catch (TabletException e) {
      String said = String.valueOf(e.getMessage());
      return e.code() + " " + said.substring(said.indexOf("): ") + 3);
    }
  }

  private static void says(String expected, Supplier<Query.QueryResult> call) {
    assertThat(outcome(call)).matches(Pattern.compile(expected, Pattern.DOTALL));
  }

  @ParameterizedTest
  @MethodSource("tablets")
  void takesOneStatementInACall(TabletClient tablet) {
    String select = "select id from _vt.vreplication where id=0";
    says("rows 0", () -> tablet.vReplicationExec(select));
    says(
        "INVALID_ARGUMENT TabletManager.VReplicationExec on \\S+: Expected a single statement",
        () -> tablet.vReplicationTransaction(List.of(select, select)));
    says(
        "changed 0",
        () -> tablet.vReplicationExec("update _vt.vreplication set message='' where id=0"));
    says(
        "changed 0",
        () ->
            tablet.vReplicationExec(
                "delete from _vt.vreplication where db_name='x' and workflow='none' and message=''"));
    says("UNKNOWN .*", () -> tablet.vReplicationExec("update _vt.vreplication set message=''"));
    says(
        "UNKNOWN .*invalid table name.*",
        () -> tablet.vReplicationExec("delete from _vt.copy_state where id=0"));
  }

  @ParameterizedTest
  @MethodSource("tablets")
  void hasNoDatabaseUnlessItIsNamed(TabletClient tablet) {
    says(
        "UNKNOWN .*No database selected \\(errno 1046\\) \\(sqlstate 3D000\\) during query: .*",
        () ->
            tablet.executeFetchAsDba(
                Tabletmanagerdata.ExecuteFetchAsDbaRequest.newBuilder()
                    .setQuery(ByteString.copyFromUtf8("LOCK TABLES nothing READ"))
                    .setMaxRows(1)
                    .build()));
    says(
        "UNKNOWN .*\\(errno 1146\\) \\(sqlstate 42S02\\).*",
        () -> tablet.executeFetchAsDba("LOCK TABLES nothing READ", 1));
    says("rows 1", () -> tablet.executeFetchAsDba("select database()", 1));
  }

  @ParameterizedTest
  @MethodSource("tablets")
  void tellsWhichErrorsOfTheDatabaseItMet(TabletClient tablet) {
    String journal = "insert into _vt.resharding_journal (id, db_name, val) values (77, 'd', '')";
    says("changed 1", () -> tablet.vReplicationExec(journal));
    says(
        "ALREADY_EXISTS .*\\(errno 1062\\) \\(sqlstate 23000\\).*",
        () -> tablet.vReplicationExec(journal));
    says(
        "changed 1",
        () -> tablet.vReplicationExec("delete from _vt.resharding_journal where id=77"));
    says(
        "UNKNOWN .*",
        () -> {
          tablet.vReplicationWaitForPos(123_456, "MySQL56/00000000-0000-0000-0000-000000000001:1");
          return Query.QueryResult.getDefaultInstance();
        });
  }

  @ParameterizedTest
  @MethodSource("tablets")
  void hasNoneOfOurCallsAndKnowsNoFence(TabletClient tablet) {
    says(
        "UNIMPLEMENTED unknown service dev.shunt.Tablet",
        () -> {
          try (var watch =
              tablet.watchStreams(
                  Tabletmanagerdata.ReadVReplicationWorkflowsRequest.getDefaultInstance())) {
            var unused = watch.hasNext();
            return Query.QueryResult.getDefaultInstance();
          }
        });
    String touch = "update _vt.vreplication set message='' where id=0";
    says("changed 0", () -> tablet.withFence(new Fence("customer/w", 9)).vReplicationExec(touch));
    says("changed 0", () -> tablet.withFence(new Fence("customer/w", 8)).vReplicationExec(touch));
    assertThat(tablet.readVReplicationWorkflow("none")).isEmpty();
    assertThat(tablet.deleteVReplicationWorkflow("none").getRowsAffected()).isZero();
  }

  /** Why streams have to be stopped before a journal is written. */
  @Test
  void itsRunningStreamsFollowAJournal() {
    try (MysqlConnection database = open("vt_commerce")) {
      database.execute("create table t (id int primary key)");
      database.execute("create table vt_customer.t (id int primary key)");
    }
    client("customer").vReplicationExec(stream("followed", "Running"));
    client("customer").vReplicationExec(stream("stopped", "Stopped"));
    await()
        .atMost(Bench.PATIENCE)
        .until(() -> {
          try (MysqlConnection database = open("vt_customer")) {
            return database
                    .execute(
                        "select 1 from _vt.vreplication where workflow = 'followed' and state ="
                            + " 'Running' and pos <> '' and id not in (select vrepl_id from"
                            + " _vt.copy_state)")
                    .rows()
                    .size()
                == 1;
          }
        });
    String position = client("customer").primaryPosition();
    client("commerce")
        .vReplicationExec(
            """
            insert into _vt.resharding_journal (id, db_name, val) values (5, 'vt_commerce',
            'id:5 migration_type:TABLES tables:"t" local_position:""             shard_gtids:{keyspace:"customer" shard:"0" gtid:"%s"}             participants:{keyspace:"commerce" shard:"0"}')\
            """
                .formatted(position));

    await()
        .atMost(Bench.PATIENCE)
        .untilAsserted(() ->
            assertThat(streams())
                .containsExactlyInAnyOrder(
                    "followed Running from customer", "stopped Stopped from commerce"));
    await().atMost(Bench.PATIENCE).untilAsserted(() -> assertThat(target.followed()).isOne());
    client("customer").deleteVReplicationWorkflow("followed");
    client("customer").deleteVReplicationWorkflow("stopped");
  }

  private static String stream(String workflow, String state) {
    return "insert into _vt.vreplication (workflow, source, pos, max_tps, max_replication_lag,"
        + " cell, tablet_types, time_updated, transaction_timestamp, state, db_name,"
        + " workflow_type, workflow_sub_type, defer_secondary_keys, options) values ('"
        + workflow
        + "', 'keyspace:\"commerce\" shard:\"0\" filter:{rules:{match:\"t\" filter:\"select * from t\"}}', '',"
        + " 9223372036854775807, 9223372036854775807, 'zone1', 'PRIMARY', 0, 0, '"
        + state
        + "', 'vt_customer', 1, 0, 0, '{}')";
  }

  private List<String> streams() {
    List<String> streams = new ArrayList<>();
    try (MysqlConnection database = open("vt_customer")) {
      for (Row row :
          database.execute("select workflow, state, source from _vt.vreplication").rows()) {
        streams.add(
            "%s %s from %s"
                .formatted(
                    row.text(0), row.text(1), TextProto.binlogSource(row.text(2)).getKeyspace()));
      }
    }
    return streams;
  }

  private MysqlConnection open(String database) {
    return MysqlConnection.open(
        new MysqlEndpoint(
            server.host(), server.port(), server.user(), Password.of(server.password()), database));
  }
}
