package dev.shunt.cli.processes;

import dev.shunt.service.Service;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/** A service and what was opened for it; closes the service first, then the rest, once. */
final class OwnedService implements Service {
  private final Service service;
  private final Deque<AutoCloseable> parts;
  private boolean closed;

  OwnedService(Service service, Deque<AutoCloseable> parts) {
    this.service = service;
    this.parts = new ArrayDeque<>(parts);
  }

  @Override
  public String name() {
    return service.name();
  }

  @Override
  public void start() {
    service.start();
  }

  @Override
  public Map<String, String> endpoints() {
    return service.endpoints();
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      service.close();
    } finally {
      while (!parts.isEmpty()) {
        close(parts.pop());
      }
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      throw new IllegalStateException("could not close " + part, e);
    }
  }
}
