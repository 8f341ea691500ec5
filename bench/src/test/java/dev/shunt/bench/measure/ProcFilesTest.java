package dev.shunt.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What Linux writes about processes is read as proc(5) describes it. */
class ProcFilesTest {
  @Test
  void findsTheTimesBehindAnyNameOfTheProcess() {
    String line =
        "4242 (a) b (c 1 2) S 1 4242 4242 0 -1 4194304 100 200 3 4 250 150 30 12 20 0 5 0 999 1 2";

    ProcStat stat = ProcStat.parse(line);

    assertThat(stat.seconds()).isEqualTo(4.0);
    assertThat(stat.childSeconds()).isEqualTo(0.42);
  }

  @Test
  void refusesWhatIsNoSuchLine() {
    assertThatThrownBy(() -> ProcStat.parse("4242 (cut off) S 1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ProcStat.parse("")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readsItsOwnProcess() {
    long own = ProcessHandle.current().pid();

    assertThat(ProcStat.of(own).seconds()).isPositive();
    assertThat(ResidentMemory.peakMegabytes(own)).isGreaterThan(10);
  }

  @Test
  void findsThePeakAmongTheOtherFigures() {
    String status = "Name:\tjava\nVmPeak:\t 900000 kB\nVmHWM:\t  204800 kB\nVmRSS:\t 100 kB\n";

    assertThat(ResidentMemory.peakMegabytes(status)).isEqualTo(200);
  }

  @Test
  void countsEverythingButWaitingAsBusy() {
    String stat = "cpu  100 20 30 99999 88888 5 5 40 7 7\ncpu0 1 1 1 1 1 1 1 1 1 1\n";

    assertThat(MachineCpu.parse(stat).seconds()).isEqualTo(2.0);
    assertThat(MachineCpu.now().seconds()).isPositive();
  }
}
