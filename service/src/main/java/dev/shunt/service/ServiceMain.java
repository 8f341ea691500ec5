package dev.shunt.service;

import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;

/** Runs a service as a process: says when it is ready, stops it on SIGTERM and Ctrl-C. */
public final class ServiceMain {
  private ServiceMain() {}

  /**
   * Starts the service, prints one line of JSON with its name and endpoints when it is ready, and
   * returns when the process was asked to stop and the service is closed.
   */
  public static void run(Service service, PrintStream out) {
    CountDownLatch stopRequested = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              stopRequested.countDown();
              try {
                stopped.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      serve(service, out, stopRequested);
      service.close();
    } catch (RuntimeException | Error failure) {
      closeAfter(failure, service);
      throw failure;
    } finally {
      stopped.countDown();
    }
  }

  private static void serve(Service service, PrintStream out, CountDownLatch stopRequested) {
    service.start();
    out.println(service.readyLine());
    out.flush();
    try {
      stopRequested.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a service that did not start can't close must not hide why it did not start. */
  private static void closeAfter(Throwable failure, Service service) {
    try {
      service.close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
