package dev.shunt.tablet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import dev.shunt.embedded.DatabaseKind;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.vitess.proto.Topodata;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import replicationdata.Replicationdata;
import replicationdata.Replicationdata.FullStatus;
import tabletmanagerdata.Tabletmanagerdata.*;
import tabletmanagerservice.TabletManagerGrpc;

/** Calls that the workflow services of Vitess make beside those of streams and statements. */
@ParameterizedClass
@MethodSource("kinds")
class FurtherCallsIT {
  @Parameter DatabaseKind kind;
  @TempDir Path folder;
  private TestTablet tablet;
  private ManagedChannel channel;
  private TabletManagerGrpc.TabletManagerBlockingStub manager;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @BeforeEach
  void start() {
    tablet = new TestTablet(kind, folder);
    channel = NettyChannelBuilder.forAddress("127.0.0.1", tablet.port()).usePlaintext().build();
    manager = TabletManagerGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    tablet.close();
  }

  @Test
  void deletesTheRowsOfAFilterInBatches() {
    tablet.run("CREATE TABLE t (id INT PRIMARY KEY, tenant INT)");
    for (int i = 0; i < 30; i++) {
      tablet.run("INSERT INTO t VALUES (" + i + "," + i % 3 + ")");
    }
    var unused =
        manager.deleteTableData(
            DeleteTableDataRequest.newBuilder()
                .putTableFilters("t", "where tenant = 1")
                .setBatchSize(4)
                .build());
    var unused2 =
        manager.deleteTableData(
            DeleteTableDataRequest.newBuilder()
                .putTableFilters("t", "tenant = 2 or 1 = 0")
                .build());
    assertThat(tablet.value("SELECT GROUP_CONCAT(DISTINCT tenant) FROM t")).isEqualTo("0");
    assertThat(tablet.value("SELECT COUNT(*) FROM t")).isEqualTo("10");
    for (String bad : List.of("", "1 = 1; drop table t")) {
      assertThatThrownBy(() ->
              manager.deleteTableData(
                  DeleteTableDataRequest.newBuilder().putTableFilters("t", bad).build()))
          .isInstanceOf(StatusRuntimeException.class);
    }
    assertThat(tablet.value("SELECT COUNT(*) FROM t")).isEqualTo("10");
  }

  @Test
  void keepsSequencesAhead() {
    tablet.run("CREATE TABLE t (id BIGINT PRIMARY KEY)", "INSERT INTO t VALUES (41)");
    String database = tablet.config.database();
    var most =
        manager.getMaxValueForSequences(
            GetMaxValueForSequencesRequest.newBuilder()
                .addSequences(
                    GetMaxValueForSequencesRequest.SequenceMetadata.newBuilder()
                        .setBackingTableName("t_seq")
                        .setUsingColEscaped("`id`")
                        .setUsingTableNameEscaped("`t`")
                        .setUsingTableDbNameEscaped("`" + database + "`"))
                .build());
    assertThat(most.getMaxValuesBySequenceTableMap()).containsEntry("t_seq", 41L);
    for (long value : new long[] {41, 7}) {
      var unused =
          manager.updateSequenceTables(
              UpdateSequenceTablesRequest.newBuilder()
                  .addSequences(
                      UpdateSequenceTablesRequest.SequenceMetadata.newBuilder()
                          .setBackingTableName("t_seq")
                          .setBackingTableDbName(database)
                          .setMaxValue(value))
                  .build());
      assertThat(tablet.value("SELECT next_id FROM t_seq WHERE id = 0")).isEqualTo("42");
    }
    var unused =
        manager.resetSequences(ResetSequencesRequest.newBuilder().addTables("t_seq").build());
    assertThatThrownBy(() ->
            manager.getMaxValueForSequences(
                GetMaxValueForSequencesRequest.newBuilder()
                    .addSequences(
                        GetMaxValueForSequencesRequest.SequenceMetadata.newBuilder()
                            .setUsingColEscaped("id) from t; --"))
                    .build()))
        .hasMessageContaining("back quotes");
  }

