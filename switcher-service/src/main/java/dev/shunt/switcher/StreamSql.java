package dev.shunt.switcher;

import dev.shunt.saga.world.ShardPrimary;
import dev.shunt.workflow.sql.SqlNames;

/** Statements on the streams of a workflow on one tablet. */
final class StreamSql {
  /** Message of streams that wait for the end of a switch. */
  static final String CUTOVER = "stopped for cutover";

  /** Message of reverse streams written one by one, until the journal stands. */
  static final String DRAFT = "for cutover";

  private StreamSql() {}

  static String where(ShardPrimary shard, String workflow) {
    return " where db_name=%s and workflow=%s"
        .formatted(SqlNames.literal(shard.database()), SqlNames.literal(workflow));
  }

  static String whereMessage(ShardPrimary shard, String workflow, String message) {
    return where(shard, workflow) + " and message=" + SqlNames.literal(message);
  }

  /** Changes of {@link dev.shunt.saga.world.Streams#change}. */
  static final String STOP_FOR_CUTOVER = "set state='Stopped', message='" + CUTOVER + "'";

  static final String START = "set state='Running', message=''";

  static final String FREEZE = "set message='FROZEN'";

  /** The streams that a switch stopped. */
  static final String STOPPED_FOR_CUTOVER = " and message='" + CUTOVER + "'";

  static String delete(ShardPrimary shard, String workflow) {
    return "delete from _vt.vreplication" + where(shard, workflow);
  }

  static String deleteWith(ShardPrimary shard, String workflow, String message) {
    return "delete from _vt.vreplication" + whereMessage(shard, workflow, message);
  }

  static String journal(long key, ShardPrimary shard) {
    return "select val from _vt.resharding_journal where id=%d and db_name=%s"
        .formatted(key, SqlNames.literal(shard.database()));
  }

  static String streams(ShardPrimary shard, String workflow) {
    return "select message from _vt.vreplication" + where(shard, workflow);
  }

  /** Changes nothing, but shows the tablet the fence of the call. */
  static String touch() {
    return "update _vt.vreplication set message='' where id=0";
  }
}
