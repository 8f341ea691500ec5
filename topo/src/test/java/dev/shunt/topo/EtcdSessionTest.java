package dev.shunt.topo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.time.ManualTime;
import dev.shunt.time.Time;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Nothing listens at these addresses: the answers are the test's. */
class EtcdSessionTest {
  private static final List<String> ONE = List.of("http://127.0.0.1:1");
  private static final List<String> TWO = List.of("http://127.0.0.1:1", "http://127.0.0.1:2");

  private final List<CompletableFuture<String>> asked = new ArrayList<>();

  private static EtcdSession session(List<String> endpoints) {
    return new EtcdSession(endpoints, ManualTime.skipping());
  }

  /** Answers come in this order to what is asked; for an empty one none comes. */
  private Supplier<CompletableFuture<String>> answering(List<String> answers) {
    return () -> {
      CompletableFuture<String> call = new CompletableFuture<>();
      String answer = asked.size() < answers.size() ? answers.get(asked.size()) : "";
      if (!answer.isEmpty()) {
        call.complete(answer);
      }
      asked.add(call);
      return call;
    };
  }

  @Test
  void asksOnceWhereThatIsAnswered() {
    try (EtcdSession session = session(TWO)) {
      assertThat(session.read(answering(List.of("first", "second")), "get k")).isEqualTo("first");
    }
    assertThat(asked).hasSize(1);
  }

  @Test
  void readsFromAnotherMemberWhatOneDoesNotAnswer() {
    try (EtcdSession session = session(TWO)) {
      assertThat(session.read(answering(List.of("", "second")), "get k")).isEqualTo("second");
    }
    assertThat(asked).hasSize(2);
    assertThat(asked.getFirst()).isCancelled();
  }

  @Test
  void saysWhatNoMemberAnswersAndAsksNoLonger() {
    try (EtcdSession session = session(TWO)) {
      assertThatThrownBy(() -> session.read(answering(List.of()), "get k"))
          .isInstanceOf(TopoException.class)
          .hasMessage("etcd did not answer within 10 s: get k");
    }
    assertThat(asked).hasSize(2).allMatch(CompletableFuture::isCancelled);
  }

  @Test
  void asksASingleMemberOnce() {
    try (EtcdSession session = session(ONE)) {
      assertThatThrownBy(() -> session.read(answering(List.of("", "second")), "get k"))
          .isInstanceOf(TopoException.class)
          .hasMessage("etcd did not answer within 10 s: get k");
    }
    assertThat(asked).hasSize(1);
  }

  @Test
  void takesTheAnswerOfASlowMemberWhereAnotherOneFails() {
    CompletableFuture<String> slow = new CompletableFuture<>();
    Supplier<CompletableFuture<String>> read =
        () -> {
          asked.add(slow);
          if (asked.size() == 1) {
            return slow;
          }
          Thread.ofVirtual().start(() -> slow.complete("slow"));
          return CompletableFuture.failedFuture(new IllegalStateException("no leader"));
        };
    try (EtcdSession session = new EtcdSession(TWO, Time.system())) {
      assertThat(session.read(read, "get k")).isEqualTo("slow");
    }
    assertThat(asked).hasSize(2);
  }

  @Test
  void saysWhyNeitherMemberAnswers() {
    Supplier<CompletableFuture<String>> read =
        () -> {
          asked.add(new CompletableFuture<>());
          if (asked.size() == 1) {
            return asked.getFirst();
          }
          asked.getFirst().completeExceptionally(new IllegalStateException("no leader"));
          return CompletableFuture.failedFuture(new IllegalStateException("no leader"));
        };
    try (EtcdSession session = session(TWO)) {
      assertThatThrownBy(() -> session.read(read, "get k"))
          .isInstanceOf(TopoException.class)
          .hasMessageContaining("no leader");
    }
  }
}
