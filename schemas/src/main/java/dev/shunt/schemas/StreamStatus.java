package dev.shunt.schemas;

import java.util.List;
import java.util.function.Consumer;

/**
 * One row of _vt.vreplication as a tablet reported it.
 *
 * @param shard Target shard.
 * @param tablet Alias of the target tablet, as zone1-0000000200.
 * @param id Id of the stream on that tablet.
 * @param source binlogdata.BinlogSource in text form.
 * @param position Source position up to which the target is consistent.
 * @param stopPosition Where the stream is to stop; empty means nowhere.
 * @param state Init, Stopped, Copying, Running or Error, or what a later version has; as {@link
 *     #streamState}.
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

  /** A stream of which no more is known than which it is. */
  public static StreamStatus of(String shard, String tablet, long id) {
    return new StreamStatus(
        shard, tablet, id, "", "", "", "", "", "", 0, 0, 0, 0, "", 0, "", "", "", 0, 0, false, "",
        List.of());
  }

  /** Its state, as far as this version knows it. */
  public StreamState streamState() {
    return StreamState.parse(state);
  }

  /** The same but for what is changed. */
  public StreamStatus with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** A stream in the making, component by component. */
  public static final class Draft {
    public String shard;
    public String tablet;
    public long id;
    public String source;
    public String position;
    public String stopPosition;
    public String state;
    public String message;
    public String dbName;
    public long transactionTimestamp;
    public long timeUpdated;
    public long timeHeartbeat;
    public long timeThrottled;
    public String componentThrottled;
    public long rowsCopied;
    public String tags;
    public String cells;
    public String tabletTypes;
    public int workflowType;
    public int workflowSubType;
    public boolean deferSecondaryKeys;
    public String options;
    public List<CopyState> copyStates;

    private Draft(StreamStatus stream) {
      shard = stream.shard;
      tablet = stream.tablet;
      id = stream.id;
      source = stream.source;
      position = stream.position;
      stopPosition = stream.stopPosition;
      state = stream.state;
      message = stream.message;
      dbName = stream.dbName;
      transactionTimestamp = stream.transactionTimestamp;
      timeUpdated = stream.timeUpdated;
      timeHeartbeat = stream.timeHeartbeat;
      timeThrottled = stream.timeThrottled;
      componentThrottled = stream.componentThrottled;
      rowsCopied = stream.rowsCopied;
      tags = stream.tags;
      cells = stream.cells;
      tabletTypes = stream.tabletTypes;
      workflowType = stream.workflowType;
      workflowSubType = stream.workflowSubType;
      deferSecondaryKeys = stream.deferSecondaryKeys;
      options = stream.options;
      copyStates = stream.copyStates;
    }

    private StreamStatus build() {
      return new StreamStatus(
          shard,
          tablet,
          id,
          source,
          position,
          stopPosition,
          state,
          message,
          dbName,
          transactionTimestamp,
          timeUpdated,
          timeHeartbeat,
          timeThrottled,
          componentThrottled,
          rowsCopied,
          tags,
          cells,
          tabletTypes,
          workflowType,
          workflowSubType,
          deferSecondaryKeys,
          options,
          copyStates);
    }
  }
}
