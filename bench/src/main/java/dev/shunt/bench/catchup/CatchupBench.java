package dev.shunt.bench.catchup;

import dev.shunt.bench.data.DataSet;
import dev.shunt.bench.data.LoadFiles;
import dev.shunt.bench.data.Table;
import dev.shunt.bench.measure.CpuClock;
import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.Measurement;
import dev.shunt.bench.measure.Narrator;
import dev.shunt.bench.server.Instance;
import dev.shunt.bench.server.Instances;
import dev.shunt.bench.server.Loader;
import dev.shunt.bench.server.OnlineCopy;
import dev.shunt.bench.server.WorkFolder;
import dev.shunt.mysql.Position;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets backlogs be applied. A pass writes two of them: one while Shunt's stream stands in the
 * middle of a copy, one while it is stopped after it ran; both go to the native replica as well,
 * once with four workers and once with one. After each the three servers must be equal.
 */
public final class CatchupBench {
  private static final String TABLE = "sbtest1";
  // Its name makes it the last; nothing of it matters but that it is not copied yet.
  private static final Table GATE =
      new Table(
          "zz_gate", DataSet.sysbench("zz_gate", 1).columns(), List.of(), "(id, k, c, pad)", 1000);

  private final CatchupOptions options;
  private final Narrator narrator;
  private final DataSet data;
  private final Instances instances;
  private final Instance replica;
  private final NativeReplication replication;
  private final List<Measurement> runs = new ArrayList<>();

  private CatchupBench(
      CatchupOptions options, Narrator narrator, DataSet data, Instances instances) {
    this.options = options;
    this.narrator = narrator;
    this.data = data;
    this.instances = instances;
    this.replica = instances.startReplica("native_db");
    this.replication =
        new NativeReplication(options.servers().engine(), instances.source(), replica);
  }

  /**
   * Does it.
   *
   * @throws IllegalStateException when servers differ at the end, or somebody does not get there
   */
  public static CatchupReport run(CatchupOptions options, Narrator narrator) throws Exception {
    Host host = Host.now();
    DataSet data = new DataSet(List.of(DataSet.sysbench(TABLE, options.rows()), GATE));
    try (WorkFolder folder = WorkFolder.in(options.directory())) {
      narrator.say("writing the data set: %,d rows".formatted(data.rows()));
      LoadFiles files = LoadFiles.write(data, folder.resolve("files"));
      narrator.say("starting three database servers and two tablets");
      try (Instances instances = Instances.start(options.servers(), folder.path())) {
        CatchupBench bench = new CatchupBench(options, narrator, data, instances);
        narrator.say("filling source and replica");
        Loader loader = new Loader(data, files, 2, true);
        loader.load(instances.source());
        loader.load(bench.replica);
        bench.replication.prepare();
        for (int pass = 1; pass <= options.passes(); pass++) {
          bench.pass(pass);
        }
        return CatchupReport.of(host, instances.source().version(), options, bench.runs);
      }
    }
  }

  private void pass(int pass) throws Exception {
    OnlineCopy stream = instances.copy();
    Backlog backlog = new Backlog(instances.source(), options.rows());
    instances.target().drop(data.names());
    new GatedCopy(stream, instances.target(), TABLE, GATE.name()).run();

    backlog.write(options.transactions(), 2L * pass);
    narrator.say("pass %d  backlog written in the middle of a copy".formatted(pass));
    apply(pass, CatchupReport.CATCH_UP, 4, CatchupReport.NATIVE_4);
    stream.awaitRunning();
    requireEqual();

    stream.stop();
    backlog.write(options.transactions(), 2L * pass + 1);
    narrator.say("pass %d  backlog written after the stream ran".formatted(pass));
    apply(pass, CatchupReport.RUNNING, 1, CatchupReport.NATIVE_1);
    requireEqual();
    stream.delete();
  }

  /** Lets both apply the backlog, in turns who comes first. */
  private void apply(int pass, String shunt, int workers, String nativeName) throws Exception {
    Position end = instances.source().position();
    instances.source().settle(false);
    if (pass % 2 == 1) {
      applyNative(pass, nativeName, workers, end);
      applyByShunt(pass, shunt, end);
    } else {
      applyByShunt(pass, shunt, end);
      applyNative(pass, nativeName, workers, end);
    }
  }

  private void applyNative(int pass, String name, int workers, Position end) throws Exception {
    replica.settle(true);
    replication.workers(workers);
    done(
        new Measurement(
            name,
            pass,
            new CpuClock(List.of(instances.source(), replica))
                .measure(() -> {
                  replication.start();
                  replication.await(end);
                })));
    replication.stop();
  }

  private void applyByShunt(int pass, String name, Position end) throws Exception {
    instances.target().settle(true);
    done(
        new Measurement(
            name,
            pass,
            new CpuClock(instances.probes())
                .measure(() -> {
                  instances.copy().start();
                  instances.copy().awaitPosition(end.encoded());
                })));
  }

  private void done(Measurement run) {
    narrator.say(run);
    runs.add(run);
  }

  private void requireEqual() {
    instances.copy().awaitCaughtUp();
    var wanted = instances.source().checksums(data.names());
    for (Instance each : List.of(replica, instances.target())) {
      if (!each.checksums(data.names()).equals(wanted)) {
        throw new IllegalStateException(
            "%s differs from its source: checksums %s instead of %s"
                .formatted(each.name(), each.checksums(data.names()), wanted));
      }
    }
  }
}
