package dev.shunt.cluster;

import binlogdata.Binlogdata.Journal;
import dev.shunt.schemas.StreamState;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.sql.SqlNames;
import dev.shunt.workflow.streams.StreamMessages;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tabletmanagerdata.Tabletmanagerdata;
import tabletmanagerdata.Tabletmanagerdata.CreateVReplicationWorkflowRequest;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowRequest;

/**
 * The verbs on streams as calls of their tablet, and as statements on its sidecar tables where it
 * has no call that finds out whether streams are there.
 */
final class SqlStreamControl implements StreamControl {
  private static final Logger log = LoggerFactory.getLogger(SqlStreamControl.class);

  private static final String STOPPED = "state=" + SqlNames.literal(StreamState.STOPPED.text());
  private static final Pattern ID = Pattern.compile(" and id=\\d+");
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
  SqlStreamControl(TabletClient client, ShardPrimary shard, String workflow) {
    this.client = client;
    this.shard = shard;
    this.workflow = workflow;
  }

  @Override
  public String workflow() {
    return workflow;
  }

  @Override
  public StreamControl within(Duration limit) {
    return new SqlStreamControl(client.withDeadline(limit), shard, workflow);
  }

  @Override
  public Optional<ReadVReplicationWorkflowResponse> read() {
    return client.readVReplicationWorkflow(workflow);
  }

  @Override
  public void create(CreateVReplicationWorkflowRequest request) {
    var unused = client.createVReplicationWorkflow(request);
  }

  @Override
  public void update(UpdateVReplicationWorkflowRequest request) {
    var unused = client.updateVReplicationWorkflow(request);
  }

  @Override
  public void awaitPosition(int id, String position) {
    client.vReplicationWaitForPos(id, position);
  }

  @Override
  public void stopForCutover(int count, IfGone ifGone) {
    change(STOP + ", message='" + StreamMessages.CUTOVER + "'", "", count, ifGone);
  }

  @Override
  public void startAfterCutover() {
    change(
        START + ", message=''", " and message='" + StreamMessages.CUTOVER + "'", 1, IfGone.ACCEPT);
  }

  @Override
  public void start(int count) {
    change(START + ", message=''", "", count, IfGone.FAIL);
  }

  @Override
  public void startWithoutEnd(int id) {
    change(START + ", message='', stop_pos=''", " and id=" + id, 1, IfGone.FAIL);
  }

  @Override
  public void stop(int id) {
    change(STOP + ", message='', stop_pos=''", " and id=" + id, 1, IfGone.ACCEPT);
  }

  @Override
  public void resume(int id) {
    change(START + ", message='', stop_pos=''", " and id=" + id, 1, IfGone.ACCEPT);
  }

  @Override
  public void freeze(int count) {
    change("set message='" + StreamMessages.FROZEN + "'", "", count, IfGone.FAIL);
  }

  @Override
  public void stopForDiff(int count) {
    change(
        STOP + ", message='" + StreamMessages.DIFF + "'",
        " and coalesce(message, '') not in (%s)"
            .formatted(
                StreamMessages.OF_SWITCHES.stream()
                    .map(SqlNames::literal)
                    .collect(Collectors.joining(", "))),
        count,
        IfGone.FAIL);
  }

  @Override
  public void runTo(int id, String position) {
    runTo(id, position, StreamMessages.DIFF_CATCH_UP);
  }

  private void runTo(int id, String position, String message) {
    change(
        "%s, message='%s', stop_pos=%s".formatted(START, message, SqlNames.literal(position)),
        " and id=" + id,
        1,
        IfGone.FAIL);
  }

  @Override
  public void startAfterDiff(int count) {
    startWhatStoppedWith(StreamMessages.DIFF, StreamMessages.DIFF_CATCH_UP, count);
  }

