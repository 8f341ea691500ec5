package dev.shunt.saga.fake;

import dev.shunt.cluster.Cluster;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** The fake keeps the promises of tablets. */
class FakeControlTest extends ControlConformance {
  @TempDir Path folder;
  private FakeCluster cluster;

  @Override
  protected Cluster cluster() {
    cluster = new FakeCluster(folder);
    cluster.keyspace("commerce", "0");
    cluster.keyspace("customer", "0");
    cluster.tablet("customer", "0").shareJournals(cluster.tablet("commerce", "0"));
    return cluster.cluster();
  }

  @Override
  protected void write() {
    cluster.tablet("commerce", "0").position++;
  }

  @AfterEach
  void close() {
    cluster.close();
  }
}
