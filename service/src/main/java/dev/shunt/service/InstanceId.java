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

  /** Whether an instance so named runs in the process with this id. */
  public static boolean isOf(String instance, long pid) {
    String[] parts = instance.split("-", -1);
    return parts.length >= 3 && parts[parts.length - 2].equals(Long.toString(pid));
  }
}
