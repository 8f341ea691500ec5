package dev.shunt.schemas;

import java.util.List;

/**
 * One row of _vt.vreplication as a tablet reported it.
 *
 * @param shard Target shard.
 * @param tablet Alias of the target tablet, as zone1-0000000200.
 * @param id Id of the stream on that tablet.
 * @param source binlogdata.BinlogSource in text form.
 * @param position Source position up to which the target is consistent.
 * @param stopPosition Where the stream is to stop; empty means nowhere.
 * @param state Init, Stopped, Copying, Running or Error.
 * @param message What the stream says of itself.
 * @param dbName Database of the target.
 * @param transactionTimestamp Commit time of the last applied transaction, seconds.
 * @param timeUpdated Last sign of life, seconds.
 * @param timeHeartbeat Last heartbeat of the source, seconds.
 * @param timeThrottled Last throttled second.
 * @param componentThrottled What was throttled.
 * @param rowsCopied Rows copied so far.
 * @param tags Comma list.
 * @param cells Comma list.
 * @param tabletTypes Comma list, with in_order: in front when their order counts.
 * @param workflowType Number of VReplicationWorkflowType.
 * @param workflowSubType Number of VReplicationWorkflowSubType.
 * @param deferSecondaryKeys Secondary keys are added after the copy.
 * @param options WorkflowOptions as JSON.
 * @param copyStates Tables whose copy has not ended.
 */
public record StreamStatus(
    String shard,
    String tablet,
    long id,
    String source,
    String position,
    String stopPosition,
    String state,
    String message,
    String dbName,
    long transactionTimestamp,
    long timeUpdated,
    long timeHeartbeat,
    long timeThrottled,
    String componentThrottled,
    long rowsCopied,
    String tags,
    String cells,
    String tabletTypes,
    int workflowType,
    int workflowSubType,
    boolean deferSecondaryKeys,
    String options,
    List<CopyState> copyStates) {
  public StreamStatus {
    copyStates = List.copyOf(copyStates);
  }
}
