package dev.shunt.cli.render;

import java.io.Console;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar on the error stream while somebody waits at a terminal; nothing where none looks. */
public final class TerminalProgress implements AutoCloseable {
  private final @Nullable ProgressBar bar;

  private TerminalProgress(@Nullable ProgressBar bar) {
    this.bar = bar;
  }

  /** A bar from 0 to 100 when standard output is a terminal, else an invisible one. */
  public static TerminalProgress onTerminal(String task) {
    boolean terminal = Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    return new TerminalProgress(
        terminal
            ? new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(100)
                .setStyle(ProgressBarStyle.ASCII)
                .clearDisplayOnFinish()
                .build()
            : null);
  }

  /** Whether anybody sees it. */
  public boolean visible() {
    return bar != null;
  }

  /** Moves the bar. */
  public void at(double percentage) {
    if (bar != null) {
      bar.stepTo((long) percentage);
    }
  }

  @Override
  public void close() {
    end();
  }

  /** Takes the bar away; does nothing the second time. */
  public void end() {
    if (bar != null) {
      bar.close();
    }
  }
}
