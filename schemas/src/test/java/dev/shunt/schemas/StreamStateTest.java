package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamStateTest {
  @ParameterizedTest
  @EnumSource
  void readsWhatItWrites(StreamState state) {
    assertThat(StreamState.parse(state.text())).isEqualTo(state);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "running", "RUNNING", " Running", "Throttled", "UNRECOGNIZED"})
  void takesEveryOtherTextForUnknown(String text) {
    assertThat(StreamState.parse(text)).isEqualTo(StreamState.UNKNOWN);
  }

  @Test
  void keepsTheTextOfAStateThatIsNotKnown() {
    StreamStatus stream =
        StreamStatus.of("-80", "zone1-0000000200", 1).with(draft -> draft.state = "Throttled");

    assertThat(stream.streamState()).isEqualTo(StreamState.UNKNOWN);
    assertThat(stream.state()).isEqualTo("Throttled");
  }
}
