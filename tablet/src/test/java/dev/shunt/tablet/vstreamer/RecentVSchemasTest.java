package dev.shunt.tablet.vstreamer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.sql.Condition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import vschema.Vschema;

class RecentVSchemasTest {
  private static final Vschema.SrvVSchema KNOWN =
      Vschema.SrvVSchema.newBuilder()
          .putKeyspaces("commerce", Vschema.Keyspace.getDefaultInstance())
          .build();

  @Test
  void letNobodyWaitForATopologyThatDoesNotAnswer() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    RecentVSchemas recent =
        new RecentVSchemas(() -> {
          asked.incrementAndGet();
          try {
            answer.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return KNOWN;
        });

    assertThat(recent.get()).isNull();
    assertThat(recent.get()).isNull();
    answer.countDown();

    Awaitility.await().until(() -> KNOWN.equals(recent.get()));
    assertThat(asked).hasValue(1);
  }

  @Test
  void withoutTheKeyspaceTellNoPlacement() {
    Condition range = new Condition.InKeyRange(List.of(), Optional.empty(), KeyRange.parse("-80"));
    CollatedOrder unused =
        new CollatedOrder(new MysqlEndpoint("localhost", 1, "u", Password.of("p"), null));
    AtomicInteger asked = new AtomicInteger();
    RowFilters lost =
        new RowFilters(
            "commerce",
            () -> {
              asked.incrementAndGet();
              return Vschema.SrvVSchema.getDefaultInstance();
            },
            unused);
    RowFilters known = new RowFilters("commerce", () -> KNOWN, unused);

    Awaitility.await().until(() -> known.recentPlacement("t", List.of(range)).isPresent());
    Awaitility.await()
        .during(Duration.ofMillis(300))
        .until(() -> lost.recentPlacement("t", List.of(range)).isEmpty());
    assertThat(asked).hasPositiveValue();
  }
}
