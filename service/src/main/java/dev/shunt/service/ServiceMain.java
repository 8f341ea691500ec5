package dev.shunt.service;

import java.io.PrintStream;

/** Runs a service as a process: says when it is ready, stops it on SIGTERM and Ctrl-C. */
public final class ServiceMain {
  private ServiceMain() {}

  /**
   * Starts the service, prints one line of JSON with its name and endpoints when it is ready, and
   * returns when the process was asked to stop, be it while it started, and the service is closed.
   */
  public static void run(Service service, PrintStream out) {
    try (StopRequest stop = StopRequest.watch()) {
      try {
        service.start();
        out.println(service.readyLine());
        out.flush();
        stop.await();
      } catch (RuntimeException | Error failure) {
        if (!stop.beginClosing()) {
          closeAfter(failure, service);
          throw failure;
        }
      }
      boolean unused = stop.beginClosing();
      service.close();
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
