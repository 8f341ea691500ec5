package dev.shunt.vdiff;

import binlogdata.Binlogdata;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamView;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Failures;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunAgainException;
import dev.shunt.saga.SagaSettings;
import dev.shunt.saga.StoppedException;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.vdiff.comparing.RowSource;
import dev.shunt.workflow.sql.SqlNames;
import dev.shunt.workflow.streams.Rules;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Brings source and target of one table to a consistent point: the streams are stopped, a snapshot
 * of each source is opened, each stream runs exactly to its source's snapshot, a snapshot of the
 * target is opened, and the streams run on. They are started again however this ends.
 */
final class Snapshots {
  private final Cluster cluster;
  private final WorkflowView view;
  private final VDiffCreate command;
  private final SagaSettings settings;
  private final TabletChoice tablets;

  Snapshots(Cluster cluster, WorkflowView view, VDiffCreate command, SagaSettings settings) {
    this.cluster = cluster;
    this.view = view;
    this.command = command;
    this.settings = settings;
    this.tablets = new TabletChoice(cluster, command);
  }

  /**
   * Rows of a table on one target shard and of its sources, at one point.
   *
   * @param shard target shard
   */
  record Pair(ShardPrimary shard, List<RowSource> sources, RowSource target)
      implements AutoCloseable {
    @Override
    public void close() {
      sources.forEach(RowSource::close);
      target.close();
    }
  }

  private Duration timeout() {
    long millis = command.waitTimeoutMillis();
    return Duration.ofMillis(millis < 1 ? 30_000 : millis);
  }

  /** Opens the snapshots of a table for some target shards. */
  List<Pair> open(Run run, String table, List<ShardPrimary> shards) throws Exception {
    StreamPause pause = new StreamPause(cluster, view);
    Queue<RowSource> opened = new ConcurrentLinkedQueue<>();
    boolean done = false;
    try {
      pause.stop(run);
      List<StreamView> streams =
          cluster.requireWorkflow(view.keyspace(), view.workflow()).streams().stream()
              .filter(stream -> shards.stream().anyMatch(of(stream)))
              .toList();
      List<RowSource> sources = Parallel.map(streams, stream -> source(stream, table, opened));
      Parallel.each(
          streams,
          stream -> {
            String position = sources.get(streams.indexOf(stream)).position();
            pause.runTo(run, stream, position);
            cluster
                .client(stream.target())
                .withDeadline(timeout())
                .vReplicationWaitForPos(stream.id(), position);
          });
      List<RowSource> targets = Parallel.map(shards, shard -> target(shard, table, opened));
      List<Pair> pairs = new ArrayList<>();
      for (int i = 0; i < shards.size(); i++) {
        ShardPrimary shard = shards.get(i);
        List<RowSource> own = new ArrayList<>();
        for (int s = 0; s < streams.size(); s++) {
          if (streams.get(s).target().shard().equals(shard.shard())) {
            own.add(sources.get(s));
          }
        }
        pairs.add(new Pair(shard, own, targets.get(i)));
      }
      done = true;
      return pairs;
    } finally {
      boolean running = false;
      try {
        restart(pause, run);
        running = true;
      } finally {
        if (!done || !running) {
          opened.forEach(RowSource::close);
        }
      }
    }
  }

  private static java.util.function.Predicate<ShardPrimary> of(StreamView stream) {
    return shard -> shard.shard().equals(stream.target().shard());
  }

  /**
   * Tries until the streams run, also when the diff was asked to stop meanwhile. RunAgainException
   * when they can't be started for long, StoppedException when the lock is lost: the run that
   * follows starts them before anything else.
   */
  private void restart(StreamPause pause, Run run) throws InterruptedException {
    boolean interrupted = false;
    try {
      for (int attempt = 1; ; attempt++) {
        try {
          interrupted |= Thread.interrupted();
          run.checkLock(); // else the streams are those of whoever has it now, a switch perhaps
          pause.start(run);
          return;
        } catch (StoppedException e) {
          throw e;
        } catch (Exception e) {
          if (Failures.superseded(e) || attempt > 20) {
            throw new RunAgainException("the streams were stopped and could not be started", e);
          }
          interrupted |= Failures.interrupted(e);
          interrupted |= Thread.interrupted();
          cluster.time().sleep(settings.backoff(attempt));
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private RowSource source(StreamView stream, String table, Queue<RowSource> opened) {
    String keyspace = view.sourceKeyspace();
    String shard = stream.sourceShard();
    Topodata.Tablet tablet = tablets.source(keyspace, shard, stream.stream().getPos(), timeout());
    RowSource source = open(keyspace + "/" + shard, tablet, filter(stream, table));
    opened.add(source);
    return source;
  }

  private static String filter(StreamView stream, String table) {
    return Rules.query(stream.source().getFilter(), table).orElseGet(() -> all(table));
  }

  private static String all(String table) {
    return "select * from " + SqlNames.quoted(table);
  }

  private RowSource target(ShardPrimary shard, String table, Queue<RowSource> opened) {
    String position = cluster.client(shard).primaryPosition();
    Topodata.Tablet tablet = tablets.target(shard, position, timeout());
    RowSource target = open(shard.name(), tablet, all(table));
    opened.add(target);
    return target;
  }

  private RowSource open(String name, Topodata.Tablet tablet, String query) {
    TabletClient client = cluster.client(tablet);
    return RowSource.open(
        name,
        client.vStreamRows(
            Binlogdata.VStreamRowsRequest.newBuilder()
                .setTarget(
                    Query.Target.newBuilder()
                        .setKeyspace(tablet.getKeyspace())
                        .setShard(tablet.getShard())
                        .setTabletType(tablet.getType()))
                .setQuery(query)
                .build()));
  }
}
