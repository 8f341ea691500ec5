package dev.shunt.service;

import java.util.concurrent.ThreadLocalRandom;

/** Names a running instance of a service. */
public final class InstanceId {
  private InstanceId() {}

  /** A name that no other instance has: service, process id and a random part. */
  public static String next(String service) {
    return "%s-%d-%04x"
        .formatted(
            service, ProcessHandle.current().pid(), ThreadLocalRandom.current().nextInt(0x10000));
  }
}
