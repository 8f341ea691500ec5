package dev.shunt.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A service as a process that gets signals. */
class ServiceMainIT {
  private static final String STARTING = "starting";
  private static final String READY = "ready";
  private static final String CLOSED = "closed";

  /** Starts at once, or waits for ever: so that it can be interrupted, or not. */
  enum Start {
    QUICK,
    LONG,
    STUBBORN
  }

  private record Sample(Start how) implements Service {
    @Override
    public String name() {
      return "sample";
    }

    @Override
    public void start() {
      System.out.println(STARTING);
      CountDownLatch never = new CountDownLatch(1);
      while (how != Start.QUICK) {
        try {
          never.await();
        } catch (InterruptedException e) {
          if (how == Start.LONG) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while it started", e);
          }
        }
      }
    }

    @Override
    public String readyLine() {
      return READY;
    }

    @Override
    public void close() {
      System.out.println(Thread.currentThread().isInterrupted() ? "closed in a hurry" : CLOSED);
    }
  }

  static final class Main {
    public static void main(String[] arguments) {
      ServiceMain.run(new Sample(Start.valueOf(arguments[0])), System.out);
    }
  }

  private static Process start(Start how) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            how.name())
        .redirectErrorStream(true)
        .start();
  }

  /** Unlike SIGINT, SIGTERM is not ignored by what a shell runs in the background. */
  private static void terminate(Process process) throws Exception {
    var unused = new ProcessBuilder("kill", Long.toString(process.pid())).start().waitFor();
  }

  private static void ends(Process process) throws InterruptedException {
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("it goes on");
    }
  }

  @Test
  void closesWhatHasStarted() throws Exception {
    Process process = start(Start.QUICK);
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    assertThat(out.readLine()).isEqualTo(STARTING);
    assertThat(out.readLine()).isEqualTo(READY);

    terminate(process);

    ends(process);
    assertThat(out.lines()).containsExactly(CLOSED);
  }

  @Test
  void breaksOffAStartAndClosesWhatThereIs() throws Exception {
    Process process = start(Start.LONG);
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    assertThat(out.readLine()).isEqualTo(STARTING);

    terminate(process);

    ends(process);
    assertThat(out.lines()).containsExactly(CLOSED);
  }

  @Test
  void endsAtTheSecondSignalWhateverItDoes() throws Exception {
    Process process = start(Start.STUBBORN);
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    assertThat(out.readLine()).isEqualTo(STARTING);

    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    do { // the one that comes before the first has been heard is none
      terminate(process);
    } while (!process.waitFor(200, TimeUnit.MILLISECONDS) && System.nanoTime() < deadline);

    ends(process);
    assertThat(process.exitValue()).isEqualTo(StopRequest.EXIT_CODE);
    assertThat(out.lines()).isEmpty();
  }
}
