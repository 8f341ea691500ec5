package dev.shunt.saga;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.saga.fake.Samples;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.TopoException;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

class RunFailuresTest {
  private static final String AGAIN =
      "WARN run ended without an outcome, to be run again until there is one ";
  private static final String OVER = "INFO run ended with an outcome after all ";

  private final RunFailures failures = new RunFailures();
  private final Task task = Samples.task("w", "c1");

  private static RunAgainException away(int port) {
    return new RunAgainException(
        "could not tell what to do",
        new TabletException(
            Status.Code.UNAVAILABLE, "no tablet at port " + port, new IllegalStateException()));
  }

  @Test
  void areLoggedOnceForEachReasonAndOnceWhenOver() {
    try (LogLines lines = new LogLines(RunFailures.class)) {
      failures.over(task);
      for (int port = 1; port < 10; port++) {
        failures.ended(task, away(port));
      }
      assertThat(lines.said()).containsExactly(AGAIN);
      failures.ended(Samples.task("other", "c2"), away(1));
      failures.ended(Samples.task("w", "c3"), away(1));
      assertThat(lines.said()).containsExactly(AGAIN, AGAIN, AGAIN);
      failures.over(task);
      failures.over(task);
      assertThat(lines.said()).containsExactly(AGAIN, AGAIN, AGAIN, OVER);
      assertThat(lines.traces()).isZero();
    }
  }

  @Test
  void haveATraceWhereNobodyKnowsWhatTheyMean() {
    try (LogLines lines = new LogLines(RunFailures.class)) {
      failures.ended(task, new IllegalStateException("odd"));
      failures.ended(task, new IllegalStateException("odd"));
      assertThat(lines.said()).containsExactly(AGAIN);
      assertThat(lines.traces()).isEqualTo(1);
    }
  }

  @Test
  void areLoggedElsewhereWhenTheTopologyIsAway() {
    try (LogLines lines = new LogLines(RunFailures.class)) {
      failures.ended(task, new TopoException(TopoException.Kind.UNAVAILABLE, "away"));
      assertThat(lines.said()).isEmpty();
    }
  }
}
