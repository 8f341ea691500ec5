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

  static String stopForCutover(ShardPrimary shard, String workflow) {
    return "update _vt.vreplication set state='Stopped', message='"
        + CUTOVER
        + "'"
        + where(shard, workflow);
  }

  static String resume(ShardPrimary shard, String workflow) {
    return "update _vt.vreplication set state='Running', message=''"
        + whereMessage(shard, workflow, CUTOVER);
  }

  static String start(ShardPrimary shard, String workflow) {
    return "update _vt.vreplication set state='Running', message=''" + where(shard, workflow);
  }

  static String freeze(ShardPrimary shard, String workflow) {
    return "update _vt.vreplication set message='FROZEN'" + where(shard, workflow);
  }

  static String delete(ShardPrimary shard, String workflow) {
    return "delete from _vt.vreplication" + where(shard, workflow);
  }

  static String deleteWith(ShardPrimary shard, String workflow, String message) {
    return "delete from _vt.vreplication" + whereMessage(shard, workflow, message);
  }

  static String journal(long id) {
    return "select val from _vt.resharding_journal where id=" + id;
  }

  static String journal(long id, ShardPrimary shard) {
    return journal(id) + " and db_name=" + SqlNames.literal(shard.database());
  }

  static String streams(ShardPrimary shard, String workflow) {
    return "select message from _vt.vreplication" + where(shard, workflow);
  }

  /** Changes nothing, but shows the tablet the fence of the call. */
  static String touch() {
    return "update _vt.vreplication set message='' where id=0";
  }
}
