package dev.shunt.cli.vtctld;

import java.io.PrintWriter;
import java.time.Duration;

/**
 * Says on the error stream why the command of a verb has not ended: while the verb waits what it
 * waits for, as soon as that has lasted for a moment; and when the process is ended (Ctrl-C) in the
 * middle of a call what becomes of the command, and how to take it back.
 */
final class CommandNotes implements AutoCloseable {
  private static final Duration FIRST = Duration.ofSeconds(2);
  private static final Duration EVERY = Duration.ofSeconds(1);

  private static final String UNKNOWN =
      "A command that was sent goes on, or waits and is begun within --action-timeout: `shunt"
          + " commands list` shows it, `shunt commands cancel ID` takes it back while it waits,"
          + " `shunt commands abandon ID` ends it when it can't go on";

  private final Vtctld vtctld;
  private final PrintWriter err;
  private final Thread printer = Thread.ofVirtual().name("command-notes").unstarted(this::print);
  private final Thread hook = new Thread(this::interrupted);

  CommandNotes(Vtctld vtctld, PrintWriter err) {
    this.vtctld = vtctld;
    this.err = err;
    printer.start();
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void print() {
    String last = "";
    String printed = "";
    try {
      Thread.sleep(FIRST);
      while (true) {
        String now = firstLine(vtctld.describe(EVERY));
        // What has changed by the next look holds nobody up.
        if (!now.isEmpty() && now.equals(last) && !now.equals(printed)) {
          say(now);
          printed = now;
        }
        last = now;
        Thread.sleep(EVERY);
      }
    } catch (InterruptedException e) {
      // The call has ended.
    }
  }

  private void interrupted() {
    String known = vtctld.describe(EVERY);
    int end = known.indexOf('\n');
    say(
        "stopped waiting. "
            + (end < 0 ? UNKNOWN : known.substring(0, end) + ". " + known.substring(end + 1)));
  }

  private void say(String text) {
    err.println("shunt: " + text);
    err.flush();
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }

  @Override
  public void close() {
    printer.interrupt();
    try {
      var unused = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already.
    }
  }
}
