package dev.shunt.workflow.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.StreamSources;
import dev.shunt.schemas.StreamStatus;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SourceTallyTest {
  private static final StreamStatus STREAM = stream("commerce", "customer");

  private static StreamStatus stream(String keyspace, String table) {
    return StreamStatus.of("-80", "zone1-0000000200", 1)
        .with(draft -> {
          draft.source =
              "keyspace:\"%s\" shard:\"0\" filter:{rules:{match:\"%s\"}}"
                  .formatted(keyspace, table);
          draft.workflowType = 1;
        });
  }

  @Test
  void isEmptyAgainWhenAllAreGone() {
    SourceTally tally = new SourceTally(StreamSources.NONE);
    tally.add(STREAM);
    tally.add(STREAM);
    assertThat(tally.sources().tables()).isEqualTo(Map.of("customer", 2L));
    tally.remove(STREAM);
    assertThat(tally.sources().keyspaces()).isEqualTo(Map.of("commerce", 1L));
    tally.remove(STREAM);
    assertThat(tally.sources()).isEqualTo(StreamSources.NONE);
    assertThat(tally.sizeWith(STREAM))
        .isEqualTo(new SourceTally(StreamSources.NONE).sizeWith(STREAM));
  }

  /** What an earlier version could not read it did not count. */
  @Test
  void whatWasNotCountedIsNotMissed() {
    SourceTally tally = new SourceTally(StreamSources.NONE);
    tally.add(STREAM);

    tally.remove(stream("other", "corder"));

    assertThat(tally.sources().keyspaces()).isEqualTo(Map.of("commerce", 1L));
    assertThat(tally.sources().tables()).isEqualTo(Map.of("customer", 1L));
    tally.remove(STREAM);
    tally.remove(STREAM);
    assertThat(tally.sources()).isEqualTo(StreamSources.NONE);
    assertThat(tally.sizeWith(STREAM))
        .isEqualTo(new SourceTally(StreamSources.NONE).sizeWith(STREAM));
  }
}
