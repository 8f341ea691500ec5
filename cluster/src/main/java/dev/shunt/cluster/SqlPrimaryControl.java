package dev.shunt.cluster;

import binlogdata.Binlogdata.Journal;
import com.google.protobuf.ByteString;
import dev.shunt.tabletclient.Fence;
import dev.shunt.tabletclient.ResultRow;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.sql.SqlNames;
import dev.shunt.workflow.streams.MigrationId;
import dev.shunt.workflow.streams.TextProto;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tabletmanagerdata.Tabletmanagerdata.ExecuteMultiFetchAsDbaRequest;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsRequest;

/** The verbs on a primary as calls of its tablet. */
final class SqlPrimaryControl implements PrimaryControl {
  /** Selects nothing, on every tablet. */
  private static final String NOTHING = "select id from _vt.vreplication where id=0";

  // A server that locks tables in two layers sees no deadlock between them: on MariaDB the tables
  // that refer to one are locked by InnoDB, which has a time of its own.
  private static final String IMPATIENT =
      "set session lock_wait_timeout = 1, innodb_lock_wait_timeout = 1";

  // MySQL keeps what this view shows for a day unless a session says otherwise; MariaDB does not,
  // and passes over MySQL's comments of this version (MariaDB, "Comment Syntax").
  private static final String FRESH =
      IMPATIENT + " /*!80000 , information_schema_stats_expiry = 0 */";

  private static final String PATIENT =
      "set session lock_wait_timeout = default, innodb_lock_wait_timeout = default";

  private static final int LOCK_WAIT_TIMEOUT = 1205;

  private final TabletClient client;
  private final ShardPrimary shard;

  /**
   * Speaks to a primary.
   *
   * @param client a client of the primary
   */
  SqlPrimaryControl(TabletClient client, ShardPrimary shard) {
    this.client = client;
    this.shard = shard;
  }

  @Override
  public PrimaryControl withFence(Fence fence) {
    return new SqlPrimaryControl(client.withFence(fence), shard);
  }

  @Override
  public PrimaryControl within(Duration limit) {
    return new SqlPrimaryControl(client.withDeadline(limit), shard);
  }

  @Override
  public StreamControl streams(String workflow) {
    return new SqlStreamControl(client, shard, workflow);
  }

  @Override
  public List<ReadVReplicationWorkflowResponse> workflows() {
    return client.readVReplicationWorkflows(ReadVReplicationWorkflowsRequest.getDefaultInstance());
  }

  @Override
  public void showFence() {
    var unused = client.vReplicationExec("update _vt.vreplication set message='' where id=0");
  }

  @Override
  public void refreshState() {
    client.refreshState();
  }

  /** A stock vttablet says no with its code or as a syntax error. */
  @Override
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

  @Override
  public String position() {
    return client.primaryPosition();
  }

  @Override
  public void drain(Collection<String> tables) {
    String sql =
        tables.stream()
            .map(table -> SqlNames.quoted(table) + " READ")
            .collect(Collectors.joining(",", "LOCK TABLES ", ""));
    var unused = client.executeFetchAsDba(sql, 1);
  }

  // --- the decision of a switch --------------------------------------------------------------

  @Override
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

  @Override
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

  @Override
  public void writeJournal(long key, Journal journal) {
    var unused = client.vReplicationExec(insert(shard, key, journal));
  }

  /** The statement that writes a journal. */
  static String insert(ShardPrimary shard, long key, Journal journal) {
    return "insert into _vt.resharding_journal (id, db_name, val) values (%d, %s, %s)"
        .formatted(
            key, SqlNames.literal(shard.database()), SqlNames.literal(TextProto.print(journal)));
  }

  // --- AUTO_INCREMENT ------------------------------------------------------------------------

  @Override
  public Map<String, BigInteger> nextIds(Collection<String> tables) {
    String sql =
        FRESH
            + "; select table_name as name, auto_increment as next from information_schema.tables"
            + " where table_schema = "
            + SqlNames.literal(shard.database())
            + " and auto_increment is not null and table_name in ("
            + tables.stream().map(SqlNames::literal).collect(Collectors.joining(", "))
            + "); "
            + PATIENT; // a stock vttablet uses the session again
    Map<String, BigInteger> counters = new TreeMap<>();
    for (ResultRow row :
        ResultRow.of(client.executeMultiFetchAsDba(request(sql, tables.size())).get(1))) {
      counters.put(row.text("name"), new BigInteger(row.text("next")));
    }
    return counters;
  }

  /**
   * In place, as a copy of the table would take as long as the table is large; in the mode in which
   * a create makes tables, as a definition with a zero date is refused in others; and waiting a
   * second at most for those who use the table or one that refers to it.
   */
  @Override
  public boolean raiseNextId(String table, BigInteger next) {
    String sql =
        IMPATIENT
            + ", sql_mode = 'NO_ENGINE_SUBSTITUTION';"
            + " alter table %s auto_increment = %s, algorithm = inplace; "
                .formatted(SqlNames.quoted(table), next)
            + PATIENT
            + ", sql_mode = default";
    try {
      var unused = client.executeMultiFetchAsDba(request(sql, 1));
      return true;
    } catch (TabletException e) {
      if (e.mysqlErrno() == LOCK_WAIT_TIMEOUT) {
        return false;
      }
      throw e;
    }
  }

  private ExecuteMultiFetchAsDbaRequest request(String sql, int maxRows) {
    return ExecuteMultiFetchAsDbaRequest.newBuilder()
        .setSql(ByteString.copyFromUtf8(sql))
        .setDbName(shard.database())
        .setMaxRows(maxRows)
        .build();
  }
}
