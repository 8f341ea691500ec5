package dev.shunt.tablet.vreplication.applying;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.tabletclient.EventPacket;
import dev.shunt.tabletclient.TabletStream;
import java.time.Duration;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

/** Whatever ends the reading of changes, the applier learns of it. */
class ChangeFetcherTest {
  private static TabletStream<EventPacket> failing(Error failure) {
    return new TabletStream<>() {
      @Override
      public boolean hasNext() {
        throw failure;
      }

      @Override
      public EventPacket next() {
        throw new NoSuchElementException();
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void tellsOfAnErrorOfTheProcess() throws InterruptedException {
    Error failure = new OutOfMemoryError("of a test");
    try (ChangeFetcher fetcher = new ChangeFetcher(failing(failure), "fetcher")) {
      ChangeFetcher.Item item = fetcher.poll(Duration.ofSeconds(10));
      assertThat(item).isInstanceOf(ChangeFetcher.Item.Broken.class);
      assertThat(((ChangeFetcher.Item.Broken) item).cause())
          .hasMessageContaining("of a test")
          .hasCause(failure);
    }
  }
}
