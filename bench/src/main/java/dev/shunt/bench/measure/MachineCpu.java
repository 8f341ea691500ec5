package dev.shunt.bench.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * CPU time of the whole machine, as Linux tells it in {@code /proc/stat} (proc(5)).
 *
 * @param busyTicks time in which a processor did something, or another guest of the same host did,
 *     in hundredths of a second
 */
record MachineCpu(long busyTicks) {
  private static final double TICKS_PER_SECOND = 100;
  private static final int IDLE = 4;
  private static final int WAITING = 5;
  private static final int STOLEN = 8;

  static MachineCpu parse(String text) {
    String[] fields = text.lines().findFirst().orElse("").split(" +", -1);
    if (!fields[0].equals("cpu") || fields.length <= STOLEN) {
      throw new IllegalArgumentException("/proc/stat does not begin with the sum of all CPUs");
    }
    long busy = 0;
    for (int field = 1; field <= STOLEN; field++) {
      busy += field == IDLE || field == WAITING ? 0 : Long.parseLong(fields[field]);
    }
    return new MachineCpu(busy);
  }

  static MachineCpu now() {
    try {
      return parse(Files.readString(Path.of("/proc/stat")));
    } catch (IOException e) {
      throw new UncheckedIOException("CPU time of the machine can't be read", e);
    }
  }

  double seconds() {
    return busyTicks / TICKS_PER_SECOND;
  }
}
