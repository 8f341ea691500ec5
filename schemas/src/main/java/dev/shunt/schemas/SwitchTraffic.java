package dev.shunt.schemas;

import java.util.List;

/**
 * Switches reads, writes or both between source and target.
 *
 * @param header Id, workflow, issuer and guards.
 * @param tabletTypes PRIMARY for writes, REPLICA and RDONLY for reads.
 * @param cells Cells whose reads are switched; empty means all.
 * @param direction FORWARD to the target, BACKWARD to the source.
 * @param timeoutMillis How long each wait of the switch may take, milliseconds, at least 1000.
 * @param maxReplicationLagMillis Refuse when a stream lags by more, milliseconds.
 * @param enableReverseReplication Start the reverse streams afterwards.
 * @param initializeTargetSequences Raise the target sequences above the values in use.
 * @param force Go on though not every tablet could be refreshed.
 */
public record SwitchTraffic(
    CommandHeader header,
    List<String> tabletTypes,
    List<String> cells,
    Direction direction,
    long timeoutMillis,
    long maxReplicationLagMillis,
    boolean enableReverseReplication,
    boolean initializeTargetSequences,
    boolean force)
    implements Command {
  public SwitchTraffic {
    tabletTypes = List.copyOf(tabletTypes);
    cells = List.copyOf(cells);
  }
}
