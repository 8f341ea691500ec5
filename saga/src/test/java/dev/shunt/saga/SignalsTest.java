package dev.shunt.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.SignalKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class SignalsTest {
  private final Signals signals = new Signals();
  private final List<String> taken = new ArrayList<>();

  private static CommandSignal signal(String id) {
    return new CommandSignal(Samples.header(id), "c1", SignalKind.STOP, Map.of());
  }

  private boolean takeAll(boolean goesOn) {
    for (Optional<CommandSignal> next = signals.next(); next.isPresent(); next = signals.next()) {
      taken.add(next.get().header().commandId());
    }
    return goesOn;
  }

  @Test
  void handsEachOutOnceInTheOrderInWhichTheyCame() {
    signals.offer(signal("x1"));
    signals.offer(signal("x2"));
    signals.offer(signal("x1"));

    takeAll(true);
    signals.offer(signal("x2"));
    takeAll(true);

    assertThat(taken).containsExactly("x1", "x2");
  }

  @Test
  void handsOutNoneThatAnEarlierRunHasTaken() {
    signals.offer(signal("x1"));
    signals.forget(List.of("x1", "x2"));
    signals.offer(signal("x2"));
    signals.offer(signal("x3"));

    takeAll(true);

    assertThat(taken).containsExactly("x3");
  }

  @Test
  void givesTheResultOfTheWorkAndTakesWhatComesMeanwhile() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    signals.offer(signal("x1"));

    Optional<String> result =
        signals.during(
            () -> {
              done.await();
              return "result";
            },
            () -> {
              boolean goesOn = takeAll(true);
              if (taken.size() == 1) {
                signals.offer(signal("x2")); // while the first one is taken
              } else {
                done.countDown();
              }
              return goesOn;
            });

    assertThat(result).hasValue("result");
    assertThat(taken).containsExactly("x1", "x2");
  }

  @Test
  void breaksTheWorkOffAndWaitsForItsEnd() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    signals.offer(signal("x1"));

    Optional<String> result =
        signals.during(
            () -> {
              try {
                new CountDownLatch(1).await();
                return "never";
              } finally {
                ended.set(true);
              }
            },
            () -> takeAll(false));

    assertThat(result).isEmpty();
    assertThat(ended).isTrue();
  }

  @Test
  void throwsWhatTheWorkThrows() {
    assertThatThrownBy(() ->
            signals.during(
                () -> {
                  throw new IllegalArgumentException("broke");
                },
                () -> true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("broke");
  }

  @Test
  void anInterruptEndsTheWorkBeforeItIsPassedOn() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    AtomicBoolean interrupted = new AtomicBoolean();
    CountDownLatch begun = new CountDownLatch(1);
    Thread runner =
        Thread.ofVirtual()
            .start(() -> {
              try {
                Object unused =
                    signals.during(
                        () -> {
                          begun.countDown();
                          try {
                            new CountDownLatch(1).await();
                            return "never";
                          } finally {
                            ended.set(true);
                          }
                        },
                        () -> true);
              } catch (InterruptedException e) {
                interrupted.set(ended.get());
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    begun.await();
    runner.interrupt();

    await().untilAsserted(() -> assertThat(runner.isAlive()).isFalse());
    assertThat(interrupted).isTrue();
  }

  @Test
  void aWaitEndsWithTheNextOne() throws Exception {
    Thread sender = Thread.ofVirtual().start(() -> signals.offer(signal("x1")));

    signals.await();

    takeAll(true);
    assertThat(taken).containsExactly("x1");
    sender.join();
  }
}
