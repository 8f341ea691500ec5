package dev.shunt.tablet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.shunt.embedded.DatabaseKind;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
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
