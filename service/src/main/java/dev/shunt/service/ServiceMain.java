package dev.shunt.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
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
      service.start();
      out.println(ready(service));
      out.flush();
      stopRequested.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      try {
        service.close();
      } finally {
        stopped.countDown();
      }
    }
  }

  private static String ready(Service service) {
    Map<String, String> line = new LinkedHashMap<>();
    line.put("service", service.name());
    line.put("state", "ready");
    line.putAll(service.endpoints());
    try {
      return new ObjectMapper().writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
