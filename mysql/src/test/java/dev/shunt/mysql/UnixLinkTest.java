package dev.shunt.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Waits that end on unix sockets: by a limit, by somebody else, by an interrupt. */
class UnixLinkTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path directory;
  private Path path;
  private ServerSocketChannel server;

  /** The kinds of threads that wait. */
  enum Kind {
    VIRTUAL,
    PLATFORM;

    private Thread.Builder threads() {
      return switch (this) {
        case VIRTUAL -> Thread.ofVirtual();
        case PLATFORM -> Thread.ofPlatform().daemon();
      };
    }

    /** Runs something that must fail, and gives its failure. */
    CompletableFuture<Throwable> failure(Waiting waiting) {
      CompletableFuture<Throwable> failure = new CompletableFuture<>();
      threads()
          .start(() -> {
            try {
              waiting.run();
              failure.completeExceptionally(new AssertionError("it did not fail"));
            } catch (IOException e) {
              failure.complete(e);
            } catch (RuntimeException | Error e) {
              failure.completeExceptionally(e);
            }
          });
      return failure;
    }
  }

  /** What may fail. */
  @FunctionalInterface
  interface Waiting {
    void run() throws IOException;
  }

  @BeforeEach
  void listen() throws IOException {
    path = directory.resolve("s");
    server = UnixSockets.listen(path, 1);
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private UnixLink open() throws IOException {
    return UnixLink.open(UnixDomainSocketAddress.of(path), PATIENCE);
  }

  @ParameterizedTest
  @EnumSource
  void aSilentServerRunsIntoTheLimit(Kind kind) throws Exception {
    try (UnixLink line = open()) {
      line.readTimeout(PATIENCE); // as a login has, before
      line.readTimeout(Duration.ofMillis(150));
      long began = System.nanoTime();
      Throwable failure = kind.failure(() -> read(line)).get();
      assertThat(failure).isInstanceOf(SocketTimeoutException.class).hasMessage("Read timed out");
      assertThat(Duration.ofNanos(System.nanoTime() - began))
          .isBetween(Duration.ofMillis(150), Duration.ofSeconds(10));
    }
  }

  @Test
  void aServerThatSpeaksInTimeDoesNot() throws Exception {
    try (UnixLink line = open();
        SocketChannel other = server.accept()) {
      line.readTimeout(Duration.ofSeconds(3)); // less than all pieces together take
      for (int i = 0; i < 7; i++) {
        Thread slow =
            Thread.ofVirtual()
                .start(() -> {
                  LockSupport.parkNanos(500_000_000);
                  send(other, 'x');
                });
        assertThat(line.in().read()).isEqualTo('x');
        slow.join();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aReadEndsWhenTheLineIsClosed(Kind kind) throws Exception {
    UnixLink line = open();
    CountDownLatch reads = new CountDownLatch(1);
    CompletableFuture<Throwable> failure =
        kind.failure(() -> {
          reads.countDown();
          read(line);
        });
    reads.await();
    line.close();
    assertThat(failure.get()).isInstanceOf(SocketException.class).hasMessage("Socket closed");
  }

  @ParameterizedTest
  @EnumSource
  void aWriteThatNobodyReadsEndsWhenTheLineIsClosed(Kind kind) throws Exception {
    UnixLink line = open();
    CountDownLatch writes = new CountDownLatch(1);
    CompletableFuture<Throwable> failure =
        kind.failure(() -> {
          writes.countDown();
          line.out().write(new byte[64 * 1024 * 1024]); // many times what may be under way
        });
    writes.await();
    line.close();
    assertThat(failure.get()).isInstanceOf(SocketException.class).hasMessage("Socket closed");
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptClosesIt(Kind kind) throws Exception {
    UnixLink line = open();
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    CompletableFuture<Throwable> failure =
        kind.failure(() -> {
          thread.complete(Thread.currentThread());
          read(line);
        });
    thread.get().interrupt();
    assertThat(failure.get()).isInstanceOf(SocketException.class).hasMessage("Closed by interrupt");
    assertThatExceptionOfType(SocketException.class)
        .isThrownBy(() -> read(line))
        .withMessage("Socket closed");
  }

  /** A server that takes no connections any more lets some stand in its queue. */
  @ParameterizedTest
  @EnumSource
  void aFullQueueIsWaitedForUpToTheLimit(Kind kind) throws Exception {
    List<UnixLink> waiting = new ArrayList<>();
    try {
      Throwable failure =
          kind.failure(
                  () -> {
                    for (int i = 0; i < 10; i++) {
                      waiting.add(
                          UnixLink.open(UnixDomainSocketAddress.of(path), Duration.ofMillis(300)));
                    }
                  })
              .get();
      assertThat(failure)
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessageStartingWith("Connect timed out");
      assertThat(waiting).isNotEmpty();
    } finally {
      waiting.forEach(UnixLink::close);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aQueueThatEmptiesLetsItIn(Kind kind) throws Exception {
    List<UnixLink> lines = new ArrayList<>();
    CompletableFuture<Throwable> done =
        kind.failure(() -> {
          for (int i = 0; i < 5; i++) {
            lines.add(open());
          }
          for (UnixLink line : lines) {
            assertThat(line.in().read()).isEqualTo('x');
          }
          throw new IOException("all were let in");
        });
    for (int i = 0; i < 5; i++) {
      send(server.accept(), 'x');
    }
    assertThat(done.get()).hasMessage("all were let in");
    lines.forEach(UnixLink::close);
  }

  private static void read(UnixLink line) throws IOException {
    var unused = line.in().read(new byte[10], 0, 10);
  }

  private static void send(SocketChannel to, char what) {
    try {
      int sent = to.write(ByteBuffer.wrap(new byte[] {(byte) what}));
      assertThat(sent).isEqualTo(1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