  /** What ran to a position says that it has reached it. */
  private void startWhatStoppedWith(String message, String catchUp, int count) {
    Set<String> held = new TreeSet<>(StreamMessages.OF_SWITCHES);
    held.addAll(List.of(StreamMessages.DIFF, StreamMessages.DIFF_CATCH_UP));
    held.removeAll(List.of(message, catchUp));
    String others = held.stream().map(SqlNames::literal).collect(Collectors.joining(", "));
    change(
        START + ", message='', stop_pos=''",
        " and coalesce(message, '') not in (%s) and (message in ('%s', '%s') or stop_pos!='')"
            .formatted(others, message, catchUp),
        count,
        IfGone.ACCEPT);
  }

  @Override
  public void stopForMigration(int count) {
    change(
        STOP + ", message='" + StreamMessages.MIGRATION + "'",
        " and state=%s and coalesce(stop_pos, '')=''"
            .formatted(SqlNames.literal(StreamState.RUNNING.text())),
        count,
        IfGone.FAIL);
  }

  @Override
  public void standForMigration(int id, String position) {
    change(
        STOP + ", message='" + StreamMessages.MIGRATION + "', stop_pos=''",
        " and id=%d and stop_pos=%s".formatted(id, SqlNames.literal(position)),
        1,
        IfGone.FAIL);
  }

  @Override
  public void runToForMigration(int id, String position) {
    runTo(id, position, StreamMessages.MIGRATION_CATCH_UP);
  }

  @Override
  public void startAfterMigration(int count) {
    startWhatStoppedWith(StreamMessages.MIGRATION, StreamMessages.MIGRATION_CATCH_UP, count);
  }

  @Override
  public void startDrafts() {
    change(
        START + ", message=''",
        " and %s and coalesce(message, '') in ('%s', '')".formatted(STOPPED, StreamMessages.DRAFT),
        1,
        IfGone.ACCEPT);
  }

  @Override
  public boolean copying(Collection<Integer> ids) {
    return client
            .vReplicationExec(
                "select vrepl_id from _vt.copy_state where vrepl_id in (%s) limit 1"
                    .formatted(ids.stream().map(String::valueOf).collect(Collectors.joining(", "))))
            .getRowsCount()
        > 0;
  }

  @Override
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
      case FAIL -> throw new StreamsGoneException(workflow, shard, count);
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
    Matcher id = ID.matcher(further);
    return id.lookingAt() ? id.group() : "";
  }

  private static String set(StreamState state) {
    return "set state=" + SqlNames.literal(state.text());
  }

  private String where() {
    return " where db_name=%s and workflow=%s"
        .formatted(SqlNames.literal(shard.database()), SqlNames.literal(workflow));
  }

  // --- the decision of a switch --------------------------------------------------------------

  @Override
  public void replaceWithJournal(List<NewStream> streams, long key, Journal journal) {
    List<String> statements = new ArrayList<>();
    statements.add("delete from _vt.vreplication" + where());
    statements.add(insert(streams, ""));
    statements.add(SqlPrimaryControl.insert(shard, key, journal));
    var unused = client.vReplicationTransaction(statements);
  }

  @Override
  public void draft(List<NewStream> streams) {
    deleteDrafts();
    var unused = client.vReplicationExec(insert(streams, StreamMessages.DRAFT));
  }

  @Override
  public void deleteDrafts() {
    deleteWith(" and message='%s' and %s".formatted(StreamMessages.DRAFT, STOPPED));
  }

  @Override
  public void deleteFrozen() {
    deleteWith(" and message='" + StreamMessages.FROZEN + "'");
  }

  private void deleteWith(String further) {
    var unused = client.vReplicationExec("delete from _vt.vreplication" + where() + further);
  }

  private String insert(List<NewStream> streams, String message) {
    return "insert into _vt.vreplication (%s) values %s"
        .formatted(
            NewStream.COLUMNS,
            streams.stream()
                .map(stream -> stream.values(workflow, shard.database(), message))
                .collect(Collectors.joining(", ")));
  }
}
