package dev.shunt.bench.measure;

import java.io.PrintStream;
import java.util.Locale;

/** Tells a person what goes on, a line a step, with the time since it began. */
public final class Narrator {
  private final PrintStream out;
  private final long began = System.nanoTime();

  /** Tells it there. */
  public Narrator(PrintStream out) {
    this.out = out;
  }

  /** Something begins or is done. */
  public void say(String line) {
    out.printf(Locale.ROOT, "%6.1fs  %s%n", (System.nanoTime() - began) / 1e9, line);
    out.flush();
  }

  /** A run is over. */
  public void say(Measurement run) {
    say(
        String.format(
            Locale.ROOT,
            "pass %d  %-26s %7.2f s, CPU %.1f s",
            run.pass(),
            run.way(),
            run.figures().wallSeconds(),
            run.figures().totalCpuSeconds()));
  }

  /** Text as it is. */
  public void print(String text) {
    out.print(text);
    out.flush();
  }
}
