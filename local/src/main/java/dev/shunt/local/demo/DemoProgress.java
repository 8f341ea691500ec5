package dev.shunt.local.demo;

import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows a person what goes on: bars on a terminal, plain lines elsewhere. */
final class DemoProgress implements AutoCloseable {
  private final PrintStream out;
  private final boolean terminal;
  private final long began = System.nanoTime();
  private @Nullable ProgressBar bar;
  private String task = "";
  private long lastTenth = -1;

  DemoProgress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** A new chapter. */
  void say(String line) {
    endBar();
    out.printf(Locale.ROOT, "%6.1fs  %s%n", (System.nanoTime() - began) / 1e9, line);
    out.flush();
  }

  /** How far a task is. */
  void advance(String name, long done, long total) {
    if (!terminal) {
      long tenth = total == 0 ? 10 : Math.min(10, done * 10 / total);
      if (!task.equals(name) || tenth > lastTenth) {
        task = name;
        lastTenth = tenth;
        say("  %s: %,d of %,d".formatted(name, done, total));
      }
      return;
    }
    if (bar == null || !task.equals(name)) {
      endBar();
      task = name;
      bar =
          new ProgressBarBuilder()
              .setTaskName("         " + name)
              .setInitialMax(total)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(200)
              .build();
    }
    bar.maxHint(total);
    bar.stepTo(Math.min(done, total));
  }

  private void endBar() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  @Override
  public void close() {
    endBar();
  }
}
