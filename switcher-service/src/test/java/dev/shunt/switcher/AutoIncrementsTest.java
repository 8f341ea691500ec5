package dev.shunt.switcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.PrimaryControl;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.FailedException;
import dev.shunt.saga.fake.MemoryFolder;
import dev.shunt.tabletclient.Fence;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which counters of the targets are raised, to what, and what is done where somebody is in the way.
 */
class AutoIncrementsTest {
  private static final Fence FENCE = new Fence("customer/c2c", 1);

  @TempDir(factory = MemoryFolder.class)
  Path folder;

  /** How many attempts to raise a counter find its table used. */
  private int used;

  private final AtomicInteger tries = new AtomicInteger();
  private Moving moving;
  private AutoIncrements counters;

  @BeforeEach
  void begin() throws Exception {
    moving = new Moving(folder, List.of("-80", "80-"), List.of("-80", "80-"));
    Cluster cluster =
        new Cluster(
            moving.cluster.topo,
            moving.cluster,
            primary -> maybeUsed(moving.cluster.control(primary), primary),
            moving.cluster.time);
    WorkflowView view = cluster.requireWorkflow("customer", "c2c");
    counters =
        new AutoIncrements(
            cluster, view, new MovedTables(cluster, view), () -> Duration.ofSeconds(1));
  }

  private PrimaryControl maybeUsed(PrimaryControl real, ShardPrimary primary) {
    return (PrimaryControl)
        Proxy.newProxyInstance(
            PrimaryControl.class.getClassLoader(),
            new Class<?>[] {PrimaryControl.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("raiseNextId") && tries.incrementAndGet() <= used) {
                return false;
              }
              try {
                Object answer = method.invoke(real, arguments);
                return answer instanceof PrimaryControl next ? maybeUsed(next, primary) : answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private Map<String, Long> at(String keyspace, String shard) {
    return moving.cluster.tablet(keyspace, shard).autoIncrements;
  }

  @Test
  void theLargestOfTheSourcesCountsForEveryTarget() throws Exception {
    at("commerce", "-80").putAll(Map.of("corder", 5L, "customer", 40L));
    at("commerce", "80-").putAll(Map.of("corder", 9L));
    at("customer", "-80").putAll(Map.of("corder", 9L, "customer", 7L));
    at("customer", "80-").putAll(Map.of("corder", 8L));

    counters.readSources();

    assertThat(counters.match(FENCE)).isEqualTo("customer=40 corder=9");
    assertThat(at("customer", "-80")).isEqualTo(Map.of("corder", 9L, "customer", 40L));
    assertThat(at("customer", "80-")).isEqualTo(Map.of("corder", 9L));
    assertThat(counters.match(FENCE)).isEmpty();
  }

  /** What was raised once is never lowered, which would give ids out twice. */
  @ParameterizedTest
  @CsvSource({"5, 4, 5, corder=5", "5, 5, 5, ''", "5, 6, 6, ''", "1, 1, 1, ''"})
  void aCounterIsRaisedOnlyWhereItIsBehind(long source, long target, long after, String told)
      throws Exception {
    at("commerce", "-80").put("corder", source);
    at("customer", "80-").put("corder", target);

    counters.readSources();

    assertThat(counters.match(FENCE)).isEqualTo(told);
    assertThat(at("customer", "80-")).containsEntry("corder", after);
    assertThat(at("customer", "-80")).isEmpty();
  }

  @Test
  void withoutCountersOfTheSourcesNoTargetIsAsked() throws Exception {
    at("customer", "-80").put("corder", 7L);
    counters.readSources();
    moving.cluster.calls.clear();

    assertThat(counters.match(FENCE)).isEmpty();
    assertThat(moving.cluster.calls).isEmpty();
  }

  @Test
  void theSourcesAreReadFirst() {
    assertThatIllegalStateException()
        .isThrownBy(() -> counters.match(FENCE))
        .withMessage("the sources' counters are read first");
  }

  @Test
  void aTableThatIsUsedForAMomentIsTriedAgain() throws Exception {
    at("commerce", "-80").put("corder", 5L);
    at("customer", "-80").put("corder", 1L);
    used = 2;

    counters.readSources();

    assertThat(counters.match(FENCE)).isEqualTo("corder=5");
    assertThat(tries).hasValue(3);
  }

  @Test
  void aTableThatStaysUsedFailsTheSwitchAndIsNamed() throws Exception {
    at("commerce", "-80").put("corder", 5L);
    at("customer", "-80").put("corder", 1L);
    used = 3;

    counters.readSources();

    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(() -> counters.match(FENCE))
        .withMessage(
            "table corder on customer/-80, or one that refers to it, is used by an open"
                + " transaction, so that its AUTO_INCREMENT can't be raised to 5: end the"
                + " transaction and switch again");
    assertThat(tries).hasValue(3);
    assertThat(at("customer", "-80")).containsEntry("corder", 1L);
  }

  /** Ahead of the pause streams use the tables: what is left is raised in the pause. */
  @Test
  void aTableThatStaysUsedIsLeftOutAheadOfThePause() throws Exception {
    at("commerce", "-80").put("corder", 5L);
    at("customer", "-80").put("corder", 1L);
    used = 3;

    assertThat(counters.matchWhatIsFree(FENCE)).isEmpty();
    assertThat(counters.match(FENCE)).isEqualTo("corder=5");
  }
}