  @Test
  void tellsHowTheServerIs() {
    var vars =
        manager.getGlobalStatusVars(
            GetGlobalStatusVarsRequest.newBuilder().addVariables("Threads_running").build());
    assertThat(vars.getStatusValuesMap()).containsOnlyKeys("Threads_running");
    var primary = manager.primaryStatus(PrimaryStatusRequest.getDefaultInstance()).getStatus();
    assertThat(primary.getPosition()).contains("/");
    assertThat(primary.getFilePosition()).startsWith("FilePos/");
    assertThatThrownBy(
            () -> manager.replicationStatus(ReplicationStatusRequest.getDefaultInstance()))
        .hasMessageContaining("no replication status");
    assertThat(
            manager
                .getUnresolvedTransactions(GetUnresolvedTransactionsRequest.getDefaultInstance())
                .getTransactionsCount())
        .isZero();
    var throttler =
        manager.checkThrottler(CheckThrottlerRequest.newBuilder().setAppName("x").build());
    assertThat(throttler.getResponseCode()).isEqualTo(CheckThrottlerResponseCode.OK);
    assertThat(
            manager
                .getThrottlerStatus(GetThrottlerStatusRequest.getDefaultInstance())
                .getIsEnabled())
        .isFalse();
    var unused = manager.sleep(SleepRequest.newBuilder().setDuration(1).build());
    assertThat(
            manager
                .executeFetchAsDba(
                    ExecuteFetchAsDbaRequest.newBuilder()
                        .setQuery(ByteString.copyFromUtf8("select 1"))
                        .setMaxRows(1)
                        .build())
                .getResult()
                .getRowsCount())
        .isEqualTo(1);
  }

