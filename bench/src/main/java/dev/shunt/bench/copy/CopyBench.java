package dev.shunt.bench.copy;

import dev.shunt.bench.data.DataSet;
import dev.shunt.bench.data.LoadFiles;
import dev.shunt.bench.data.Table;
import dev.shunt.bench.measure.CpuClock;
import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.Measurement;
import dev.shunt.bench.measure.Narrator;
import dev.shunt.bench.server.Instances;
import dev.shunt.bench.server.Loader;
import dev.shunt.bench.server.OnlineCopy;
import dev.shunt.bench.server.WorkFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Copies the data set from server to server in every way, several times, and compares. A pass
 * measures each way once; every second pass in the opposite order.
 */
public final class CopyBench {
  private final CopyOptions options;
  private final Narrator narrator;
  private final DataSet data;
  private final List<Measurement> runs = new ArrayList<>();
  private final Map<String, String> notMeasured = new LinkedHashMap<>();

  private CopyBench(CopyOptions options, Narrator narrator) {
    this.options = options;
    this.narrator = narrator;
    this.data = options.data();
  }

  /**
   * Does it.
   *
   * @throws IllegalStateException when a copy differs from its source, or Shunt or LOAD DATA fails
   */
  public static CopyReport run(CopyOptions options, Narrator narrator) throws Exception {
    return new CopyBench(options, narrator).run();
  }

  private CopyReport run() throws Exception {
    Host host = Host.now();
    try (WorkFolder folder = WorkFolder.in(options.directory())) {
      narrator.say("writing the data set: %,d rows".formatted(data.rows()));
      LoadFiles files = LoadFiles.write(data, folder.resolve("files"));
      narrator.say("starting two database servers and two tablets");
      try (Instances instances = Instances.start(options.servers(), folder.path())) {
        narrator.say("filling the source with %,d MB".formatted(files.bytes() / 1_000_000));
        new Loader(data, files, 2, true).load(instances.source());
        List<CopyWay> ways = ways(instances, files, folder);
        if (ways.stream().anyMatch(CopyWay::usesTablets)) {
          narrator.say("copying a tenth of a table, so that the tablets' code is compiled");
          warmUp(instances);
        }
        passes(instances, ways);
        Map<String, Long> tables = new LinkedHashMap<>();
        data.tables().forEach(table -> tables.put(table.name(), table.rows()));
        return CopyReport.of(
            new CopyReport.Subject(
                host,
                instances.source().version(),
                options.servers().databaseSettings(),
                tables,
                files.bytes(),
                options.passes()),
            runs,
            notMeasured);
      }
    }
  }

  /** Tablets run for long: what their first rows cost once is no part of what a copy costs. */
  private void warmUp(Instances instances) throws InterruptedException {
    Table large = data.tables().getFirst();
    List<String> tables = List.of("warm_up");
    instances
        .source()
        .run(
            List.of(
                "CREATE TABLE warm_up LIKE " + large.name(),
                "INSERT INTO warm_up SELECT * FROM %s LIMIT %d"
                    .formatted(large.name(), large.rows() / 10)));
    OnlineCopy copy = instances.copy();
    copy.createTables(tables);
    copy.createStream(tables, true);
    copy.start();
    copy.awaitRunning();
    copy.awaitCaughtUp();
    copy.delete();
    instances.source().drop(tables);
    instances.target().drop(tables);
  }

  private List<CopyWay> ways(Instances instances, LoadFiles files, WorkFolder folder)
      throws IOException {
    ClientPrograms programs = new ClientPrograms(folder.path());
    List<CopyWay> ways = new ArrayList<>();
    for (int streams = 1; streams <= 2; streams++) {
      ways.add(new LoadData(instances.target(), new Loader(data, files, streams, false)));
      ways.add(new LoadData(instances.target(), new Loader(data, files, streams, true)));
    }
    add(
        ways,
        options.servers().engine().dump(),
        DumpPipe.of(options.servers().engine(), instances, data, programs));
    add(ways, "mydumper", MyDumper.of(instances, folder.resolve("mydumper"), programs));
    ways.add(new ShuntCopy(instances.copy(), data));
    return ways.stream().filter(way -> options.wants(way.name())).toList();
  }

  private void add(List<CopyWay> ways, String name, Optional<CopyWay> way) {
    way.ifPresentOrElse(ways::add, () -> notMeasured.put(name, "it is not installed"));
  }

  private void passes(Instances instances, List<CopyWay> ways) throws Exception {
    SortedMap<String, String> wanted = instances.source().checksums(data.names());
    for (int pass = 1; pass <= options.passes(); pass++) {
      for (CopyWay way : pass % 2 == 1 ? ways : ways.reversed()) {
        if (!notMeasured.containsKey(way.name())) {
          measure(instances, way, pass, wanted);
        }
      }
    }
  }

  private void measure(Instances instances, CopyWay way, int pass, SortedMap<String, String> wanted)
      throws Exception {
    instances.target().drop(data.tables().reversed().stream().map(Table::name).toList());
    instances.source().settle(false);
    instances.target().settle(true);
    try {
      CpuClock clock = new CpuClock(way.usesTablets() ? instances.probes() : instances.databases());
      Measurement run = new Measurement(way.name(), pass, clock.measure(way::copy));
      requireEqual(way, wanted, instances.target().checksums(data.names()));
      narrator.say(run);
      runs.add(run);
    } catch (ForeignFailureException e) {
      narrator.say("not measured: " + e.getMessage());
      notMeasured.put(way.name(), String.valueOf(e.getMessage()));
      runs.removeIf(run -> run.way().equals(way.name()));
    } finally {
      way.cleanUp();
    }
  }

  private static void requireEqual(
      CopyWay way, SortedMap<String, String> wanted, SortedMap<String, String> got) {
    if (got.equals(wanted)) {
      return;
    }
    String message =
        "%s did not copy what is there: checksums %s instead of %s"
            .formatted(way.name(), got, wanted);
    throw way.foreign() ? new ForeignFailureException(message) : new IllegalStateException(message);
  }
}
