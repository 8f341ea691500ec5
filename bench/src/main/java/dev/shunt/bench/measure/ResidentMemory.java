package dev.shunt.bench.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much memory a process holds, from {@code /proc/PID/smaps_rollup}, and held at most, from
 * {@code /proc/PID/status} (proc(5)).
 */
public final class ResidentMemory {
  private static final Logger log = LoggerFactory.getLogger(ResidentMemory.class);
  private static final String PEAK = "VmHWM:";
  private static final String PROPORTIONAL = "Pss:";
  private static final String RESET_PEAK = "5";

  private ResidentMemory() {}

  /** The most that was resident since the process began or since {@link #resetPeak}, in MB. */
  public static double peakMegabytes(long pid) {
    try {
      return peakMegabytes(Files.readString(file(pid, "status")));
    } catch (IOException e) {
      throw new UncheckedIOException("memory of process " + pid + " can't be read", e);
    }
  }

  static double peakMegabytes(String status) {
    return megabytes(status, PEAK);
  }

  /** What is resident now, in MB; of a page that n processes share an n-th. */
  public static double proportionalMegabytes(long pid) {
    try {
      return megabytes(Files.readString(file(pid, "smaps_rollup")), PROPORTIONAL);
    } catch (IOException e) {
      throw new UncheckedIOException("memory of process " + pid + " can't be read", e);
    }
  }

  private static double megabytes(String text, String field) {
    return text.lines()
        .filter(line -> line.startsWith(field))
        .map(line -> line.substring(field.length()).trim().split("\\s+", -1)[0])
        .mapToDouble(kilobytes -> Long.parseLong(kilobytes) / 1024.0)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no " + field + " in " + text));
  }

  /**
   * Lets the peak begin anew with what is resident now. Where the kernel does not allow that the
   * peak stays the one since the process began, which is no less.
   */
  public static void resetPeak(long pid) {
    try {
      Files.writeString(file(pid, "clear_refs"), RESET_PEAK);
    } catch (IOException e) {
      log.atDebug().addKeyValue("pid", pid).setCause(e).log("peak memory can't be reset");
    }
  }

  private static Path file(long pid, String name) {
    return Path.of("/proc", Long.toString(pid), name);
  }
}