  private static void refusedAs(Status.Code code, String text, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e).hasMessageContaining(text);
              assertThat(e.getStatus().getCode()).isEqualTo(code);
            });
  }

  private ExecuteFetchAsDbaRequest fetch(String sql, long maxRows) {
    return ExecuteFetchAsDbaRequest.newBuilder()
        .setQuery(ByteString.copyFromUtf8(sql))
        .setMaxRows(maxRows)
        .build();
  }

  @Test
  void givesNoMoreRowsThanAskedFor() {
    for (String sql : List.of("SELECT 1", "SHOW DATABASES LIKE '_vt'", "ANALYZE TABLE _vt.vdiff")) {
      refusedAs(
          Status.Code.ABORTED,
          "Row count exceeded 0",
          () -> manager.executeFetchAsDba(fetch(sql, 0)));
      assertThat(manager.executeFetchAsDba(fetch(sql, 1)).getResult().getRowsCount()).isOne();
    }
    var unused = manager.executeFetchAsDba(fetch("CREATE TABLE t (id INT PRIMARY KEY)", 0));
    assertThat(
            manager
                .executeFetchAsDba(fetch("INSERT INTO t VALUES (1), (2)", 0))
                .getResult()
                .getRowsAffected())
        .isEqualTo(2);
    refusedAs(
        Status.Code.ABORTED,
        "Row count exceeded 1",
        () ->
            manager.executeFetchAsApp(
                ExecuteFetchAsAppRequest.newBuilder()
                    .setQuery(ByteString.copyFromUtf8("SELECT * FROM t"))
                    .setMaxRows(1)
                    .build()));
    refusedAs(
        Status.Code.ABORTED,
        "Row count exceeded 1",
        () ->
            manager.executeFetchAsAllPrivs(
                ExecuteFetchAsAllPrivsRequest.newBuilder()
                    .setQuery(ByteString.copyFromUtf8("SELECT * FROM t"))
                    .setMaxRows(1)
                    .build()));
  }

  @Test
  void runsSeveralStatementsUpToTheFirstError() {
    ExecuteMultiFetchAsDbaRequest.Builder request =
        ExecuteMultiFetchAsDbaRequest.newBuilder().setMaxRows(10);
    var results =
        manager.executeMultiFetchAsDba(
            request
                .setSql(
                    ByteString.copyFromUtf8(
                        "CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2);"
                            + " SELECT id FROM t ORDER BY id"))
                .build());
    assertThat(results.getResultsCount()).isEqualTo(3);
    assertThat(results.getResults(1).getRowsAffected()).isEqualTo(2);
    assertThat(results.getResults(2).getRowsCount()).isEqualTo(2);
    refusedAs(
        Status.Code.ALREADY_EXISTS,
        "(errno 1062)",
        () ->
            manager.executeMultiFetchAsDba(
                request
                    .setSql(
                        ByteString.copyFromUtf8(
                            "INSERT INTO t VALUES (3); INSERT INTO t VALUES (3); DELETE FROM t"))
                    .build()));
    assertThat(tablet.value("SELECT COUNT(*) FROM t")).isEqualTo("3");
    refusedAs(
        Status.Code.INVALID_ARGUMENT,
        "empty",
        () ->
            manager.executeMultiFetchAsDba(request.setSql(ByteString.copyFromUtf8(" ; ")).build()));
  }

  @Test
  void describesOnlyWhatIsAskedFor() {
    tablet.run(
        "CREATE TABLE kept (id INT PRIMARY KEY, v INT)",
        "CREATE TABLE log_1 (id INT PRIMARY KEY)",
        "CREATE TABLE other (id INT PRIMARY KEY)");
    TableDefinition only =
        manager
            .getSchema(
                GetSchemaRequest.newBuilder()
                    .addExcludeTables("/^log_/")
                    .addExcludeTables("other")
                    .setTableSchemaOnly(true)
                    .build())
            .getSchemaDefinition()
            .getTableDefinitionsList()
            .getFirst();
    assertThat(only.getName()).isEqualTo("kept");
    assertThat(only.getSchema()).startsWith("CREATE TABLE `kept`");
    assertThat(only.getPrimaryKeyColumnsList()).containsExactly("id");
    assertThat(only.getColumnsList()).isEmpty();
    assertThat(only.getFieldsList()).isEmpty();
    refusedAs(
        Status.Code.INVALID_ARGUMENT,
        "cannot compile regexp",
        () -> manager.getSchema(GetSchemaRequest.newBuilder().addTables("/(/").build()));
  }

  @Test
  void triesSchemaChangesOnACopy() {
    tablet.run(
        "CREATE TABLE parent (id INT PRIMARY KEY)",
        "CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id))",
        "CREATE VIEW b AS SELECT id FROM parent",
        "CREATE VIEW a AS SELECT id FROM b");
    var everything = GetSchemaRequest.newBuilder().setIncludeViews(true).build();
    var before = manager.getSchema(everything);

    var results =
        manager
            .preflightSchema(
                PreflightSchemaRequest.newBuilder()
                    .addChanges("ALTER TABLE parent ADD v INT, ADD COLUMN user INT")
                    .addChanges("DROP VIEW a; CREATE TABLE more (id INT PRIMARY KEY)")
                    .build())
            .getChangeResultsList();

    assertThat(results).hasSize(2);
    assertThat(results.get(0).getBeforeSchema().getTableDefinitionsList())
        .extracting(TableDefinition::getName, TableDefinition::getSchema)
        .isEqualTo(
            before.getSchemaDefinition().getTableDefinitionsList().stream()
                .map(table -> tuple(table.getName(), table.getSchema()))
                .toList());
    assertThat(results.get(0).getAfterSchema().toString()).contains("`v` int");
    assertThat(results.get(1).getBeforeSchema()).isEqualTo(results.get(0).getAfterSchema());
    assertThat(results.get(1).getAfterSchema().getTableDefinitionsList())
        .extracting(TableDefinition::getName)
        .containsExactly("child", "more", "parent", "b");
    refusedAs(
        Status.Code.INVALID_ARGUMENT,
        "(errno 1060)",
        () ->
            manager.preflightSchema(
                PreflightSchemaRequest.newBuilder()
                    .addChanges("ALTER TABLE parent ADD id INT")
                    .build()));
    for (String bad :
        List.of(
            "DROP TABLE " + tablet.config.database() + ".child",
            "DROP TABLE child, " + tablet.config.database() + ".child",
            "ALTER TABLE child RENAME TO " + tablet.config.database() + ".moved",
            "RENAME TABLE child TO " + tablet.config.database() + ".moved",
            "CREATE TABLE x SELECT * FROM `" + tablet.config.database() + "`.child",
            "CREATE PROCEDURE p() DROP TABLE child",
            "DROP DATABASE " + tablet.config.database(),
            "USE " + tablet.config.database(),
            "DELETE FROM child",
            "DROP USER root@localhost",
            "ALTER TABLE parent ADD v INT; SET GLOBAL max_connections = 1")) {
      refusedAs(
          Status.Code.INVALID_ARGUMENT,
          "",
          () ->
              manager.preflightSchema(PreflightSchemaRequest.newBuilder().addChanges(bad).build()));
    }
    assertThat(manager.getSchema(everything)).isEqualTo(before);
    assertThat(
            tablet.value(
                "SELECT COUNT(*) FROM information_schema.schemata"
                    + " WHERE schema_name = '_vt_preflight'"))
        .isEqualTo("0");
  }

  @Test
  void countsReparents() {
    var request = ReadReparentJournalInfoRequest.getDefaultInstance();
    assertThat(manager.readReparentJournalInfo(request).getLength()).isZero();
    tablet.run(
        "INSERT INTO _vt.reparent_journal VALUES (1, 'a', 'zone1-101', 'p'), (2, 'a', 'b', NULL)");
    assertThat(manager.readReparentJournalInfo(request).getLength()).isEqualTo(2);
    tablet.run("DELETE FROM _vt.reparent_journal");
  }

  @Test
  void tellsWhoMayDoWhatWithoutTheirPasswords() {
    String user = "u_" + tablet.keyspace;
    tablet.run(
        "CREATE USER " + user + "@'10.%' IDENTIFIED BY 'Secret-1'",
        "GRANT SELECT ON " + tablet.config.database() + ".* TO " + user + "@'10.%'");
    Permissions permissions =
        manager.getPermissions(GetPermissionsRequest.getDefaultInstance()).getPermissions();
    UserPermission its =
        permissions.getUserPermissionsList().stream()
            .filter(one -> one.getUser().equals(user))
            .findFirst()
            .orElseThrow();
    assertThat(its.getHost()).isEqualTo("10.%");
    assertThat(its.getPrivilegesMap()).containsEntry("Select_priv", "N");
    assertThat(its.getPasswordChecksum() == 0).isEqualTo(kind == DatabaseKind.MYSQL);
    String hash =
        tablet.value("SELECT authentication_string FROM mysql.user WHERE user = '" + user + "'");
    assertThat(hash).isNotEmpty();
    assertThat(its.getPrivilegesMap()).doesNotContainValue(hash);
    assertThat(permissions.getDbPermissionsList())
        .filteredOn(one -> one.getUser().equals(user))
        .singleElement()
        .satisfies(one -> {
          assertThat(one.getDb().replace("\\", "")).isEqualTo(tablet.config.database());
          assertThat(one.getPrivilegesMap())
              .containsEntry("Select_priv", "Y")
              .containsEntry("Insert_priv", "N");
        });
    tablet.run("DROP USER " + user + "@'10.%'");
  }

  @Test
  void tellsTheWholeStatusOfAServer() {
    boolean mysql = kind == DatabaseKind.MYSQL;
    FullStatus primary = manager.fullStatus(FullStatusRequest.getDefaultInstance()).getStatus();
    assertThat(primary.getTabletType()).isEqualTo(Topodata.TabletType.PRIMARY);
    assertThat(String.valueOf(primary.getServerId()))
        .isEqualTo(tablet.value("SELECT @@global.server_id"));
    assertThat(primary.getVersion()).isEqualTo(tablet.value("SELECT @@global.version"));
    assertThat(primary.getServerUuid().isEmpty()).isEqualTo(!mysql);
    assertThat(primary.getGtidMode()).isEqualTo(mysql ? "ON" : "");
    assertThat(primary.getBinlogFormat()).isEqualTo("ROW");
    assertThat(primary.getBinlogRowImage()).isEqualTo("FULL");
    assertThat(primary.getLogBinEnabled()).isTrue();
    assertThat(primary.getReadOnly()).isFalse();
    assertThat(primary.getSuperReadOnly()).isFalse();
    assertThat(primary.getSemiSyncPrimaryEnabled()).isFalse();
    assertThat(primary.getPrimaryStatus().getFilePosition()).startsWith("FilePos/");
    assertThat(primary.hasReplicationStatus()).isFalse();
    assertThat(primary.hasReplicationConfiguration()).isFalse();

    tablet.run(
        mysql
            ? "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.9', SOURCE_PORT = 33,"
                + " SOURCE_USER = 'r', SOURCE_CONNECT_RETRY = 7, SOURCE_AUTO_POSITION = 1,"
                + " SOURCE_HEARTBEAT_PERIOD = 2.5, SOURCE_DELAY = 3"
            : "CHANGE MASTER TO MASTER_HOST = '127.0.0.9', MASTER_PORT = 33, MASTER_USER = 'r',"
                + " MASTER_CONNECT_RETRY = 7, MASTER_USE_GTID = slave_pos,"
                + " MASTER_HEARTBEAT_PERIOD = 2.5, MASTER_DELAY = 3");
    try {
      FullStatus replica = manager.fullStatus(FullStatusRequest.getDefaultInstance()).getStatus();
      Replicationdata.Status status = replica.getReplicationStatus();
      assertThat(status.getSourceHost()).isEqualTo("127.0.0.9");
      assertThat(status.getSourcePort()).isEqualTo(33);
      assertThat(status.getSourceUser()).isEqualTo("r");
      assertThat(status.getConnectRetry()).isEqualTo(7);
      assertThat(status.getSqlDelay()).isEqualTo(3);
      assertThat(status.getIoState()).isEqualTo(1);
      assertThat(status.getSqlState()).isEqualTo(1);
      assertThat(status.getReplicationLagUnknown()).isTrue();
      assertThat(status.getUsingGtid()).isTrue();
      assertThat(status.getAutoPosition()).isEqualTo(mysql);
      assertThat(status.getHasReplicationFilters()).isFalse();
      assertThat(status.getPosition()).isEqualTo(replica.getPrimaryStatus().getPosition());
      assertThat(status.getRelayLogPosition()).isEqualTo(mysql ? status.getPosition() : "");
      assertThat(replica.getReplicationConfiguration().getReplicaNetTimeout()).isEqualTo(60);
      assertThat(
              manager.replicationStatus(ReplicationStatusRequest.getDefaultInstance()).getStatus())
          .isEqualTo(status);
    } finally {
      tablet.run(mysql ? "RESET REPLICA ALL" : "RESET SLAVE ALL");
    }
  }

  @Test
  void refusesAThrottlerScopeThatThereIsNot() {
    refusedAs(
        Status.Code.INVALID_ARGUMENT,
        "unknown scope: galaxy",
        () ->
            manager.checkThrottler(CheckThrottlerRequest.newBuilder().setScope("galaxy").build()));
    assertThat(
            manager
                .checkThrottler(CheckThrottlerRequest.newBuilder().setScope("shard").build())
                .getAppName())
        .isEqualTo("vitess");
    assertThat(
            manager
                .getThrottlerStatus(GetThrottlerStatusRequest.getDefaultInstance())
                .getIsLeader())
        .isTrue();
  }

  @Test
  void writesTheJournalOfAReparentToItself() {
    var request =
        PopulateReparentJournalRequest.newBuilder()
            .setTimeCreatedNs(5)
            .setActionName("Planned'Reparent")
            .setPrimaryAlias(tablet.config.identity().alias())
            .setReplicationPosition("MySQL56/x:1")
            .build();
    var unused = manager.populateReparentJournal(request);
    assertThat(
            tablet.value(
                "SELECT CONCAT(action_name, ' ', primary_alias) FROM _vt.reparent_journal WHERE"
                    + " time_created_ns = 5"))
        .isEqualTo("Planned'Reparent " + tablet.config.identity().aliasText());
    tablet.run("DELETE FROM _vt.reparent_journal WHERE time_created_ns = 5");
  }

  /** As vtctld makes them: Validate with pings, then PlannedReparentShard to the primary itself. */
  @Test
  void answersAllThatAValidationAndAReparentToItselfAsk() {
    assertThat(manager.getReplicas(GetReplicasRequest.getDefaultInstance()).getAddrsList())
        .isEmpty();
    assertThat(manager.ping(PingRequest.newBuilder().setPayload("payload").build()).getPayload())
        .isEqualTo("payload");
    assertThat(manager.getSchema(GetSchemaRequest.getDefaultInstance()).hasSchemaDefinition())
        .isTrue();
    assertThat(manager.getPermissions(GetPermissionsRequest.getDefaultInstance()).hasPermissions())
        .isTrue();
    tablet.run("SET GLOBAL read_only = 1");

    var reachable =
        manager.getGlobalStatusVars(
            GetGlobalStatusVarsRequest.newBuilder()
                .addVariables("Innodb_buffer_pool_pages_data")
                .build());
    assertThat(reachable.getStatusValuesMap()).hasSize(1);
    var _ = manager.setReadWrite(SetReadWriteRequest.getDefaultInstance());
    String position =
        manager.primaryPosition(PrimaryPositionRequest.getDefaultInstance()).getPosition();
    assertThat(position).isNotEmpty();
    var _ =
        manager.populateReparentJournal(
            PopulateReparentJournalRequest.newBuilder()
                .setTimeCreatedNs(6)
                .setActionName("PlannedReparentShard")
                .setPrimaryAlias(tablet.config.identity().alias())
                .setReplicationPosition(position)
                .build());

    assertThat(tablet.value("SELECT @@GLOBAL.read_only")).isEqualTo("0");
    assertThat(
            tablet.value(
                "SELECT COUNT(*) FROM _vt.reparent_journal WHERE time_created_ns = 6 AND"
                    + " action_name = 'PlannedReparentShard' AND primary_alias = '"
                    + tablet.config.identity().aliasText()
                    + "' AND replication_position = '"
                    + position
                    + "'"))
        .isEqualTo("1");
    tablet.run("DELETE FROM _vt.reparent_journal WHERE time_created_ns = 6");
  }

  @Test
  void tellsItsBuildWhereItsRecordSays() throws Exception {
    int port = tablet.record().getPortMapOrThrow("vt");
    assertThat(port).isNotEqualTo(tablet.port());
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/debug/vars"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).contains("\"BuildGitRev\"", "\"BuildTimestamp\": 0");
    }
  }

  /** Vitess writes what it wants in hexadecimal digits into a comment; people don't. */
  @Test
  void refusesSchemaChangesThatAreToBeMadeOnline() {
    tablet.run("CREATE TABLE t (id INT PRIMARY KEY)");
    for (String strategy : List.of("766974657373", "6d7973716c", "vitess", "gh-ost")) {
      for (String ddl :
          List.of(
              "alter /*vt+ uuid=\"61\" context=\"\" table=\"74\" strategy=\"%s\" options=\"\" */ table t add column v int",
              "create /*vt+ strategy=%s */ table u (id int primary key)",
              "drop /*vt+ uuid=\"61\" strategy='%s' */ table t")) {
        String sql = ddl.formatted(strategy);
        assertThatThrownBy(() ->
                manager.executeQuery(
                    ExecuteQueryRequest.newBuilder()
                        .setQuery(ByteString.copyFromUtf8(sql))
                        .setMaxRows(1)
                        .build()))
            .as(sql)
            .isInstanceOfSatisfying(
                StatusRuntimeException.class,
                e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED))
            .hasMessageContaining("--ddl-strategy direct");
        assertThatThrownBy(() -> tablet.client().execute(sql)).hasMessageContaining("direct");
      }
    }
    assertThat(tablet.value("SHOW TABLES")).isEqualTo("t");
    assertThat(
            tablet.value(
                "SELECT COUNT(*) FROM information_schema.columns WHERE table_name = 't'"
                    + " AND table_schema = DATABASE()"))
        .isEqualTo("1");
    tablet.client().execute("alter /*vt+ strategy=\"646972656374\" */ table t add column v int");
    tablet.client().execute("alter /*vt+ strategy=\"\" */ table t add column w int");
    assertThat(
            tablet.value(
                "SELECT COUNT(*) FROM information_schema.columns WHERE table_name = 't'"
                    + " AND table_schema = DATABASE()"))
        .isEqualTo("3");
  }

  @Test
  void saysWhyCallsAreMissing() {
    assertThatThrownBy(() -> manager.vDiff(VDiffRequest.getDefaultInstance()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
              assertThat(e).hasMessageContaining("vdiff service");
            });
    assertThatThrownBy(() -> manager.backup(BackupRequest.getDefaultInstance()).hasNext())
        .hasMessageContaining("Backup is not supported by this tablet");
    assertThatThrownBy(() -> manager.stopReplication(StopReplicationRequest.getDefaultInstance()))
        .hasMessageContaining("those who run the server");
  }
}
