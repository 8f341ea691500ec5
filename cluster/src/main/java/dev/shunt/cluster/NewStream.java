package dev.shunt.cluster;

import binlogdata.Binlogdata.BinlogSource;
import dev.shunt.schemas.StreamState;
import dev.shunt.workflow.sql.SqlNames;
import dev.shunt.workflow.streams.TextProto;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/**
 * A stream that is to be written, stopped.
 *
 * @param source where it reads and what
 * @param position where it begins
 * @param cells cells of the tablets that it may read, joined by commas
 * @param like fields that the streams of a workflow share: tablet types, kind, options
 * @param atSeconds when it is written, seconds since the epoch
 */
public record NewStream(
    BinlogSource source,
    String position,
    String cells,
    ReadVReplicationWorkflowResponse like,
    long atSeconds) {
  static final String COLUMNS =
      "workflow, source, pos, max_tps, max_replication_lag, cell, tablet_types, time_updated,"
          + " transaction_timestamp, state, message, db_name, workflow_type, workflow_sub_type,"
          + " defer_secondary_keys, options";

  /** The row of the sidecar table, in parentheses. */
  String values(String workflow, String database, String message) {
    String options = like.getOptions().isEmpty() ? "{}" : like.getOptions();
    return "(%s)"
        .formatted(
            String.join(
                ", ",
                SqlNames.literal(workflow),
                SqlNames.literal(TextProto.print(source)),
                SqlNames.literal(position),
                Long.toString(Long.MAX_VALUE),
                Long.toString(Long.MAX_VALUE),
                SqlNames.literal(cells),
                SqlNames.literal(StreamReading.tabletTypes(like)),
                Long.toString(atSeconds),
                "0",
                SqlNames.literal(StreamState.STOPPED.text()),
                SqlNames.literal(message),
                SqlNames.literal(database),
                Integer.toString(like.getWorkflowTypeValue()),
                Integer.toString(like.getWorkflowSubTypeValue()),
                like.getDeferSecondaryKeys() ? "1" : "0",
                SqlNames.literal(options)));
  }
}
