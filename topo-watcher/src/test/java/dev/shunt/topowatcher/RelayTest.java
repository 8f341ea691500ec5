package dev.shunt.topowatcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.Phase;
import dev.shunt.schemas.StreamRemoved;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.TopoChange;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import io.vitess.proto.Topodata;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RelayTest {
  @TempDir Path folder;

  /** A log with a workflow of which nothing runs any more, and what is written to it. */
  private static final class Log implements RelayLog, RelayLog.Writer {
    private final List<RelayRecord> written = new ArrayList<>();

    @Override
    public void start() {}

    @Override
    public Writer takeOver() {
      return this;
    }

    @Override
    public Map<String, TopoChange> topoChanges() {
      return Map.of();
    }

    @Override
    public Map<WorkflowKey, WorkflowStatus> statuses() {
      return Map.of(
          new WorkflowKey("customer", "c2c"),
          WorkflowStatus.of("customer", "c2c")
              .with(draft -> {
                draft.version = 1;
                draft.phase = Phase.OBSERVED;
                draft.workflowType = "MoveTables";
                draft.sourceKeyspace = "commerce";
                draft.streams = List.of(stream("zone1-0000000300"), stream("zone2-0000000400"));
              }));
    }

    @Override
    public void write(List<RelayRecord> records) {
      written.addAll(records);
    }

    List<String> tabletsOfRemovedStreams() {
      return written.stream()
          .filter(record -> record.value() instanceof StreamRemoved)
          .map(record -> ((StreamRemoved) record.value()).tablet())
          .toList();
    }

    @Override
    public void close() {}
  }

  private static StreamStatus stream(String tablet) {
    return StreamStatus.of("0", tablet, 1)
        .with(draft -> {
          draft.source = "keyspace:\"commerce\" shard:\"0\"";
          draft.position = "MySQL56/x:1-5";
          draft.state = "Running";
          draft.dbName = "vt_customer";
          draft.timeUpdated = 100;
          draft.rowsCopied = 10;
          draft.cells = "zone1,zone2";
          draft.tabletTypes = "in_order:replica,primary";
          draft.options = "{}";
        });
  }

  /** No tablet is there. */
  private static final class NoTablets implements TabletClients {
    @Override
    public TabletClient of(Topodata.Tablet tablet) {
      throw new IllegalArgumentException(tablet.toString());
    }

    @Override
    public void close() {}
  }

  /** A topology whose cell zone2 tells nothing. */
  private static Topo silent(Topo real) {
    return (Topo)
        Proxy.newProxyInstance(
            Topo.class.getClassLoader(),
            new Class<?>[] {Topo.class},
            (proxy, method, arguments) ->
                method.getName().equals("watch") && arguments[0].equals("zone2")
                    ? (AutoCloseable) () -> {}
                    : method.invoke(real, arguments));
  }

  @Test
  void aCellThatDoesNotAnswerKeepsOnlyTheStreamsOfItsOwnTablets() throws Exception {
    Log log = new Log();
    try (Topo topo = Topos.local(folder)) {
      topo.createCell("zone1", Topodata.CellInfo.getDefaultInstance());
      topo.createCell("zone2", Topodata.CellInfo.getDefaultInstance());
      try (Relay relay =
          new Relay(
              silent(topo),
              new NoTablets(),
              log,
              log,
              TopoWatcherConfig.defaults(),
              InstantSource.system())) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (log.tabletsOfRemovedStreams().isEmpty() && System.nanoTime() - deadline < 0) {
          relay.step();
        }
      }
    }
    assertThat(log.tabletsOfRemovedStreams()).containsExactly("zone1-0000000300");
  }
}
