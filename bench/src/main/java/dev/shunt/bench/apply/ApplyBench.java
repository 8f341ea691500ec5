package dev.shunt.bench.apply;

import dev.shunt.bench.data.DataSet;
import dev.shunt.bench.data.LoadFiles;
import dev.shunt.bench.measure.CpuClock;
import dev.shunt.bench.measure.Figures;
import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.Narrator;
import dev.shunt.bench.server.Instances;
import dev.shunt.bench.server.Loader;
import dev.shunt.bench.server.OnlineCopy;
import dev.shunt.bench.server.WorkFolder;
import dev.shunt.bench.server.Workers;
import dev.shunt.mysql.MysqlConnection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Writes to the source of a running stream at a steady rate and watches how far it is behind. */
public final class ApplyBench {
  private static final String TABLE = "sbtest1";
  private static final List<String> TABLES = List.of(TABLE, LagProbe.TABLE);

  private final ApplyOptions options;
  private final Instances instances;
  private final LagProbe probe;
  private final AtomicLong transactions = new AtomicLong();
  private volatile long lastWrite;

  private ApplyBench(ApplyOptions options, Instances instances) {
    this.options = options;
    this.instances = instances;
    this.probe = new LagProbe(instances.source(), instances.target());
  }

  /**
   * Does it.
   *
   * @throws IllegalStateException when the target differs at the end
   */
  public static ApplyReport run(ApplyOptions options, Narrator narrator) throws Exception {
    Host host = Host.now();
    DataSet data = new DataSet(List.of(DataSet.sysbench(TABLE, options.rows())));
    try (WorkFolder folder = WorkFolder.in(options.directory())) {
      narrator.say("writing the data set: %,d rows".formatted(data.rows()));
      LoadFiles files = LoadFiles.write(data, folder.resolve("files"));
      narrator.say("starting two database servers and two tablets");
      try (Instances instances = Instances.start(options.servers(), folder.path())) {
        narrator.say("filling the source and copying");
        new Loader(data, files, 2, true).load(instances.source());
        instances.source().run(LagProbe.create());
        OnlineCopy stream = instances.copy();
        stream.createTables(TABLES);
        stream.createStream(TABLES, true);
        stream.start();
        stream.awaitRunning();
        stream.awaitCaughtUp();
        narrator.say("writing for " + options.time().toSeconds() + " s");
        return new ApplyBench(options, instances).measure(host);
      }
    }
  }

  private ApplyReport measure(Host host) throws Exception {
    instances.source().settle(false);
    instances.target().settle(false);
    long began = System.nanoTime();
    Figures figures = new CpuClock(instances.probes()).measure(this::writeAndDrain);
    long ended = System.nanoTime();
    requireEqual();
    double writing = (lastWrite - began) / 1e9;
    double all = (ended - began) / 1e9;
    return new ApplyReport(
        "apply",
        host,
        instances.source().version(),
        options.servers().databaseSettings(),
        options.rows(),
        options.writers(),
        options.rate(),
        transactions.get(),
        tenths(transactions.get() / writing),
        tenths(transactions.get() / all),
        tenths(all - writing),
        Distribution.of(probe.lags()),
        figures);
  }

  private void writeAndDrain() throws Exception {
    Deadline end = Deadline.in(options.time());
    Workers.run(
        options.writers() + 2,
        worker -> {
          if (worker == options.writers()) {
            probe.count(end);
          } else if (worker > options.writers()) {
            probe.look(end);
          } else {
            write(worker, end);
          }
        });
    instances.copy().awaitCaughtUp();
  }

  private void write(int writer, Deadline end) throws InterruptedException {
    long began = System.nanoTime();
    long pause =
        options.rate() == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) * options.writers() / options.rate();
    try (MysqlConnection connection = instances.source().connect()) {
      Mix mix = new Mix(connection, options.rows(), writer, options.writers());
      for (long done = 0; !end.isOver(); done++) {
        mix.write();
        transactions.incrementAndGet();
        lastWrite = System.nanoTime();
        // Waits for its turn; a writer that is late writes at once until it is in time again.
        TimeUnit.NANOSECONDS.sleep(began + (done + 1) * pause - System.nanoTime());
      }
    }
  }

  private void requireEqual() {
    var wanted = instances.source().checksums(TABLES);
    var got = instances.target().checksums(TABLES);
    if (!got.equals(wanted)) {
      throw new IllegalStateException(
          "the target differs from its source: checksums %s instead of %s".formatted(got, wanted));
    }
  }

  private static double tenths(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
