package dev.shunt.bench.server;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.schemas.StreamState;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClients;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tabletmanagerdata.Tabletmanagerdata;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;

/**
 * A stream that copies tables from the source tablet to the target tablet and then follows, made
 * with the calls by which MoveTables makes it.
 */
public final class OnlineCopy {
  /** Name of the workflow. */
  public static final String WORKFLOW = "bench";

  private static final Duration PATIENCE = Duration.ofMinutes(60);
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);

  private final Instance source;
  private final Instance target;
  private final TabletProcess sourceTablet;
  private final TabletClient from;
  private final TabletClient to;

  /** A stream from one tablet to the other; nothing happens before {@link #start}. */
  public OnlineCopy(
      Instance source,
      Instance target,
      TabletProcess sourceTablet,
      TabletProcess targetTablet,
      TabletClients calls) {
    this.source = source;
    this.target = target;
    this.sourceTablet = sourceTablet;
    this.from = calls.of(sourceTablet.record()).withDeadline(PATIENCE);
    this.to = calls.of(targetTablet.record()).withDeadline(PATIENCE);
  }

  /** Creates the tables as they are on the source. */
  public void createTables(List<String> tables) {
    try (MysqlConnection connection = source.connect()) {
      for (String table : tables) {
        var _ =
            to.executeFetchAsDba(
                connection.execute("SHOW CREATE TABLE " + table).only().text(1), 0);
      }
    }
  }

  /** Creates the stream, stopped. */
  public void createStream(List<String> tables, boolean deferSecondaryKeys) {
    Binlogdata.Filter.Builder filter = Binlogdata.Filter.newBuilder();
    for (String table : tables) {
      filter.addRules(
          Binlogdata.Rule.newBuilder().setMatch(table).setFilter("select * from " + table));
    }
    var _ =
        to.createVReplicationWorkflow(
            Tabletmanagerdata.CreateVReplicationWorkflowRequest.newBuilder()
                .setWorkflow(WORKFLOW)
                .addBinlogSource(
                    Binlogdata.BinlogSource.newBuilder()
                        .setKeyspace(sourceTablet.record().getKeyspace())
                        .setShard(TabletProcess.SHARD)
                        .setFilter(filter))
                .addTabletTypes(Topodata.TabletType.PRIMARY)
                .setTabletSelectionPreference(TabletSelectionPreference.INORDER)
                .setWorkflowType(Binlogdata.VReplicationWorkflowType.MoveTables)
                .setWorkflowSubType(Binlogdata.VReplicationWorkflowSubType.None)
                .setDeferSecondaryKeys(deferSecondaryKeys)
                .build());
  }

  /** Starts the stream, which goes on where it was. */
  public void start() {
    state(VReplicationWorkflowState.Running);
  }

  /** Stops the stream; on return nothing of it writes any more. */
  public void stop() {
    state(VReplicationWorkflowState.Stopped);
  }

  private void state(VReplicationWorkflowState state) {
    var _ =
        to.updateVReplicationWorkflow(
            Tabletmanagerdata.UpdateVReplicationWorkflowRequest.newBuilder()
                .setWorkflow(WORKFLOW)
                .addCells("NULL")
                .addTabletTypesValue(-1)
                .setTabletSelectionPreference(TabletSelectionPreference.UNKNOWN)
                .setState(state)
                .build());
  }

  /**
   * Waits until all tables are copied and the stream runs; fails when it reports an error. Looks
   * into the database, which costs next to nothing of what is measured.
   */
  public void awaitRunning() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (MysqlConnection looking = target.connect()) {
      while (true) {
        Row stream =
            looking
                .execute(
                    "SELECT state, message, pos <> '' FROM _vt.vreplication WHERE workflow = '"
                        + WORKFLOW
                        + "'")
                .only();
        StreamState state = StreamState.parse(stream.text(0));
        if (state == StreamState.RUNNING && stream.number(2) != 0) {
          return;
        }
        if (state.halted() || System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "the stream does not get to run: %s %s"
                  .formatted(stream.text(0), stream.textOrNull(1)));
        }
        TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
      }
    }
  }

  /** Waits until the target has all that the source has now: no lag is left. */
  public void awaitCaughtUp() {
    awaitPosition(from.primaryPosition());
  }

  /** Waits until the target has all up to a position of the source. */
  public void awaitPosition(String position) {
    to.vReplicationWaitForPos(stream().getId(), position);
  }

  /** The stream as its tablet tells of it. */
  public ReadVReplicationWorkflowResponse.Stream stream() {
    return to.readVReplicationWorkflow(WORKFLOW)
        .orElseThrow(() -> new IllegalStateException("the stream is gone"))
        .getStreams(0);
  }

  /** Removes the stream; the tables stay. */
  public void delete() {
    var _ = to.deleteVReplicationWorkflow(WORKFLOW);
  }
}
