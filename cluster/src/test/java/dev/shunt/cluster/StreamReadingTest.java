package dev.shunt.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.schemas.StreamState;
import io.vitess.proto.Topodata;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

class StreamReadingTest {
  @Test
  void statesAreThoseOfVitess() {
    assertThat(Stream.of(StreamState.values()).map(StreamState::text))
        .containsExactlyElementsOf(
            Stream.of(VReplicationWorkflowState.values())
                .filter(state -> state != VReplicationWorkflowState.UNRECOGNIZED)
                .map(Enum::name)
                .toList());
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNRECOGNIZED")
  void readsTheStateThatATabletTells(VReplicationWorkflowState state) {
    assertThat(read(state.getNumber()).text()).isEqualTo(state.name());
  }

  @Test
  void readsAStreamWhoseStateIsOfALaterVersion() {
    assertThat(read(99)).isEqualTo(StreamState.UNKNOWN);
  }

  private static StreamState read(int state) {
    return StreamReading.status(
            "-80",
            Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(200).build(),
            ReadVReplicationWorkflowResponse.getDefaultInstance(),
            ReadVReplicationWorkflowResponse.Stream.newBuilder().setStateValue(state).build(),
            Map.of())
        .streamState();
  }
}
