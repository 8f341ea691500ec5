package dev.shunt.tablet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import com.google.protobuf.ByteString;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Row;
import dev.shunt.tabletclient.CallEffect;
import dev.shunt.tabletclient.Fence;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.tabletclient.TabletStream;
import dev.shunt.topo.StoreLife;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tabletmanagerdata.Tabletmanagerdata.ApplySchemaRequest;
import tabletmanagerdata.Tabletmanagerdata.CreateVReplicationWorkflowRequest;
import tabletmanagerdata.Tabletmanagerdata.ExecuteFetchAsDbaRequest;
import tabletmanagerdata.Tabletmanagerdata.GetSchemaRequest;
import tabletmanagerdata.Tabletmanagerdata.LockTablesRequest;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsRequest;
import tabletmanagerdata.Tabletmanagerdata.TableDefinition;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import tabletmanagerdata.Tabletmanagerdata.UnlockTablesRequest;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowRequest;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowsRequest;
import tabletmanagerservice.TabletManagerGrpc;

@ParameterizedClass
@MethodSource("kinds")
class TabletManagerIT {
  @Parameter DatabaseKind kind;
  @TempDir Path folder;
  private TestTablet tablet;
  private TabletClient client;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @BeforeEach
  void start() {
    tablet = new TestTablet(kind, folder);
    client = tablet.client();
  }

  @AfterEach
  void stop() {
    if (tablet != null) {
      tablet.close();
    }
  }

  private void create(String workflow) {
    create(workflow, "{\"sharded_auto_increment_handling\": 1}");
  }

  private void create(String workflow, String options) {
    client.createVReplicationWorkflow(
        CreateVReplicationWorkflowRequest.newBuilder()
            .setWorkflow(workflow)
            .addBinlogSource(
                Binlogdata.BinlogSource.newBuilder()
                    .setKeyspace("commerce")
                    .setShard("0")
                    .setFilter(
                        Binlogdata.Filter.newBuilder()
                            .addRules(
                                Binlogdata.Rule.newBuilder()
                                    .setMatch("corder")
                                    .setFilter("select * from corder"))))
            .addTabletTypes(Topodata.TabletType.REPLICA)
            .addTabletTypes(Topodata.TabletType.PRIMARY)
            .setTabletSelectionPreference(TabletSelectionPreference.INORDER)
            .setWorkflowType(Binlogdata.VReplicationWorkflowType.MoveTables)
            .setDeferSecondaryKeys(true)
            .setOptions(options)
            .build());
  }

  @Test
  void givesUpTableLocksThatNobodyWaitsForAnyMore() {
    tablet.run("CREATE TABLE busy (id INT PRIMARY KEY)");
    ManagedChannel channel =
        Grpc.newChannelBuilder("127.0.0.1:" + tablet.port(), InsecureChannelCredentials.create())
            .build();
    try (MysqlConnection writer = tablet.connect()) {
      TabletManagerGrpc.TabletManagerBlockingStub stub = TabletManagerGrpc.newBlockingStub(channel);
      LockTablesRequest lock = LockTablesRequest.getDefaultInstance();
      UnlockTablesRequest unlock = UnlockTablesRequest.getDefaultInstance();
      writer.execute("SET SESSION lock_wait_timeout = 1");
      writer.execute("LOCK TABLES busy WRITE");
      assertThatThrownBy(() -> stub.withDeadlineAfter(500, TimeUnit.MILLISECONDS).lockTables(lock))
          .hasMessageContaining("DEADLINE_EXCEEDED");
      // Granted before the tablet learns of that, they would be held until their time is over.
      await()
          .untilAsserted(() ->
              assertThat(
                      writer
                          .execute(
                              "SELECT info FROM information_schema.processlist WHERE info LIKE"
                                  + " 'FLUSH%' OR info LIKE 'LOCK%'")
                          .rows())
                  .isEmpty());
      writer.execute("UNLOCK TABLES");

      // Nothing of it is left; the same again is granted, is held, and ends.
      await().ignoreExceptions().until(() -> stub.lockTables(lock).isInitialized());
      assertThatThrownBy(() -> stub.lockTables(lock)).hasMessageContaining("already locked");
      assertThatThrownBy(() -> writer.execute("INSERT INTO busy VALUES (1)"))
          .hasMessageContaining("1205");
      assertThat(stub.unlockTables(unlock).isInitialized()).isTrue();
      writer.execute("INSERT INTO busy VALUES (1)");
      assertThatThrownBy(() -> stub.unlockTables(unlock)).hasMessageContaining("not locked");
    } finally {
      channel.shutdownNow();
    }
  }

  private static UpdateVReplicationWorkflowRequest.Builder unchanged(String workflow) {
    return UpdateVReplicationWorkflowRequest.newBuilder()
        .setWorkflow(workflow)
        .addCells("NULL")
        .addTabletTypesValue(Integer.MIN_VALUE)
        .setTabletSelectionPreference(TabletSelectionPreference.UNKNOWN);
  }

