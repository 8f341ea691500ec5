package dev.shunt.service;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Lets SIGTERM and Ctrl-C end in order what a thread does. The first one interrupts the thread,
 * whatever it waits for, and keeps the JVM until the thread has closed what it opened; one that
 * comes a second later or more ends the JVM at once. Before that it may be the same request: a
 * terminal tells all processes of a command, and these tell each other.
 */
public final class StopRequest implements AutoCloseable {
  /** Exit code of a process that Ctrl-C ended, as shells have it. */
  public static final int EXIT_CODE = 130;

  private static final long SAME_REQUEST_NANOS = 1_000_000_000L;

  private final Thread worker = Thread.currentThread();
  private final Thread hook = new Thread(this::stop, "shutdown");
  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private boolean closing;

  private StopRequest() {}

  /** Watches for signals, to interrupt this thread, until what is returned is closed. */
  public static StopRequest watch() {
    StopRequest request = new StopRequest();
    Runtime.getRuntime().addShutdownHook(request.hook);
    return request;
  }

  private void stop() {
    haltOnTheNext();
    requested.countDown();
    synchronized (this) {
      if (!closing) {
        worker.interrupt();
      }
    }
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until it comes. */
  public void await() {
    try {
      requested.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Begins to close what was opened: this thread is not interrupted any more.
   *
   * @return whether it was asked to stop
   */
  public synchronized boolean beginClosing() {
    closing = true;
    boolean interrupted = Thread.interrupted();
    return interrupted || requested.getCount() == 0;
  }

  /** All is closed: the JVM may end. */
  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // the JVM is ending
    }
  }

  /**
   * Nothing else hears of a signal while the JVM ends. By reflection: the compiler warns of these
   * classes, which can't be suppressed.
   */
  private static void haltOnTheNext() {
    long first = System.nanoTime();
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object halt =
          Proxy.newProxyInstance(
              StopRequest.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                if (System.nanoTime() - first > SAME_REQUEST_NANOS) {
                  Runtime.getRuntime().halt(EXIT_CODE);
                }
                return null;
              });
      Method handle = signal.getMethod("handle", signal, handler);
      for (String name : List.of("INT", "TERM")) {
        handle.invoke(null, signal.getConstructor(String.class).newInstance(name), halt);
      }
    } catch (ReflectiveOperationException _) {
      // a JVM that keeps signals to itself; there is still SIGKILL
    }
  }
}
