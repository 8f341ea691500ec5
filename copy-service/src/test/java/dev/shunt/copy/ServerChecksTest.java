package dev.shunt.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.fake.FakeCluster;
import dev.shunt.saga.fake.FakeTablet;
import dev.shunt.saga.fake.MemoryFolder;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.tabletclient.ServerFinding;
import dev.shunt.time.Time;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tablets find on their servers decides whether a workflow is created. */
class ServerChecksTest {
  @TempDir(factory = MemoryFolder.class)
  Path folder;

  private FakeCluster cluster;
  private FakeTablet source;
  private FakeTablet target;
  private SagaTrial trial;

  @BeforeEach
  void setUp() {
    cluster = new FakeCluster(folder);
    cluster.keyspace("commerce", "0");
    cluster.keyspace("customer", "0");
    source = cluster.tablet("commerce", "0");
    target = cluster.tablet("customer", "0");
    for (String table : List.of("corder", "customer")) {
      source.tables.put(table, "CREATE TABLE `" + table + "` (\n  `id` int\n)");
    }
    trial =
        new SagaTrial(
            cluster,
            new CopyPlanner(
                cluster.cluster(), task -> Optional.empty(), DifferenceGuard.NONE, Time.system()));
  }

  @AfterEach
  void tearDown() {
    cluster.close();
  }

  private static ServerFinding finding(String id, boolean refuses, String found) {
    return new ServerFinding(id, refuses, "", found, "it matters", "ALTER TABLE x");
  }

  @Test
  void refusesWhatTheSourceRefusesAndChangesNothing() {
    source.findings.add(finding("engine", true, "the table corder has the engine MyISAM"));
    assertThat(trial.outcome(Samples.create("c1", "customer", "corder")))
        .contains("FAILED_PRECONDITION")
        .contains("source shard 0: the table corder has the engine MyISAM: it matters [ALTER");
    assertThat(target.tables).isEmpty();
    assertThat(target.streams("c2c")).isEmpty();
    assertThat(source.checks).containsExactly("source [customer, corder] []");
  }

  @Test
  void refusesWhatTheTargetRefuses() {
    target.findings.add(finding("read-only", true, "read_only is ON"));
    assertThat(trial.outcome(Samples.create("c1", "customer", "corder")))
        .contains("FAILED_PRECONDITION target shard 0: read_only is ON");
    assertThat(target.tables).isEmpty();
    assertThat(target.checks).containsExactly("target [corder, customer] []");
  }

  @Test
  void tellsWhatStaysBehindAndWhatServersShouldBeMade() {
    source.findings.add(finding("stays-behind", false, "view seen"));
    source.findings.add(finding("computed-by-session", false, "column day of corder"));
    target.findings.add(finding("gtid-strict", false, "gtid_strict_mode is OFF"));
    assertThat(trial.outcome(Samples.create("c1", "customer", "corder")))
        .startsWith("succeeded")
        .contains(
            "view seen (it matters)",
            "column day of corder (it matters)",
            "gtid-strict of the target");
    assertThat(target.streams("c2c")).hasSize(1);
  }

  @Test
  void passesOverAStockTabletAndSaysSo() {
    source.stock = true;
    assertThat(trial.outcome(Samples.create("c1", "customer", "corder")))
        .startsWith("succeeded")
        .contains("was not checked, as its tablet is a stock vttablet");
  }
}
