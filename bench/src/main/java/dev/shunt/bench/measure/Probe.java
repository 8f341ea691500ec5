package dev.shunt.bench.measure;

import java.util.Optional;

/** A process that is watched while something is measured. */
public interface Probe {
  /** What it is called in figures, for instance {@code target_db}. */
  String name();

  /** Its process id. */
  long pid();

  /** Lets the peak of its heap begin anew; nothing for a process without one. */
  default void resetHeapPeak() {}

  /**
   * The most heap that was in use since {@link #resetHeapPeak}, in MB, garbage included; empty for
   * a process that is no JVM, whose memory is not reported.
   */
  default Optional<Double> heapPeakMegabytes() {
    return Optional.empty();
  }
}
