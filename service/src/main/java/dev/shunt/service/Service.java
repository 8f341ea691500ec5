package dev.shunt.service;

import java.util.Map;

/** A part of Shunt that runs until it is closed. */
public interface Service extends AutoCloseable {
  /** Short name, as in {@code shunt service NAME}. */
  String name();

  /** Starts it and returns when it is ready to work. */
  void start();

  /** Where it can be reached, by name; for instance {@code grpc} to {@code 127.0.0.1:15999}. */
  default Map<String, String> endpoints() {
    return Map.of();
  }

  /** The line that says that it is ready: one JSON object with its name and endpoints. */
  default String readyLine() {
    return ReadyLine.of(this);
  }

  /** Stops it; what it was doing goes on in another instance or at the next start. */
  @Override
  void close();
}
