package dev.shunt.bench.copy;

import dev.shunt.bench.server.Instance;
import dev.shunt.bench.server.Instances;
import dev.shunt.embedded.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** mydumper of the whole database into files, then myloader, with two threads each. */
final class MyDumper implements CopyWay {
  private static final String NAME = "mydumper_myloader";
  private static final int THREADS = 2;
  private static final int ROWS_A_FILE = 50_000;

  private final ClientPrograms programs;
  private final Path folder;
  private final List<String> dump;
  private final List<String> load;

  private MyDumper(ClientPrograms programs, Path folder, List<String> dump, List<String> load) {
    this.programs = programs;
    this.folder = folder;
    this.dump = dump;
    this.load = load;
  }

  /** Empty when it is not installed; deploy/tools/get-mydumper.sh fetches it. */
  static Optional<CopyWay> of(Instances instances, Path folder, ClientPrograms programs) {
    Optional<Path> dumper = Tools.program("mydumper", "mydumper");
    Optional<Path> loader = Tools.program("mydumper", "myloader");
    if (dumper.isEmpty() || loader.isEmpty()) {
      return Optional.empty();
    }
    String source = instances.source().database();
    List<String> dump = new ArrayList<>(account(dumper.get(), instances.source()));
    dump.addAll(List.of("--database=" + source, "--rows=" + ROWS_A_FILE, "--outputdir=" + folder));
    List<String> load = new ArrayList<>(account(loader.get(), instances.target()));
    load.addAll(
        List.of(
            "--source-db=" + source,
            "--database=" + instances.target().database(),
            "--enable-binlog",
            "--directory=" + folder));
    return Optional.of(new MyDumper(programs, folder, dump, load));
  }

  private static List<String> account(Path program, Instance instance) {
    List<String> account = new ArrayList<>();
    account.add(program.toString());
    @Nullable String socket = instance.socket();
    if (socket != null) {
      account.add("--socket=" + socket);
    } else {
      account.add("--host=" + instance.server().host());
      account.add("--port=" + instance.server().port());
    }
    account.add("--user=" + instance.server().user());
    account.add("--password=" + instance.server().password());
    account.add("--threads=" + THREADS);
    return account;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean foreign() {
    return true;
  }

  @Override
  public void copy() throws IOException, InterruptedException {
    programs.pipe("mydumper", List.of(new ProcessBuilder(dump)));
    programs.pipe("myloader", List.of(new ProcessBuilder(load)));
  }

  @Override
  public void cleanUp() {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't remove " + folder, e);
    }
  }
}
