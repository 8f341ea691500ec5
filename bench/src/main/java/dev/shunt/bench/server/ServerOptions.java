package dev.shunt.bench.server;

import java.util.ArrayList;
import java.util.List;

/**
 * How servers and tablets are set up.
 *
 * @param engine which database servers
 * @param bufferPool InnoDB buffer pool of each server, in MB
 * @param tabletHeap largest heap of each tablet, in MB
 * @param tabletJavaOptions further options of the tablets' JVMs; they win
 */
public record ServerOptions(
    BenchEngine engine, int bufferPool, int tabletHeap, List<String> tabletJavaOptions) {
  /** As the trials in docs/performance.md had it. */
  public static final int BUFFER_POOL = 512;

  /** Leaves room for the rest of the JVM below 1 GiB. */
  public static final int TABLET_HEAP = 640;

  public ServerOptions {
    tabletJavaOptions = List.copyOf(tabletJavaOptions);
    if (bufferPool < 5) {
      throw new IllegalArgumentException("the buffer pool must be at least 5 MB: " + bufferPool);
    }
    if (tabletHeap < 64) {
      throw new IllegalArgumentException("the tablet's heap must be at least 64 MB: " + tabletHeap);
    }
  }

  /** Server arguments beside those that every embedded server has. */
  public List<String> databaseSettings() {
    return engine.settings(bufferPool);
  }

  List<String> javaOptions() {
    List<String> all = new ArrayList<>();
    all.add("-Xmx" + tabletHeap + "m");
    // As ./shunt service starts one.
    all.add("-XX:+UseParallelGC");
    all.add("-XX:TieredStopAtLevel=1");
    all.addAll(tabletJavaOptions);
    return all;
  }
}
