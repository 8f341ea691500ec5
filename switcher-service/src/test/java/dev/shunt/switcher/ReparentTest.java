package dev.shunt.switcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.fake.MemoryFolder;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.SwitchTraffic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A switch while another tablet becomes the primary of a shard, at any moment. */
class ReparentTest {
  private static final List<String> ONE = List.of("0");

  /** Not every call: a run that meets the old primary behind the decision waits for a while. */
  private static final int EVERY = 2;

  @TempDir(factory = MemoryFolder.class)
  Path folder;

  @ParameterizedTest
  @CsvSource({"customer, 0", "commerce, 3"})
  void endsOneWayOrTheOther(String keyspace, int first) throws Exception {
    int reparented = 0;
    int switched = 0;
    for (int n = first; n < 400; n += EVERY) {
      Moving moving = Moving.hurried(Files.createDirectory(folder.resolve("n" + n)), ONE, ONE);
      SagaTrial trial =
          new SagaTrial(
              moving.cluster, new SwitchPlanner(moving.cluster.cluster(), DifferenceGuard.NONE));
      int[] left = {n};
      moving.cluster.gate(call -> {
        if (left[0]-- == 0) {
          moving.cluster.reparent(keyspace, "0");
        }
      });
      String outcome =
          trial.outcome(
              new SwitchTraffic(
                  Samples.header("c1"),
                  List.of("PRIMARY", "REPLICA", "RDONLY"),
                  List.of(),
                  Direction.FORWARD,
                  30_000,
                  30_000,
                  true,
                  false,
                  false));
      boolean succeeded = outcome.startsWith("succeeded");
      assertThat(moving.bothWritable).isEmpty();
      assertThat(moving.open("customer", ONE))
          .as("reparented at call %d: %s, %s", n, outcome, trial.log.told())
          .isEqualTo(succeeded);
      assertThat(moving.open("commerce", ONE)).as("at call %d", n).isEqualTo(!succeeded);
      switched += succeeded ? 1 : 0;
      moving.cluster.close();
      if (left[0] >= 0) {
        assertThat(reparented).isGreaterThan(10);
        assertThat(switched).isGreaterThan(1);
        return;
      }
      reparented++;
    }
    throw new IllegalStateException("never went through");
  }
}
