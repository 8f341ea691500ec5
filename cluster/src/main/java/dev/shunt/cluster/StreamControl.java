package dev.shunt.cluster;

import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.schemas.StreamState;
import dev.shunt.tabletclient.ResultRow;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.sql.SqlNames;
import dev.shunt.workflow.streams.MigrationId;
import dev.shunt.workflow.streams.TextProto;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tabletmanagerdata.Tabletmanagerdata;

/**
 * What commands do to the streams of one workflow on the primary of one shard, and to the journals
 * there. It is the only place that knows in which statements the sidecar tables are asked for it.
 * Failures are the tablet's, as TabletException.
 */
public final class StreamControl {
  private static final Logger log = LoggerFactory.getLogger(StreamControl.class);

  /** Selects nothing, on every tablet. */
  private static final String NOTHING = "select id from _vt.vreplication where id=0";

  private static final String STOP = set(StreamState.STOPPED);
  private static final String START = set(StreamState.RUNNING);

  private final TabletClient client;
  private final ShardPrimary shard;
  private final String workflow;

  /**
   * Speaks to a primary.
   *
   * @param client a client of the primary, which carries the fence of whoever changes something
   */
  public StreamControl(TabletClient client, ShardPrimary shard, String workflow) {
    this.client = client;
    this.shard = shard;
    this.workflow = workflow;
  }

  /** What it means that streams which are to be changed are not there. */
  public enum IfGone {
    /** The change fails: somebody has deleted them, or the database is another one. */
    FAIL,
    /** There is no more to do, as where something is taken back or behind a decision. */
    ACCEPT
  }

  /** The same with a limit for each call. */
  public StreamControl within(Duration limit) {
    return new StreamControl(client.withDeadline(limit), shard, workflow);
  }

  // --- streams -------------------------------------------------------------------------------

  /** Sets the state of all streams of the workflow. */
  public void setState(VReplicationWorkflowState state) {
    var unused =
        client.updateVReplicationWorkflow(Streams.update(workflow).setState(state).build());
  }

  /**
   * Stops the streams for a switch.
   *
   * @param count how many there are
   */
  public void stopForCutover(int count, IfGone ifGone) {
    change(STOP + ", message='" + StreamView.CUTOVER + "'", "", count, ifGone);
  }

  /** Starts again what {@link #stopForCutover} stopped, as far as it is there. */
  public void startAfterCutover() {
    change(START + ", message=''", " and message='" + StreamView.CUTOVER + "'", 1, IfGone.ACCEPT);
  }

  /** Starts the streams; fails when there are fewer than this. */
  public void start(int count) {
    change(START + ", message=''", "", count, IfGone.FAIL);
  }

  /** Starts one stream, without a position at which it would stop; fails when it is gone. */
  public void startWithoutEnd(int id) {
    change(START + ", message='', stop_pos=''", " and id=" + id, 1, IfGone.FAIL);
  }

  /** Stops one stream, if it is there. */
  public void stop(int id) {
    change(STOP + ", message=''", " and id=" + id, 1, IfGone.ACCEPT);
  }

  /** Starts one stream as it is, if it is there. */
  public void resume(int id) {
    change(START, " and id=" + id, 1, IfGone.ACCEPT);
  }

  /** Marks the streams as those of a switch that is finished; fails when there are fewer. */
  public void freeze(int count) {
    change("set message='" + StreamView.FROZEN + "'", "", count, IfGone.FAIL);
  }

  /** Stops the streams for a diff; fails when there are fewer. */
  public void stopForDiff(int count) {
    change(STOP + ", message='" + StreamView.DIFF + "'", "", count, IfGone.FAIL);
  }

  /** Lets a stream that a diff stopped run to a position and no further. */
  public void runTo(int id, String position) {
    change(
        "%s, message='%s', stop_pos=%s"
            .formatted(START, StreamView.DIFF_CATCH_UP, SqlNames.literal(position)),
        " and id=" + id,
        1,
        IfGone.FAIL);
  }

  /** Starts the streams after a diff, unless frozen, as far as they are there. */
  public void startAfterDiff(int count) {
    change(
        START + ", message='', stop_pos=''",
        " and message!='" + StreamView.FROZEN + "'",
        count,
        IfGone.ACCEPT);
  }

  /** Whether one of these streams still copies a table. */
  public boolean copying(Collection<Integer> ids) {
    return client
            .vReplicationExec(
                "select vrepl_id from _vt.copy_state where vrepl_id in (%s) limit 1"
                    .formatted(ids.stream().map(String::valueOf).collect(Collectors.joining(", "))))
            .getRowsCount()
        > 0;
  }

  /**
   * Removes the workflow's streams, with what diffs left of them.
   *
   * @return whether any was there
   */
  public boolean delete() {
    Query.QueryResult result = client.deleteVReplicationWorkflow(workflow);
    try {
      var unused =
          client.vDiff(
              Tabletmanagerdata.VDiffRequest.newBuilder()
                  .setKeyspace(shard.keyspace())
                  .setWorkflow(workflow)
                  .setAction("delete")
                  .setActionArg("all")
                  .build());
    } catch (TabletException e) {
      if (e.code() != Status.Code.UNIMPLEMENTED) {
        log.atWarn()
            .addKeyValue("workflow", workflow)
            .addKeyValue("tablet", shard.tablet().getAlias().getUid())
            .setCause(e)
            .log("diffs of a removed workflow stay behind");
      }
    }
    return result.getRowsAffected() > 0;
  }

