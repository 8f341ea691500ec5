package dev.shunt.tablet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Whether a port can be listened on. */
final class FreePort {
  /** A process that is being replaced has as long to end as one that holds an alias. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final long LOOK_AGAIN_MILLIS = 100;

  private FreePort() {}

  /**
   * Waits a while until a port is free.
   *
   * @param port port; 0 is always free
   * @throws UncheckedIOException when it is not
   */
  static void await(String host, int port, String tablet) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(host, port));
        return;
      } catch (IOException e) {
        if (System.nanoTime() - deadline > 0) {
          throw new UncheckedIOException("tablet " + tablet + " can't listen on port " + port, e);
        }
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
    }
  }
}
