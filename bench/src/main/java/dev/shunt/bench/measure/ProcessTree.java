package dev.shunt.bench.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** CPU time of a process with all that it started, and of its threads. */
public final class ProcessTree {
  /**
   * A process or a thread.
   *
   * @param id its number
   * @param name what the kernel calls it: the first 15 characters of the program's or thread's name
   */
  public record Member(long id, String name) {}

  private ProcessTree() {}

  /** CPU seconds of a process and of its descendants, as far as they run. */
  public static Map<Member, Double> cpuSeconds(ProcessHandle root) {
    List<Path> folders =
        Stream.concat(Stream.of(root), root.descendants())
            .map(process -> Path.of("/proc", Long.toString(process.pid())))
            .toList();
    return cpuSeconds(folders);
  }

  /** CPU seconds of the threads of a process; UncheckedIOException when it has ended. */
  public static Map<Member, Double> threads(long pid) {
    try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      return cpuSeconds(tasks.toList());
    } catch (IOException e) {
      throw new UncheckedIOException("threads of process " + pid + " can't be read", e);
    }
  }

  private static Map<Member, Double> cpuSeconds(List<Path> folders) {
    Map<Member, Double> seconds = new HashMap<>();
    for (Path folder : folders) {
      try {
        String name = Files.readString(folder.resolve("comm")).strip();
        ProcStat stat = ProcStat.parse(Files.readString(folder.resolve("stat")));
        seconds.put(
            new Member(Long.parseLong(folder.getFileName().toString()), name), stat.seconds());
      } catch (NoSuchFileException _) {
        // it ended
      } catch (IOException e) {
        throw new UncheckedIOException("CPU time can't be read from " + folder, e);
      }
    }
    return seconds;
  }
}