  private static void refusedAs(Status.Code code, String text, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TabletException.class,
            e -> {
              assertThat(e).hasMessageContaining(text);
              assertThat(e.code()).isEqualTo(code);
            });
  }

  @Test
  void registersAsTheShardsPrimary() {
    Topodata.Tablet record = tablet.record();
    assertThat(record.getPortMapMap()).containsEntry("grpc", tablet.port()).containsKey("vt");
    assertThat(record.getDbNameOverride()).isEqualTo(tablet.config.database());
    assertThat(record.getMysqlPort()).isEqualTo(tablet.config.mysqlPort());
    assertThat(tablet.topo.primary(tablet.keyspace, "0")).contains(record);
    var since = record.getPrimaryTermStartTime();
    tablet.restart();
    assertThat(tablet.record().getPrimaryTermStartTime()).isEqualTo(since);
    tablet.client().ping();
    assertThat(tablet.parts.open).isTrue();
  }

  @Test
  void createsRowsAsVitessDoes() {
    create("c2c");
    assertThat(
            tablet.value(
                "SELECT CONCAT_WS('|', workflow, source, pos, IFNULL(stop_pos, 'NULL'), max_tps,"
                    + " max_replication_lag, cell, tablet_types, transaction_timestamp, state,"
                    + " IFNULL(message, 'NULL'), db_name, rows_copied, tags, workflow_type,"
                    + " workflow_sub_type, defer_secondary_keys, options) FROM _vt.vreplication"))
        .isEqualTo(
            "c2c|keyspace:\"commerce\" shard:\"0\" filter:{rules:{match:\"corder\" filter:\"select"
                + " * from corder\"}}||NULL|0|0|zone1|in_order:replica,primary|0|Stopped|NULL|"
                + tablet.config.database()
                + "|0||1|0|1|{\"sharded_auto_increment_handling\": 1}");
    assertThat(
            tablet.value("SELECT CONCAT(type, '/', state, '/', count) FROM _vt.vreplication_log"))
        .isEqualTo("Stream Created/Stopped/1");
    assertThat(tablet.value("SELECT message FROM _vt.vreplication_log"))
        .startsWith("{\"cell\":\"zone1\",\"component_throttled\":\"\",\"db_name\":")
        .contains("\"source\":\"keyspace:\\\"commerce\\\" shard:\\\"0\\\" filter:");
    String id = tablet.value("SELECT id FROM _vt.vreplication");
    assertThat(tablet.parts.calls).containsExactly("start [" + id + "]");
    assertThat(client.hasVReplicationWorkflows()).isTrue();
  }

  @Test
  void readsWhatItCreated() {
    create("c2c");
    create("other");
    ReadVReplicationWorkflowResponse read = client.readVReplicationWorkflow("c2c").orElseThrow();
    assertThat(read.getCells()).isEqualTo("zone1");
    assertThat(read.getTabletTypesList())
        .containsExactly(Topodata.TabletType.REPLICA, Topodata.TabletType.PRIMARY);
    assertThat(read.getTabletSelectionPreference()).isEqualTo(TabletSelectionPreference.INORDER);
    assertThat(read.getWorkflowType()).isEqualTo(Binlogdata.VReplicationWorkflowType.MoveTables);
    assertThat(read.getStreamsList()).hasSize(1);
    assertThat(read.getStreams(0).getState()).isEqualTo(VReplicationWorkflowState.Stopped);
    assertThat(read.getStreams(0).getBls().getFilter().getRules(0).getMatch()).isEqualTo("corder");
    assertThat(client.readVReplicationWorkflow("none")).isEmpty();
    assertThat(
            client.readVReplicationWorkflows(
                ReadVReplicationWorkflowsRequest.newBuilder().addExcludeWorkflows("c2c").build()))
        .extracting(ReadVReplicationWorkflowResponse::getWorkflow)
        .containsExactly("other");
  }

  @Test
  void refusesAConfigurationThatThereIsNotAlsoWhenItCreates() {
    refusedAs(
        Status.Code.INVALID_ARGUMENT,
        "unknown vreplication config flag: foo",
        () -> create("c2c", "{\"config\": {\"foo\": \"bar\"}}"));
    refusedAs(
        Status.Code.INVALID_ARGUMENT,
        "must be between 1 and 64: abc",
        () ->
            create(
                "c2c", "{\"config\": {\"vreplication-parallel-replication-workers\": \"abc\"}}"));
    assertThat(client.hasVReplicationWorkflows()).isFalse();
    create("c2c", "{\"config\": {\"vreplication-parallel-replication-workers\": \"3\"}}");
    refusedAs(
        Status.Code.INVALID_ARGUMENT,
        "unknown vreplication config flag: foo",
        () ->
            client.updateVReplicationWorkflow(
                unchanged("c2c").putConfigOverrides("foo", "bar").build()));
    assertThat(client.readVReplicationWorkflow("c2c").orElseThrow().getConfigOverridesMap())
        .containsOnly(entry("vreplication-parallel-replication-workers", "3"));
  }

  @Test
  void updatesOnlyWhatIsGiven() {
    create("c2c");
    String id = tablet.value("SELECT id FROM _vt.vreplication");
    client.updateVReplicationWorkflow(
        unchanged("c2c").setState(VReplicationWorkflowState.Running).build());
    assertThat(
            tablet.value("SELECT CONCAT_WS('|', state, cell, tablet_types) FROM _vt.vreplication"))
        .isEqualTo("Running|zone1|in_order:replica,primary");
    assertThat(tablet.value("SELECT type FROM _vt.vreplication_log ORDER BY id DESC LIMIT 1"))
        .isEqualTo("State Changed");
    tablet.run("INSERT INTO _vt.copy_state (vrepl_id, table_name) VALUES (" + id + ", 'corder')");
    client.updateVReplicationWorkflow(
        unchanged("c2c")
            .setState(VReplicationWorkflowState.Running)
            .setOnDdl(Binlogdata.OnDDLAction.STOP)
            .putConfigOverrides("vreplication_retry_delay", "1s")
            .build());
    assertThat(tablet.value("SELECT state FROM _vt.vreplication")).isEqualTo("Copying");
    assertThat(tablet.value("SELECT source FROM _vt.vreplication")).contains("on_ddl:STOP");
    assertThat(client.readVReplicationWorkflow("c2c").orElseThrow().getConfigOverridesMap())
        .containsOnly(entry("vreplication_retry_delay", "1s"));
    client.updateVReplicationWorkflow(
        unchanged("c2c")
            .putConfigOverrides("vstream_packet_size", "9")
            .putConfigOverrides("relay_log_max_items", "8")
            .build());
    client.updateVReplicationWorkflow(
        unchanged("c2c").putConfigOverrides("relay_log_max_items", "").build());
    assertThat(client.readVReplicationWorkflow("c2c").orElseThrow().getConfigOverridesMap())
        .containsOnly(entry("vstream_packet_size", "9"));
    client.updateVReplicationWorkflow(
        unchanged("none").setState(VReplicationWorkflowState.Running).build());
  }

  /** A diff that died leaves such a position; the stream would stop again at once. */
  @Test
  void startsWithoutThePositionAtWhichAStreamWasToStop() {
    create("c2c");
    tablet.run("UPDATE _vt.vreplication SET stop_pos = 'MariaDB/0-1-9'");
    client.updateVReplicationWorkflow(unchanged("c2c").clearCells().addCells("zone2").build());
    assertThat(tablet.value("SELECT stop_pos FROM _vt.vreplication")).isEqualTo("MariaDB/0-1-9");
    client.updateVReplicationWorkflow(
        unchanged("c2c").setState(VReplicationWorkflowState.Running).build());
    assertThat(tablet.value("SELECT CONCAT(state, '|', stop_pos) FROM _vt.vreplication"))
        .isEqualTo("Running|");
  }

  /** By message or position the next diff would start it; the latter stays when the other goes. */
  @ParameterizedTest
  @CsvSource({
    "for vdiff, ''",
    "synchronizing for vdiff, ''",
    "Stopped at position MariaDB/0-1-9, Stopped at position MariaDB/0-1-9",
    "an error, an error"
  })
  void stopsWhatADiffLeftSoThatNoDiffStartsIt(String message, String kept) {
    create("c2c");
    String left = "UPDATE _vt.vreplication SET stop_pos = 'MariaDB/0-1-9', message = ";
    String now = "SELECT CONCAT(state, '|', stop_pos, '|', message) FROM _vt.vreplication";
    tablet.run(left + "'" + message + "'");
    client.updateVReplicationWorkflow(
        unchanged("c2c").setState(VReplicationWorkflowState.Stopped).build());
    assertThat(tablet.value(now)).isEqualTo("Stopped||" + kept);

    tablet.run(left + "'" + message + "'");
    assertThat(
            updateAll(
                UpdateVReplicationWorkflowsRequest.newBuilder()
                    .setAllWorkflows(true)
                    .setState(VReplicationWorkflowState.Stopped)
                    .build()))
        .isOne();
    assertThat(tablet.value(now)).isEqualTo("Stopped||" + kept);
  }

  @ParameterizedTest
  @ValueSource(strings = {"FROZEN", "stopped for cutover", "of mine"})
  void keepsWhateverElseAStoppedStreamSays(String message) {
    create("c2c");
    tablet.run("UPDATE _vt.vreplication SET message = '" + message + "'");
    client.updateVReplicationWorkflow(
        unchanged("c2c").setState(VReplicationWorkflowState.Stopped).build());
    updateAll(
        UpdateVReplicationWorkflowsRequest.newBuilder()
            .setAllWorkflows(true)
            .setState(VReplicationWorkflowState.Stopped)
            .build());
    assertThat(tablet.value("SELECT message FROM _vt.vreplication")).isEqualTo(message);
  }

  @Test
  void neverStartsAFrozenWorkflow() {
    create("c2c");
    client.vReplicationExec("update _vt.vreplication set message='FROZEN' where workflow='c2c'");
    refusedAs(
        Status.Code.FAILED_PRECONDITION,
        "frozen",
        () ->
            client.updateVReplicationWorkflow(
                unchanged("c2c").setState(VReplicationWorkflowState.Running).build()));
    assertThat(tablet.value("SELECT state FROM _vt.vreplication")).isEqualTo("Stopped");
  }

  @Test
  void keepsAStateThatCameWhileItWasAboutToUpdate() {
    create("c2c");
    tablet.parts.beforeStop.set(() ->
        tablet.run("UPDATE _vt.vreplication SET state = 'Error', message = 'terminal error'"));
    client.updateVReplicationWorkflow(unchanged("c2c").clearCells().addCells("zone2").build());
    assertThat(tablet.value("SELECT CONCAT(state, ' ', message, ' ', cell) FROM _vt.vreplication"))
        .isEqualTo("Error terminal error zone2");

    tablet.parts.beforeStop.set(() -> tablet.run("UPDATE _vt.vreplication SET message = 'FROZEN'"));
    refusedAs(
        Status.Code.FAILED_PRECONDITION,
        "frozen",
        () ->
            client.updateVReplicationWorkflow(
                unchanged("c2c").setState(VReplicationWorkflowState.Running).build()));
    assertThat(tablet.value("SELECT state FROM _vt.vreplication")).isEqualTo("Error");
  }

  @Test
  void logsWhatHappensToEachOfSeveralStreams() {
    String stream =
        "('many', '%s', '', 0, 0, 0, 0, '%s', '" + tablet.config.database() + "', '{}')";
    client.vReplicationExec(
        "insert into _vt.vreplication (workflow, source, pos, max_tps, max_replication_lag,"
            + " time_updated, transaction_timestamp, state, db_name, options) values "
            + String.join(
                ", ",
                stream.formatted("", "Stopped"),
                stream.formatted("", "Error"),
                stream.formatted("unreadable", "Stopped")));
    String stop = "update _vt.vreplication set state='Stopped', message='by hand' where ";
    client.vReplicationExec(stop + "workflow='many'");
    client.vReplicationExec("update _vt.vreplication set message='m' where workflow='many'");
    client.vReplicationExec("update _vt.vreplication set message='' where workflow='many'");
    client.vReplicationExec("update _vt.vreplication set tags='t' where workflow='many'");
    client.vReplicationExec("delete from _vt.vreplication where workflow='many'");

    String stopped =
        "Stream Created/Stopped/1 Message/Stopped/1 Message/Stopped/1 Stream Updated/Stopped/2"
            + " Stream Deleted/Stopped/1";
    assertThat(
            tablet.value(
                "SELECT GROUP_CONCAT(entries ORDER BY vrepl_id SEPARATOR '; ') FROM (SELECT"
                    + " vrepl_id, GROUP_CONCAT(type, '/', state, '/', count ORDER BY id SEPARATOR"
                    + " ' ') AS entries FROM _vt.vreplication_log GROUP BY vrepl_id) l"))
        .isEqualTo(
            String.join(
                "; ",
                stopped,
                "Stream Created/Error/1 State Changed/Stopped/1 Message/Stopped/1"
                    + " Stream Updated/Stopped/2 Stream Deleted/Stopped/1",
                stopped));
    assertThat(
            tablet.value(
                "SELECT GROUP_CONCAT(message LIKE '%\"state\":\"Stopped\"%', message LIKE"
                    + " '%\"source\":\"unreadable\"%' ORDER BY vrepl_id) FROM"
                    + " _vt.vreplication_log WHERE type = 'Stream Created'"))
        .isEqualTo("10,00,11");
  }

  @Test
  void leavesStreamsOfAnotherTabletAlone() {
    create("c2c");
    String own = tablet.value("SELECT id FROM _vt.vreplication");
    String insert =
        "INSERT INTO _vt.vreplication (workflow, source, pos, max_tps, max_replication_lag,"
            + " time_updated, transaction_timestamp, state, db_name, options) VALUES ('c2c', '',"
            + " '', 0, 0, 0, 0, 'Stopped', 'another', '{}')";
    tablet.run(insert);
    tablet.parts.calls.clear();
    assertThat(
            client
                .vReplicationExec("update _vt.vreplication set message='m' where workflow='c2c'")
                .getRowsAffected())
        .isOne();
    refusedAs(Status.Code.INVALID_ARGUMENT, "db_name", () -> client.vReplicationExec(insert));
    refusedAs(
        Status.Code.INVALID_ARGUMENT,
        "db_name",
        () ->
            client.vReplicationExec(
                "update _vt.vreplication set db_name='another' where workflow='c2c'"));
    assertThat(
            client
                .vReplicationExec("delete from _vt.vreplication where workflow='c2c' or id > 0")
                .getRowsAffected())
        .isOne();
    assertThat(tablet.value("SELECT GROUP_CONCAT(db_name) FROM _vt.vreplication"))
        .isEqualTo("another");
    assertThat(tablet.parts.calls).allMatch(call -> call.endsWith("[" + own + "]"));
  }

  @Test
  void deletesStreamsWithAllTheyHave() {
    create("c2c");
    String id = tablet.value("SELECT id FROM _vt.vreplication");
    tablet.run(
        "INSERT INTO _vt.copy_state (vrepl_id, table_name) VALUES (" + id + ", 'corder')",
        "INSERT INTO _vt.post_copy_action (vrepl_id, table_name, action) VALUES ("
            + id
            + ", 'corder', '{}')");
    assertThat(client.deleteVReplicationWorkflow("c2c").getRowsAffected()).isOne();
    assertThat(
            tablet.value(
                "SELECT (SELECT COUNT(*) FROM _vt.vreplication) + (SELECT COUNT(*) FROM"
                    + " _vt.copy_state) + (SELECT COUNT(*) FROM _vt.post_copy_action)"))
        .isEqualTo("0");
    assertThat(client.deleteVReplicationWorkflow("c2c").getRowsAffected()).isZero();
    assertThat(client.hasVReplicationWorkflows()).isFalse();
    assertThat(tablet.parts.calls).contains("stop [" + id + "]", "start [" + id + "]");
  }

  @Test
  void guardsItsOwnTables() {
    create("c2c");
    for (String sql :
        List.of(
            "update _vt.vreplication set state='Running'",
            "delete from _vt.vreplication where state='Stopped'",
            "update _vt.vreplication set id=5 where id=1",
            "insert into _vt.vreplication (id, workflow) values (1, 'a')",
            "insert into _vt.vreplication values (1, 'a')",
            "insert into _vt.copy_state (vrepl_id) values (1)",
            "delete from _vt.shunt_fence",
            "drop table _vt.vreplication",
            "update _vt.vreplication set state='Running' where id=1;"
                + " update _vt.vreplication set state='Running' where id=1",
            "update _vt.vreplication set state='Running' where id=1 limit 1")) {
      refusedAs(Status.Code.INVALID_ARGUMENT, "", () -> client.vReplicationExec(sql));
    }
    assertThat(tablet.value("SELECT state FROM _vt.vreplication")).isEqualTo("Stopped");
    assertThat(
            client
                .vReplicationExec(
                    "update /*vt+ ALLOW_UNSAFE_VREPLICATION_WRITE */ _vt.vreplication set"
                        + " message='m'")
                .getRowsAffected())
        .isOne();
    assertThat(
            client
                .vReplicationExec("select id from _vt.copy_state where vrepl_id in (1, 2)")
                .getRowsCount())
        .isZero();
  }

  @Test
  void writesSeveralStatementsTogetherOrNotAtAll() {
    create("c2c");
    String journal =
        "insert into _vt.resharding_journal (id, db_name, val) values (7, 'd', 'id:7')";
    refusedAs(
        Status.Code.ALREADY_EXISTS,
        "(errno 1062)",
        () ->
            client.vReplicationTransaction(
                List.of(
                    "update _vt.vreplication set message='a' where workflow='c2c'",
                    journal,
                    journal)));
    assertThat(tablet.value("SELECT IFNULL(message, 'none') FROM _vt.vreplication"))
        .isEqualTo("none");
    client.vReplicationTransaction(
        List.of(
            "update _vt.vreplication set message='a;b' where workflow='c2c'",
            "delete from _vt.resharding_journal where id=7",
            journal));
    assertThat(tablet.value("SELECT message FROM _vt.vreplication")).isEqualTo("a;b");
    assertThat(tablet.value("SELECT val FROM _vt.resharding_journal")).isEqualTo("id:7");
    tablet.run("DELETE FROM _vt.resharding_journal");
  }

  /** A server that takes two seconds for a COMMIT, and a session that is killed meanwhile. */
  @Test
  void tellsThatACommitThatFailedMayHaveTakenEffect() throws Exception {
    tablet.run("CREATE TABLE killed (id INT PRIMARY KEY)");
    boolean mariaDb = tablet.value("SELECT VERSION()").contains("MariaDB");
    String[] slow =
        mariaDb
            ? new String[] {
              "SET GLOBAL binlog_commit_wait_usec = 2000000",
              "SET GLOBAL binlog_commit_wait_count = 1000"
            }
            : new String[] {"SET GLOBAL binlog_group_commit_sync_delay = 1000000"};
    String[] quick =
        mariaDb
            ? new String[] {"SET GLOBAL binlog_commit_wait_count = 0"}
            : new String[] {"SET GLOBAL binlog_group_commit_sync_delay = 0"};
    tablet.run(slow);
    try {
      int journal = killedInItsCommit(id -> client.vReplicationTransaction(List.of(journal(id))));
      awaitOne("_vt.resharding_journal WHERE id = " + journal);

      int row =
          killedInItsCommit(id -> {
            long transaction = begin("INSERT INTO killed VALUES (" + id + ")");
            client.commit(transaction);
          });
      awaitOne("killed WHERE id = " + row);
    } finally {
      tablet.run(quick);
      tablet.run("DELETE FROM _vt.resharding_journal");
    }
  }

  private static String journal(int id) {
    return "insert into _vt.resharding_journal (id, db_name, val) values (%d, 'd', 'id:%d')"
        .formatted(id, id);
  }

  private long begin(String sql) {
    return client
        .beginExecute(
            Query.BeginExecuteRequest.newBuilder()
                .setTarget(client.target())
                .setQuery(Query.BoundQuery.newBuilder().setSql(sql))
                .build())
        .getTransactionId();
  }

  private void awaitOne(String rows) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> tablet.value("SELECT COUNT(*) FROM " + rows).equals("1"));
  }

  /**
   * Has a call killed in its COMMIT, another one if the COMMIT of this one was over too soon.
   *
   * @param call given an id of its own each time
   * @return the id of the call that was killed
   */
  private int killedInItsCommit(IntConsumer call) throws Exception {
    for (int id = 8; id < 13; id++) {
      int own = id;
      CompletableFuture<Optional<Throwable>> failure =
          CompletableFuture.supplyAsync(
              () -> Optional.ofNullable(catchThrowable(() -> call.accept(own))));
      try (MysqlConnection killer = tablet.connect()) {
        await()
            .atMost(Duration.ofSeconds(30))
            .pollInterval(Duration.ofMillis(20))
            .until(() -> killCommit(killer) || failure.isDone());
      }
      Optional<Throwable> thrown = failure.get(30, TimeUnit.SECONDS);
      if (thrown.isPresent()) {
        requireUnknown(thrown.get());
        return id;
      }
    }
    throw new AssertionError("no COMMIT was killed");
  }

  private static boolean killCommit(MysqlConnection killer) {
    List<Row> committing =
        killer.execute("SHOW FULL PROCESSLIST").rows().stream()
            .filter(row -> "COMMIT".equals(row.textOrNull(7)))
            .toList();
    for (Row row : committing) {
      try {
        killer.execute("KILL " + row.text(0));
      } catch (MysqlException e) {
        assertThat(e.errno()).as("gone by itself").isEqualTo(1094);
      }
    }
    return !committing.isEmpty();
  }

  private static void requireUnknown(Throwable failure) {
    assertThat(failure)
        .isInstanceOfSatisfying(
            TabletException.class,
            e -> {
              assertThat(e.effect()).isEqualTo(CallEffect.UNKNOWN);
              assertThat(e.getCause())
                  .isInstanceOfSatisfying(
                      StatusRuntimeException.class,
                      answer ->
                          assertThat(answer.getTrailers().get(CallEffect.TRAILER))
                              .as("%s", e.getMessage())
                              .isEqualTo("unknown"));
            });
  }

  @Test
  void refusesAFormerHoldersCalls() {
    String key = tablet.keyspace + "/c2c";
    create("c2c");
    TabletClient now = client.withFence(new Fence(key, 5));
    TabletClient former = client.withFence(new Fence(key, 4));
    now.vReplicationExec("update _vt.vreplication set message='now' where workflow='c2c'");
    int calls = tablet.parts.calls.size();
    List<ThrowingCallable> late =
        List.of(
            () -> former.vReplicationExec("update _vt.vreplication set message='x' where id > 0"),
            () ->
                former.vReplicationTransaction(
                    List.of("insert into _vt.resharding_journal (id) values (1)")),
            () -> former.deleteVReplicationWorkflow("c2c"),
            () ->
                former.updateVReplicationWorkflow(
                    unchanged("c2c").setState(VReplicationWorkflowState.Running).build()),
            () -> former.executeFetchAsDba("create table x (id int primary key)", 1),
            () ->
                former.applySchema(
                    ApplySchemaRequest.newBuilder()
                        .setSql("create table x (id int primary key)")
                        .build()));
    for (ThrowingCallable call : late) {
      refusedAs(Status.Code.FAILED_PRECONDITION, "fenced", call);
    }
    assertThat(tablet.parts.calls).hasSize(calls);
    assertThat(tablet.value("SELECT message FROM _vt.vreplication")).isEqualTo("now");
    assertThat(tablet.value("SELECT COUNT(*) FROM _vt.resharding_journal")).isEqualTo("0");
    assertThat(client.getSchema(GetSchemaRequest.getDefaultInstance()).getTableDefinitionsList())
        .isEmpty();
    assertThat(tablet.value("SELECT token FROM _vt.shunt_fence WHERE workflow = '" + key + "'"))
        .isEqualTo("5");
    now.deleteVReplicationWorkflow("c2c");
  }

  @Test
  void comparesFencesOnlyWithinOneLifeOfTheTopology() {
    String key = tablet.keyspace + "/c2c";
    create("c2c");
    String epoch = tablet.topo.life().epoch();
    String message = "update _vt.vreplication set message='%s' where workflow='c2c'";
    // Left by a topology that is no more, whose tokens were far higher.
    tablet.run(
        "INSERT INTO _vt.shunt_fence (workflow, epoch, token) VALUES ('"
            + key
            + "', 'gone', 1000000) ON DUPLICATE KEY UPDATE epoch = 'gone', token = 1000000");
    TabletClient now = client.withFence(new Fence(key, 3, epoch));

    now.vReplicationExec(message.formatted("now"));

    assertThat(tablet.value(fence(key))).isEqualTo(epoch + " 3");
    for (Fence late :
        List.of(
            new Fence(key, 1_000_001, "gone"),
            new Fence(key, 1_000_001),
            new Fence(key, 2, epoch))) {
      refusedAs(
          Status.Code.FAILED_PRECONDITION,
          "fenced: row '" + key + "' of `_vt`.`shunt_fence`",
          () -> client.withFence(late).vReplicationExec(message.formatted("late")));
      assertThatExceptionOfType(TabletException.class)
          .isThrownBy(() -> client.withFence(late).vReplicationExec(message.formatted("late")))
          .matches(TabletException::fenced);
    }
    assertThatExceptionOfType(TabletException.class)
        .isThrownBy(() -> now.vReplicationExec("update _vt.vreplication set nothing=1"))
        .matches(refusal -> !refusal.fenced());
    assertThat(tablet.value("SELECT message FROM _vt.vreplication")).isEqualTo("now");
    assertThat(tablet.value(fence(key))).isEqualTo(epoch + " 3");
    now.deleteVReplicationWorkflow("c2c");
  }

  @Test
  void aFenceNewerThanTheTopologyBeginsAnotherLifeOfIt() {
    String key = tablet.keyspace + "/c2c";
    create("c2c");
    StoreLife life = tablet.topo.life();
    String epoch = life.epoch();
    long stored = life.newestToken() + 1_000_000;
    tablet.run(
        "INSERT INTO _vt.shunt_fence (workflow, epoch, token) VALUES ('"
            + key
            + "', '"
            + epoch
            + "', "
            + stored
            + ")");
    String sql = "update _vt.vreplication set message='now' where workflow='c2c'";
    refusedAs(
        Status.Code.FAILED_PRECONDITION,
        "fenced",
        () -> client.withFence(new Fence(key, 5, epoch)).vReplicationExec(sql));

    String next = tablet.topo.life().epoch();
    assertThat(tablet.topo.life().newestToken()).isGreaterThan(stored);

    assertThat(next).isNotEqualTo(epoch);
    client.withFence(new Fence(key, 6, next)).vReplicationExec(sql);
    assertThat(tablet.value(fence(key))).isEqualTo(next + " 6");
    refusedAs(
        Status.Code.FAILED_PRECONDITION,
        "fenced",
        () -> client.withFence(new Fence(key, stored + 1, epoch)).vReplicationExec(sql));
    client.withFence(new Fence(key, 6, next)).deleteVReplicationWorkflow("c2c");
  }

  private static String fence(String key) {
    return "SELECT CONCAT(epoch, ' ', token) FROM _vt.shunt_fence WHERE workflow = '" + key + "'";
  }

  @Test
  void describesTheSchema() {
    tablet.run(
        "CREATE TABLE b (x INT, id BIGINT AUTO_INCREMENT, name VARCHAR(10), PRIMARY KEY (id, x))",
        "INSERT INTO b (x) VALUES (1), (2)",
        "CREATE TABLE a (id INT PRIMARY KEY)",
        "CREATE VIEW v AS SELECT id FROM a");
    List<TableDefinition> tables =
        client
            .getSchema(GetSchemaRequest.newBuilder().setIncludeViews(true).build())
            .getTableDefinitionsList();
    assertThat(tables).extracting(TableDefinition::getName).containsExactly("a", "b", "v");
    TableDefinition b = tables.get(1);
    assertThat(b.getColumnsList()).containsExactly("x", "id", "name");
    assertThat(b.getPrimaryKeyColumnsList()).containsExactly("id", "x");
    assertThat(b.getSchema()).startsWith("CREATE TABLE `b` (").doesNotContain("AUTO_INCREMENT=");
    assertThat(b.getSchema()).contains("AUTO_INCREMENT,");
    assertThat(tables.get(2).getSchema()).contains("`{{.DatabaseName}}`");
    assertThat(
            client
                .getSchema(GetSchemaRequest.newBuilder().addTables("/^b/").addTables("a").build())
                .getTableDefinitionsList())
        .hasSize(2);
  }

  @Test
  void appliesSchemaChangesAndTellsBoth() {
    var response =
        client.applySchema(
            ApplySchemaRequest.newBuilder()
                .setSql("CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE c (id INT PRIMARY KEY)")
                .setAllowReplication(true)
                .setSqlMode("NO_AUTO_VALUE_ON_ZERO")
                .setDisableForeignKeyChecks(true)
                .build());
    assertThat(response.getBeforeSchema().getTableDefinitionsCount()).isZero();
    assertThat(response.getAfterSchema().getTableDefinitionsCount()).isEqualTo(2);
    refusedAs(
        Status.Code.FAILED_PRECONDITION,
        "before_schema",
        () ->
            client.applySchema(
                ApplySchemaRequest.newBuilder()
                    .setSql("DROP TABLE p")
                    .setBeforeSchema(response.getBeforeSchema())
                    .build()));
    assertThat(client.executeFetchAsDba("SHOW TABLES", 10).getRowsCount()).isEqualTo(2);
    refusedAs(
        Status.Code.ABORTED,
        "Row count exceeded",
        () -> client.executeFetchAsDba("SHOW TABLES", 1));
    refusedAs(
        Status.Code.INVALID_ARGUMENT,
        "one statement",
        () -> client.executeFetchAsDba("SELECT 1; SELECT 2", 1));
    refusedAs(
        Status.Code.NOT_FOUND,
        "(errno 1146) (sqlstate 42S02)",
        () -> client.executeFetchAsDba("SELECT * FROM nothing", 1));
  }

  @Test
  void changesTheSchemaOnlyFromWhatIsExpected() {
    var none = client.getSchema(GetSchemaRequest.newBuilder().setIncludeViews(true).build());
    String position = client.primaryPosition();
    ApplySchemaRequest create =
        ApplySchemaRequest.newBuilder()
            .setSql("CREATE TABLE p (id INT PRIMARY KEY)")
            .setBeforeSchema(none)
            .build();
    var created = client.applySchema(create).getAfterSchema();
    assertThat(client.primaryPosition()).as("not replicated").isEqualTo(position);

    // Once more, with what it led to: nothing is left to do.
    var again = client.applySchema(create.toBuilder().setAfterSchema(created).build());
    assertThat(again.getAfterSchema()).isEqualTo(created);

    ApplySchemaRequest.Builder other =
        ApplySchemaRequest.newBuilder()
            .setSql("ALTER TABLE p ADD v INT")
            .setBeforeSchema(none)
            .setAllowReplication(true);
    refusedAs(
        Status.Code.FAILED_PRECONDITION,
        "nothing was changed",
        () -> client.applySchema(other.build()));
    assertThat(client.executeFetchAsDba("SHOW COLUMNS FROM p", 10).getRowsCount()).isEqualTo(1);
    client.applySchema(other.setForce(true).build());
    assertThat(client.executeFetchAsDba("SHOW COLUMNS FROM p", 10).getRowsCount()).isEqualTo(2);
    assertThat(client.primaryPosition()).isNotEqualTo(position);
    refusedAs(
        Status.Code.FAILED_PRECONDITION,
        "not what after_schema says",
        () ->
            client.applySchema(
                ApplySchemaRequest.newBuilder()
                    .setSql("ALTER TABLE p ADD w INT")
                    .setAfterSchema(created)
                    .build()));
    refusedAs(
        Status.Code.INVALID_ARGUMENT,
        "(errno 1064)",
        () -> client.applySchema(ApplySchemaRequest.newBuilder().setSql("ALTER p").build()));
  }

  @Test
  void updatesStreamsOfTheDatabaseAtOnce() {
    create("one");
    create("two");
    tablet.run(
        "INSERT INTO _vt.vreplication (workflow, source, pos, max_tps, max_replication_lag,"
            + " time_updated, transaction_timestamp, state, db_name, options) VALUES ('one', '',"
            + " '', 0, 0, 0, 0, 'Stopped', 'another', '{}')");
    UpdateVReplicationWorkflowsRequest message =
        UpdateVReplicationWorkflowsRequest.newBuilder().setMessage("m").build();
    for (UpdateVReplicationWorkflowsRequest bad :
        List.of(
            message,
            message.toBuilder().setAllWorkflows(true).addIncludeWorkflows("one").build(),
            message.toBuilder().setAllWorkflows(true).addExcludeWorkflows("one").build(),
            UpdateVReplicationWorkflowsRequest.newBuilder().setAllWorkflows(true).build(),
            UpdateVReplicationWorkflowsRequest.newBuilder()
                .setAllWorkflows(true)
                .setStateValue(77)
                .build())) {
      assertThatThrownBy(() -> updateAll(bad)).hasMessageContaining("INVALID_ARGUMENT");
    }
    assertThat(updateAll(message.toBuilder().addIncludeWorkflows("one").build())).isOne();
    assertThat(
            updateAll(
                UpdateVReplicationWorkflowsRequest.newBuilder()
                    .addExcludeWorkflows("one")
                    .setState(VReplicationWorkflowState.Running)
                    .setStopPosition("MariaDB/0-1-9")
                    .build()))
        .isOne();
    assertThat(
            tablet.value(
                "SELECT GROUP_CONCAT(CONCAT_WS('|', workflow, db_name = 'another', state,"
                    + " IFNULL(message, '-'), IFNULL(stop_pos, '-')) ORDER BY id)"
                    + " FROM _vt.vreplication"))
        .isEqualTo("one|0|Stopped|m|-,two|0|Running|-|MariaDB/0-1-9,one|1|Stopped|-|-");
  }

  private long updateAll(UpdateVReplicationWorkflowsRequest request) {
    ManagedChannel channel =
        Grpc.newChannelBuilder("127.0.0.1:" + tablet.port(), InsecureChannelCredentials.create())
            .build();
    try {
      return TabletManagerGrpc.newBlockingStub(channel)
          .updateVReplicationWorkflows(request)
          .getResult()
          .getRowsAffected();
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void addsRulesAndReplacesCellsAndTypes() {
    create("c2c");
    client.updateVReplicationWorkflow(
        UpdateVReplicationWorkflowRequest.newBuilder()
            .setWorkflow("c2c")
            .addCells("zone2")
            .addCells("zone3")
            .addTabletTypes(Topodata.TabletType.RDONLY)
            .setTabletSelectionPreference(TabletSelectionPreference.ANY)
            .setMessage("note")
            .addFilterRules(
                Binlogdata.Rule.newBuilder().setMatch("more").setFilter("select * from more"))
            .build());
    ReadVReplicationWorkflowResponse read = client.readVReplicationWorkflow("c2c").orElseThrow();
    assertThat(read.getCells()).isEqualTo("zone2,zone3");
    assertThat(read.getTabletTypesList()).containsExactly(Topodata.TabletType.RDONLY);
    assertThat(read.getTabletSelectionPreference()).isEqualTo(TabletSelectionPreference.ANY);
    assertThat(read.getStreams(0).getMessage()).isEqualTo("note");
    assertThat(read.getStreams(0).getBls().getFilter().getRulesList())
        .extracting(Binlogdata.Rule::getMatch)
        .containsExactly("corder", "more");
    assertThat(read.getStreams(0).getState()).isEqualTo(VReplicationWorkflowState.Stopped);
  }

  @Test
  void readsOnlyTheWorkflowsOfAFilter() {
    create("a");
    create("b");
    create("c");
    client.vReplicationExec("update _vt.vreplication set state='Running' where workflow='a'");
    client.vReplicationExec("update _vt.vreplication set message='FROZEN' where workflow='b'");
    String c = tablet.value("SELECT id FROM _vt.vreplication WHERE workflow = 'c'");
    ReadVReplicationWorkflowsRequest all = ReadVReplicationWorkflowsRequest.getDefaultInstance();
    assertThat(names(all)).containsExactly("a", "b", "c");
    assertThat(names(all.toBuilder().addIncludeIds(Integer.parseInt(c)).build()))
        .containsExactly("c");
    assertThat(names(all.toBuilder().addIncludeStates(VReplicationWorkflowState.Running).build()))
        .containsExactly("a");
    assertThat(
            names(
                all.toBuilder()
                    .addExcludeStates(VReplicationWorkflowState.Running)
                    .setExcludeFrozen(true)
                    .build()))
        .containsExactly("c");
    assertThat(names(all.toBuilder().addIncludeWorkflows("a").addExcludeWorkflows("a").build()))
        .isEmpty();
  }

  private List<String> names(ReadVReplicationWorkflowsRequest request) {
    return client.readVReplicationWorkflows(request).stream()
        .map(ReadVReplicationWorkflowResponse::getWorkflow)
        .toList();
  }

  @Test
  void leavesNoTraceOfASessionBehind() {
    client.executeFetchAsDba(
        ExecuteFetchAsDbaRequest.newBuilder()
            .setQuery(ByteString.copyFromUtf8("CREATE TABLE p (id INT PRIMARY KEY)"))
            .setDisableBinlogs(true)
            .setDisableForeignKeyChecks(true)
            .build());
    var result = client.executeFetchAsDba("SELECT @@sql_log_bin, @@foreign_key_checks", 1);
    assertThat(result.getRows(0).getValues().toStringUtf8()).isEqualTo("11");
    client.executeFetchAsDba("LOCK TABLES p READ", 1);
    client.execute("INSERT INTO p VALUES (1)");
  }

  @Test
  void knowsItsPosition() {
    String before = client.primaryPosition();
    tablet.run("CREATE TABLE p (id INT PRIMARY KEY)");
    String after = client.primaryPosition();
    assertThat(after).startsWith(kind == DatabaseKind.MYSQL ? "MySQL56/" : "MariaDB/");
    assertThat(after).isNotEqualTo(before);
    client.waitForPosition(after);
    client.reloadSchema(before);
    refusedAs(
        Status.Code.DEADLINE_EXCEEDED,
        "",
        () ->
            client
                .withDeadline(Duration.ofMillis(500))
                .vReplicationWaitForPos(1, "MySQL56/00000000-0000-0000-0000-000000000001:1-9"));
    assertThat(client.validateVReplicationPermissions().getOk()).isTrue();
  }

  @Test
  void tellsWatchersOfChanges() {
    create("c2c");
    try (TabletStream<tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsResponse>
        stream = client.watchStreams(ReadVReplicationWorkflowsRequest.getDefaultInstance())) {
      assertThat(stream.next().getWorkflows(0).getStreams(0).getMessage()).isEmpty();
      client.vReplicationExec("update _vt.vreplication set message='m1' where workflow='c2c'");
      assertThat(stream.next().getWorkflows(0).getStreams(0).getMessage()).isEqualTo("m1");
      tablet.run("UPDATE _vt.vreplication SET message = 'm2'");
      await().until(() -> !tablet.parts.listeners.isEmpty());
      tablet.parts.listeners.forEach(listener -> listener.accept(1));
      assertThat(stream.next().getWorkflows(0).getStreams(0).getMessage()).isEqualTo("m2");
    }
  }
}
