package dev.shunt.local;

/** Starts clusters on this machine. */
public final class Clusters {
  private Clusters() {}

  /** Everything in this JVM but the database servers. */
  public static Cluster oneJvm(ClusterOptions options) {
    return OneJvm.start(options);
  }
}
