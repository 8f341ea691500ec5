package dev.shunt.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Processes and threads are found with what they took. */
class ProcessTreeTest {
  @Test
  void findsAProcessAndWhatItStarted() throws IOException, InterruptedException {
    Process busy =
        new ProcessBuilder(
                "sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; read end")
            .start();
    try {
      ProcessHandle self = ProcessHandle.current();
      double seconds = 0;
      while (seconds == 0 && busy.isAlive()) {
        seconds = of(ProcessTree.cpuSeconds(self), busy.pid());
      }

      assertThat(seconds).isPositive();
      assertThat(of(ProcessTree.cpuSeconds(self), self.pid())).isPositive();
    } finally {
      busy.destroyForcibly().waitFor();
    }
  }

  @Test
  void findsThreadsByTheirNames() {
    assertThat(ProcessTree.threads(ProcessHandle.current().pid()).keySet())
        .extracting(ProcessTree.Member::name)
        .contains("Signal Dispatch");
  }

  @Test
  void readsTheMemoryOfAProcess() {
    assertThat(ResidentMemory.proportionalMegabytes(ProcessHandle.current().pid()))
        .isBetween(10.0, 10_000.0);
  }

  private static double of(Map<ProcessTree.Member, Double> seconds, long pid) {
    return seconds.entrySet().stream()
        .filter(entry -> entry.getKey().id() == pid)
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }
}
