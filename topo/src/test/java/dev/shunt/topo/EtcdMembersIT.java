package dev.shunt.topo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import dev.shunt.embedded.EtcdServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One of three members of etcd is of no use, and it is the one that is connected to. */
class EtcdMembersIT {
  /** A member that says nothing any more is found out by pings after 15 s. */
  private static final Duration LIMIT = Duration.ofSeconds(25);

  private final PeerRelay relay = new PeerRelay();
  private List<EtcdServer> members = List.of();

  @BeforeEach
  void start(@TempDir Path directory) {
    assumeTrue(EtcdServer.isAvailableOrRequired(), EtcdServer.HINT);
    members = EtcdServer.startCluster(directory, 3, relay::before);
  }

  @AfterEach
  void stop() throws IOException {
    members.forEach(EtcdServer::kill);
    relay.close();
  }

  private String endpoints() {
    return members.stream().map(EtcdServer::endpoint).collect(Collectors.joining(","));
  }

  @Test
  void anotherOneServesWhenItsProcessIsStopped() {
    try (EtcdAwayIT.Following following = new EtcdAwayIT.Following(endpoints())) {
      following.awaitCurrent();
      members.getFirst().pause();
      following.requireBack(LIMIT);

      try (Topo later = Topos.etcd(endpoints(), "/vitess/global")) {
        assertThat(later.keyspaces()).containsExactly("k");
      }
    }
  }

  @Test
  void anotherOneServesWhenItIsKilled() {
    try (EtcdAwayIT.LogTrap logs = new EtcdAwayIT.LogTrap();
        EtcdAwayIT.Following following = new EtcdAwayIT.Following(endpoints())) {
      following.awaitCurrent();
      members.getFirst().kill();
      following.requireBack(LIMIT);

      assertThat(logs.about(members.getFirst(), Level.WARN)).hasSize(1);
    }
  }

  @Test
  void anotherOneServesWhenItIsCutOffFromTheOthers() {
    try (EtcdAwayIT.Following following = new EtcdAwayIT.Following(endpoints())) {
      following.awaitCurrent();
      relay.cut(0);
      following.requireBack(LIMIT);

      try (Topo later = Topos.etcd(endpoints(), "/vitess/global")) {
        assertThat(later.keyspaces()).containsExactly("k");
      }
    }
  }
}
