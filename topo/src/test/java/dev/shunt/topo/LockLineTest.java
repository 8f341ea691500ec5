package dev.shunt.topo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who waits for a lock, how long, and when the holder is reported. */
class LockLineTest {
  private static final Duration OTHERS = Duration.ofSeconds(45);
  private static final Duration LINE = Duration.ofMinutes(10);

  private final ManualTime time = ManualTime.stopped();
  private final List<String> holders = new ArrayList<>();
  private final LockLine line =
      new LockLine(new LockWait(OTHERS, LINE, holder -> holders.add(holder.key())), time);

  private static LockHolder holder(String key, boolean ours) {
    return new LockHolder("keyspaces/customer", key, 7, "Reshard", "host", "ann", "noon", ours);
  }

  @Test
  void tellsOnceOfAHolderThatStaysForMoreThanAMoment() {
    line.heldBy(holder("a", false));
    assertThat(line.pause()).isEqualTo(Duration.ofSeconds(2));
    time.advance(Duration.ofSeconds(2).minusNanos(1));
    line.heldBy(holder("a", false));
    assertThat(holders).isEmpty();
    time.advance(Duration.ofNanos(1));
    line.heldBy(holder("a", false));
    line.heldBy(holder("a", false));
    assertThat(holders).containsExactly("a");
    assertThat(line.pause()).isEqualTo(OTHERS.minusSeconds(2));
  }

  @Test
  void waitsForEachHolderOfAnotherToolAnew() {
    line.heldBy(holder("a", false));
    time.advance(OTHERS.minusNanos(1));
    line.heldBy(holder("a", false));
    line.heldBy(holder("b", false));
    time.advance(OTHERS.minusNanos(1));
    line.heldBy(holder("b", false));
    time.advance(Duration.ofNanos(1));
    assertThatThrownBy(() -> line.heldBy(holder("b", false)))
        .isInstanceOf(TopoException.class)
        .hasMessageContaining("waited for 89999 ms");
  }

  @Test
  void waitsForOursAsLongAsTheLineMayLast() {
    time.advance(LINE.minusNanos(1));
    line.heldBy(holder("a", true));
    time.advance(Duration.ofNanos(1));
    assertThatThrownBy(() -> line.heldBy(holder("b", true)))
        .isInstanceOf(TopoException.class)
        .extracting(e -> ((TopoException) e).kind())
        .isEqualTo(TopoException.Kind.TIMEOUT);
  }
}
