package dev.shunt.tablet.vreplication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import dev.shunt.schemas.StreamState;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vreplication.stream.StreamRow;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.Topos;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourcePickerTest {
  @TempDir Path directory;
  private Topo topo;
  private long now = 1;
  private SourcePicker picker;

  @BeforeEach
  void open() {
    topo = Topos.local(directory);
    topo.createCell("zone1", Topodata.CellInfo.newBuilder().setRoot("/zone1").build());
    topo.createKeyspace("commerce", Topodata.Keyspace.getDefaultInstance());
    topo.createShard("commerce", "0");
    add(1, Topodata.TabletType.REPLICA);
    add(2, Topodata.TabletType.PRIMARY);
    picker = new SourcePicker(topo, "zone1", () -> now);
  }

  @AfterEach
  void close() {
    topo.close();
  }

  private void add(int uid, Topodata.TabletType type) {
    topo.registerTablet(
        Topodata.Tablet.newBuilder()
            .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(uid))
            .setKeyspace("commerce")
            .setShard("0")
            .setType(type)
            .setHostname("localhost")
            .build());
  }

  private Topodata.Tablet pick() {
    return pick(List.of());
  }

  private Topodata.Tablet pick(List<String> cells) {
    return picker.pick(stream(cells));
  }

  private static StreamRow stream(List<String> cells) {
    Binlogdata.BinlogSource source =
        Binlogdata.BinlogSource.newBuilder().setKeyspace("commerce").setShard("0").build();
    return new StreamRow(
        1,
        "w",
        Binlogdata.VReplicationWorkflowType.MoveTables,
        source,
        "",
        "",
        StreamState.INIT,
        cells,
        "in_order:REPLICA,PRIMARY",
        0,
        false);
  }

  private static TabletException error(Status.Code code, String message) {
    return new TabletException(code, message, new IllegalStateException("cause"));
  }

  @ParameterizedTest
  @CsvSource({
    "UNAVAILABLE, connection refused",
    "UNKNOWN, stream ended: the log was purged (errno 1236) (sqlstate HY000)",
    "UNKNOWN, stream ended: no connection (errno 2003) (sqlstate HY000)"
  })
  void takesAnotherForAMinuteWhenOneCouldNotBeReadFrom(Status.Code code, String message) {
    Topodata.Tablet replica = pick();
    assertThat(replica.getType()).isEqualTo(Topodata.TabletType.REPLICA);

    picker.failed(replica, error(code, message));

    assertThat(pick().getType()).isEqualTo(Topodata.TabletType.PRIMARY);
    now += Duration.ofSeconds(61).toNanos();
    assertThat(pick()).isEqualTo(replica);
  }

  @ParameterizedTest
  @CsvSource({
    "stream ended: the source purged required binary logs (errno 1236) (sqlstate HY000), true",
    "stream ended: a slave with the same server_id has connected (errno 1236), false",
    "stream ended: somebody purged it (errno 1105) (sqlstate HY000), false"
  })
  void tellsALogThatDoesNotReachBackFromOtherFailures(String message, boolean purged) {
    assertThat(SourcePicker.isLogPurged(error(Status.Code.UNKNOWN, message))).isEqualTo(purged);
  }

  @Test
  void knowsWhetherTabletsAreAllThatFit() {
    add(3, Topodata.TabletType.RDONLY);
    StreamRow stream = stream(List.of());
    assertThat(picker.allAmong(stream, Set.of(alias(1)))).isFalse();
    assertThat(picker.allAmong(stream, Set.of(alias(1), alias(2)))).isTrue();
    topo.createCell("zone2", Topodata.CellInfo.newBuilder().setRoot("/zone2").build());
    picker = new SourcePicker(without("zone2"), "zone1", () -> now);
    assertThat(picker.allAmong(stream(List.of("zone2", "zone1")), Set.of(alias(1), alias(2))))
        .isFalse();
  }

  @Test
  void takesOneThatFailedWhenThereIsNoOther() {
    Topodata.Tablet replica = pick();
    picker.failed(replica, error(Status.Code.UNAVAILABLE, "connection refused"));
    picker.failed(pick(), error(Status.Code.UNAVAILABLE, "connection refused"));

    assertThat(pick()).isEqualTo(replica);
  }

  @Test
  void staysWithOneThatRefusedTheStream() {
    Topodata.Tablet replica = pick();
    picker.failed(replica, error(Status.Code.FAILED_PRECONDITION, "set binlog_format=ROW"));

    assertThat(pick()).isEqualTo(replica);
  }

  /** The topology, of which one cell can't be reached. */
  private Topo without(String dead) {
    return (Topo)
        Proxy.newProxyInstance(
            Topo.class.getClassLoader(),
            new Class<?>[] {Topo.class},
            (proxy, method, arguments) -> {
              boolean there =
                  method.getName().equals("tablets")
                      || (method.getName().equals("tabletsIn") && arguments[0].equals(dead));
              if (there) {
                throw new TopoException(TopoException.Kind.UNAVAILABLE, "no answer of " + dead);
              }
              return method.invoke(topo, arguments);
            });
  }

  @Test
  void needsOnlyTheCellsOfTheStreamAndOfThoseOneThatAnswers() {
    topo.createCell("zone2", Topodata.CellInfo.newBuilder().setRoot("/zone2").build());
    picker = new SourcePicker(without("zone2"), "zone1", () -> now);

    assertThat(pick().getAlias().getUid()).isEqualTo(1);
    assertThat(pick(List.of("zone2", "zone1")).getAlias().getUid()).isEqualTo(1);
    assertThatThrownBy(() -> pick(List.of("zone2")))
        .isInstanceOf(TopoException.class)
        .hasMessageContaining("no answer of zone2");
  }

  @Test
  void namesTheCellsThatDoNotAnswerWhenItFindsNone() {
    topo.createCell("zone2", Topodata.CellInfo.newBuilder().setRoot("/zone2").build());
    topo.deleteTablet(alias(1));
    topo.deleteTablet(alias(2));
    picker = new SourcePicker(without("zone2"), "zone1", () -> now);

    assertThatThrownBy(() -> pick(List.of("zone1", "zone2")))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("no tablet of commerce/0")
        .hasMessageContaining("[zone2] can't be reached");
  }

  private static Topodata.TabletAlias alias(int uid) {
    return Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(uid).build();
  }
}
