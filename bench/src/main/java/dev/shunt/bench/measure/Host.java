package dev.shunt.bench.measure;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Where and when figures were taken.
 *
 * @param cores processors that the JVM sees
 * @param java version of the JVM
 * @param system operating system and its version
 * @param began when the benchmark began, UTC
 */
public record Host(int cores, String java, String system, String began) {
  /** This machine, now. */
  public static Host now() {
    return new Host(
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.vm.version"),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }
}