  /**
   * Makes a change and finds out whether the streams are there: a statement that finds none changes
   * nothing and fails for nobody.
   */
  private void change(String change, String further, int count, IfGone ifGone) {
    if (found(change, further, count)) {
      return;
    }
    switch (ifGone) {
      case FAIL ->
          throw new StreamsGoneException(
              ("streams of workflow %s on %s are gone: there were %d; somebody has deleted them, or"
                      + " the database is another one")
                  .formatted(workflow, shard.name(), count));
      case ACCEPT ->
          log.atWarn()
              .addKeyValue("workflow", workflow)
              .addKeyValue("keyspace", shard.keyspace())
              .addKeyValue("shard", shard.shard())
              .log("streams that were to be changed are gone");
    }
  }

  private boolean found(String change, String further, int count) {
    Query.QueryResult result =
        client.vReplicationExec("update _vt.vreplication " + change + where() + further);
    // Some tablets do not count what was so already.
    return result.getRowsAffected() >= count
        || client
                .vReplicationExec(
                    "select message from _vt.vreplication" + where() + onlyIds(further))
                .getRowsCount()
            >= count;
  }

  /** Messages change; ids stay. */
  private static String onlyIds(String further) {
    return further.startsWith(" and id=") ? further : "";
  }

  private static String set(StreamState state) {
    return "set state=" + SqlNames.literal(state.text());
  }

  private String where() {
    return " where db_name=%s and workflow=%s"
        .formatted(SqlNames.literal(shard.database()), SqlNames.literal(workflow));
  }

  // --- the decision of a switch --------------------------------------------------------------

  /** Changes nothing, but shows the tablet the fence, so that it refuses earlier holders. */
  public void showFence() {
    var unused = client.vReplicationExec("update _vt.vreplication set message='' where id=0");
  }

  /**
   * Whether the tablet runs several statements as one transaction; a stock vttablet refuses two for
   * being two, with its code or as a syntax error.
   */
  public boolean runsTransactions() {
    try {
      var unused = client.vReplicationTransaction(List.of(NOTHING, NOTHING));
      return true;
    } catch (TabletException e) {
      boolean one =
          switch (e.code()) {
            case INVALID_ARGUMENT -> true;
            case UNKNOWN ->
                String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("syntax error");
            default -> false;
          };
      if (one) {
        return false;
      }
      throw e;
    }
  }

  /** The journal of a migration, under its id or under the key beside it. */
  public Optional<Journal> journal(long id) {
    for (long key : keys(id)) {
      List<ResultRow> rows =
          ResultRow.of(
              client.vReplicationExec(
                  "select val from _vt.resharding_journal where id=%d and db_name=%s"
                      .formatted(key, SqlNames.literal(shard.database()))));
      if (!rows.isEmpty()) {
        return Optional.of(TextProto.journal(rows.getFirst().text("val")));
      }
    }
    return Optional.empty();
  }

  /** Keys under which journals of a migration stand, of whichever database of the server. */
  public List<String> journalKeys(long id) {
    List<Long> keys = keys(id);
    return ResultRow.of(
            client.vReplicationExec(
                "select id from _vt.resharding_journal where id in (%d, %d)"
                    .formatted(keys.getFirst(), keys.getLast())))
        .stream()
        .map(row -> row.text("id"))
        .toList();
  }

  private List<Long> keys(long id) {
    return List.of(id, MigrationId.beside(id, shard.database()));
  }

  /** In one transaction: streams in place of any of the workflow's, and a journal. */
  public void replaceWithJournal(List<StreamRow> streams, long key, Journal journal) {
    List<String> statements = new ArrayList<>();
    statements.add("delete from _vt.vreplication" + where());
    statements.add(insert(streams, ""));
    statements.add(insert(key, journal));
    var unused = client.vReplicationTransaction(statements);
  }

  /** A journal alone, where the streams are drafted. */
  public void writeJournal(long key, Journal journal) {
    var unused = client.vReplicationExec(insert(key, journal));
  }

  /** Streams ahead of their journal, beside any of the workflow's; in place of earlier drafts. */
  public void draft(List<StreamRow> streams) {
    deleteDrafts();
    var unused = client.vReplicationExec(insert(streams, StreamView.DRAFT));
  }

  /** Removes drafts; what else has the workflow's name stays. */
  public void deleteDrafts() {
    deleteWith(StreamView.DRAFT);
  }

  /** Removes frozen streams; what else has the workflow's name stays. */
  public void deleteFrozen() {
    deleteWith(StreamView.FROZEN);
  }

  private void deleteWith(String message) {
    var unused =
        client.vReplicationExec(
            "delete from _vt.vreplication" + where() + " and message=" + SqlNames.literal(message));
  }

  private String insert(List<StreamRow> streams, String message) {
    return "insert into _vt.vreplication (%s) values %s"
        .formatted(
            StreamRow.COLUMNS,
            streams.stream()
                .map(stream -> stream.values(workflow, shard.database(), message))
                .collect(Collectors.joining(", ")));
  }

  private String insert(long key, Journal journal) {
    return "insert into _vt.resharding_journal (id, db_name, val) values (%d, %s, %s)"
        .formatted(
            key, SqlNames.literal(shard.database()), SqlNames.literal(TextProto.print(journal)));
  }
}
