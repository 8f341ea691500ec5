package dev.shunt.bench.copy;

import dev.shunt.bench.data.DataSet;
import dev.shunt.bench.server.BenchEngine;
import dev.shunt.bench.server.Instance;
import dev.shunt.bench.server.Instances;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code mysqldump | mysql}, or MariaDB's of the same kind. */
final class DumpPipe implements CopyWay {
  private final String name;
  private final ClientPrograms programs;
  private final List<String> dump;
  private final List<String> load;

  private DumpPipe(String name, ClientPrograms programs, List<String> dump, List<String> load) {
    this.name = name;
    this.programs = programs;
    this.dump = dump;
    this.load = load;
  }

  /** Empty when one of the programs is not installed. */
  static Optional<CopyWay> of(
      BenchEngine engine, Instances instances, DataSet data, ClientPrograms programs)
      throws IOException {
    Instance source = instances.source();
    Instance target = instances.target();
    Optional<Path> dumper = source.server().program(engine.dump());
    Optional<Path> client = target.server().program(engine.client());
    if (dumper.isEmpty() || client.isEmpty()) {
      return Optional.empty();
    }
    List<String> dump = new ArrayList<>();
    dump.add(dumper.get().toString());
    dump.add("--defaults-file=" + programs.optionFile(engine, source));
    dump.addAll(List.of("--single-transaction", "--quick", "--no-tablespaces"));
    dump.addAll(engine.dumpOptions());
    dump.add(source.database());
    dump.addAll(data.names());
    List<String> load =
        List.of(
            client.get().toString(),
            "--defaults-file=" + programs.optionFile(engine, target),
            target.database());
    return Optional.of(new DumpPipe(engine.dump() + "_" + engine.client(), programs, dump, load));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean foreign() {
    return true;
  }

  @Override
  public void copy() throws IOException, InterruptedException {
    programs.pipe(name, List.of(new ProcessBuilder(dump), new ProcessBuilder(load)));
  }
}
