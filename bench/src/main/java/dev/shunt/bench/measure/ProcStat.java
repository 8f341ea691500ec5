package dev.shunt.bench.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * CPU time of a process, as Linux tells it in {@code /proc/PID/stat} (proc(5)).
 *
 * @param ownTicks time of all its threads in user and kernel mode, in hundredths of a second
 * @param childTicks the same of those of its child processes that ended and were waited for
 */
public record ProcStat(long ownTicks, long childTicks) {
  /** Linux shows these times in this unit on every architecture (USER_HZ). */
  private static final double TICKS_PER_SECOND = 100;

  // Positions after the process's name, which stands in parentheses and may hold anything.
  private static final int USER = 11;
  private static final int SYSTEM = 12;
  private static final int CHILD_USER = 13;
  private static final int CHILD_SYSTEM = 14;

  /**
   * Reads the line of the file.
   *
   * @throws IllegalArgumentException when it is no such line
   */
  public static ProcStat parse(String line) {
    int name = line.lastIndexOf(')');
    String[] fields = line.substring(name + 1).trim().split(" ", -1);
    if (name < 0 || fields.length <= CHILD_SYSTEM) {
      throw new IllegalArgumentException("not a line of /proc/PID/stat: " + line);
    }
    return new ProcStat(
        Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]),
        Long.parseLong(fields[CHILD_USER]) + Long.parseLong(fields[CHILD_SYSTEM]));
  }

  /** Of a process that runs; UncheckedIOException when there is none, or no Linux. */
  public static ProcStat of(long pid) {
    try {
      return parse(Files.readString(Path.of("/proc", Long.toString(pid), "stat")));
    } catch (IOException e) {
      throw new UncheckedIOException("CPU time of process " + pid + " can't be read", e);
    }
  }

  /** CPU seconds of the process itself. */
  public double seconds() {
    return ownTicks / TICKS_PER_SECOND;
  }

  /** CPU seconds of its children that ended. */
  public double childSeconds() {
    return childTicks / TICKS_PER_SECOND;
  }
}
