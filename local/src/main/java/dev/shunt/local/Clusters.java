package dev.shunt.local;

/** Starts clusters on this machine. */
public final class Clusters {
  private Clusters() {}

  /** Everything in this JVM but the database servers. */
  public static LocalCluster oneJvm(ClusterOptions options) {
    return OneJvm.start(options);
  }

  /**
   * Every part as a process of its own, each service twice: Kafka, etcd, a schema registry, and the
   * tablets beside them. Runs only where the class path of this JVM has the {@code shunt} command.
   */
  public static LocalCluster processes(ClusterOptions options) {
    return Processes.start(options);
  }
}
