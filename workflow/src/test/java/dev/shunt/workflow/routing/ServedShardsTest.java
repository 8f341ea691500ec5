package dev.shunt.workflow.routing;

import static io.vitess.proto.Topodata.TabletType.PRIMARY;
import static io.vitess.proto.Topodata.TabletType.RDONLY;
import static io.vitess.proto.Topodata.TabletType.REPLICA;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import dev.shunt.workflow.migration.ShardMigration;
import io.vitess.proto.Topodata.SrvKeyspace;
import io.vitess.proto.Topodata.TabletType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The records are those of a Vitess 24 that resharded {@code customer} from 0 to -80 and 80-. */
class ServedShardsTest {
  private static final List<String> ONE = List.of("0");
  private static final List<String> TWO = List.of("-80", "80-");
  private static final ShardMigration SPLIT = new ShardMigration("customer", ONE, TWO);

  private static final String REFERENCES_TO_ONE = "shard_references { name: '0' }";
  private static final String REFERENCES_TO_TWO =
      "shard_references { name: '-80' key_range { end: '\\200' } }"
          + " shard_references { name: '80-' key_range { start: '\\200' } }";
  private static final String CONTROLS_AFTER_READS =
      " shard_tablet_controls { name: '0' query_service_disabled: true }"
          + " shard_tablet_controls { name: '-80' key_range { end: '\\200' } }"
          + " shard_tablet_controls { name: '80-' key_range { start: '\\200' } }";

  private static final SrvKeyspace RUNNING =
      served(REFERENCES_TO_ONE, REFERENCES_TO_ONE, REFERENCES_TO_ONE);
  private static final SrvKeyspace READS_SWITCHED =
      served(
          REFERENCES_TO_ONE,
          REFERENCES_TO_TWO + CONTROLS_AFTER_READS,
          REFERENCES_TO_TWO + CONTROLS_AFTER_READS);
  private static final SrvKeyspace SWITCHED =
      served(REFERENCES_TO_TWO, REFERENCES_TO_TWO, REFERENCES_TO_TWO);

  private static SrvKeyspace served(String primary, String replica, String rdonly) {
    try {
      return TextFormat.parse(
          "partitions { served_type: PRIMARY %s } partitions { served_type: REPLICA %s }"
                  .formatted(primary, replica)
              + " partitions { served_type: RDONLY %s }".formatted(rdonly),
          SrvKeyspace.class);
    } catch (TextFormat.ParseException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static SrvKeyspace readsMoved(SrvKeyspace served, TabletType type) {
    return ServedShards.moved(
        ServedShards.controlled(ServedShards.controlled(served, type, ONE, true), type, TWO, false),
        type,
        ONE,
        TWO);
  }

  @Test
  void readsMoveWithTheControlsOfVitess() {
    SrvKeyspace moved = readsMoved(readsMoved(RUNNING, REPLICA), RDONLY);

    assertThat(moved).isEqualTo(READS_SWITCHED);
    assertThat(readsMoved(readsMoved(moved, REPLICA), RDONLY)).as("again").isEqualTo(moved);
  }

  @Test
  void writesFollowTheShardsThatServeAndEndAllControls() {
    assertThat(ServedShards.writesServed(READS_SWITCHED, TWO)).isEqualTo(SWITCHED);
    assertThat(ServedShards.writesServed(SWITCHED, TWO)).isEqualTo(SWITCHED);
    assertThat(ServedShards.writesServed(READS_SWITCHED, ONE))
        .as("where nothing moves the controls of reads stay")
        .isEqualTo(READS_SWITCHED);
  }

  @Test
  void aPartitionThatIsNotThereIsMade() {
    assertThat(ServedShards.writesServed(SrvKeyspace.getDefaultInstance(), ONE).getPartitions(0))
        .isEqualTo(RUNNING.getPartitions(0));
  }

  @Test
  void referencesLieInTheOrderOfTheirKeyRanges() {
    assertThat(
            ServedShards.writesServed(RUNNING, List.of("c0-", "40-80", "-40", "80-c0"))
                .getPartitions(0)
                .getShardReferencesList())
        .extracting(reference -> reference.getName())
        .containsExactly("-40", "40-80", "80-c0", "c0-");
  }

  @Test
  void otherShardsOfTheKeyspaceStay() {
    SrvKeyspace four = ServedShards.writesServed(RUNNING, List.of("-40", "40-80", "80-"));

    assertThat(
            ServedShards.referenced(
                ServedShards.moved(four, PRIMARY, List.of("-40", "40-80"), List.of("-80")),
                PRIMARY))
        .containsExactlyInAnyOrder("-80", "80-");
  }

  @Test
  void whatHasAGapOrAnOverlapIsFound() {
    assertThat(ServedShards.fault(RUNNING)).isEmpty();
    assertThat(ServedShards.fault(SWITCHED)).isEmpty();
    assertThat(ServedShards.fault(SrvKeyspace.getDefaultInstance())).isEmpty();
    assertThat(ServedShards.fault(ServedShards.writesServed(RUNNING, List.of("-80")))).isPresent();
    assertThat(ServedShards.fault(ServedShards.writesServed(RUNNING, List.of("-80", "40-"))))
        .isPresent();
    assertThat(ServedShards.fault(ServedShards.writesServed(RUNNING, List.of("0", "80-"))))
        .isPresent();
  }

  @Test
  void theStateIsThatOfVitess() {
    assertThat(TrafficState.ofShards(SPLIT, Map.of("zone1", RUNNING), false).text())
        .isEqualTo("Reads Not Switched. Writes Not Switched");
    assertThat(TrafficState.ofShards(SPLIT, Map.of("zone1", READS_SWITCHED), false).text())
        .isEqualTo("All Reads Switched. Writes Not Switched");
    assertThat(TrafficState.ofShards(SPLIT, Map.of("zone1", SWITCHED), true).text())
        .isEqualTo("All Reads Switched. Writes Switched");
    assertThat(
            TrafficState.ofShards(SPLIT, Map.of("zone1", READS_SWITCHED, "zone2", RUNNING), false)
                .text())
        .isEqualTo(
            "Reads partially switched. Replica switched in cells: zone1."
                + " Rdonly switched in cells: zone1. Writes Not Switched");
  }
}
