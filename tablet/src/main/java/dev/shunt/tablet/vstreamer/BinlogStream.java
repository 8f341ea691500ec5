package dev.shunt.tablet.vstreamer;

import static java.nio.charset.StandardCharsets.UTF_8;

import binlogdata.Binlogdata.FieldEvent;
import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VEventType;
import com.google.protobuf.TextFormat;
import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.LogFormat;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.preflight.NameRule;
import dev.shunt.tablet.vstreamer.TablePlans.TablePlan;
import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import dev.shunt.tablet.vstreamer.binlog.TableDefinition;
import dev.shunt.tabletclient.LoggedKeyActions;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.TableDdl;
import dev.shunt.workflow.sql.lexer.ExecutableComments;
import io.grpc.Status;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Turns binary log events, in order, into the VEvents of one stream. A transaction comes as {@code
 * BEGIN (FIELD | ROW)* GTID COMMIT}, one whose rows are all filtered out as {@code BEGIN GTID
 * COMMIT}; what is no transaction as {@code GTID DDL} or {@code GTID OTHER}. Sans I/O but for the
 * plans it asks for.
 */
final class BinlogStream {
  /** Silence after which a stream says that it is alive. */
  static final Duration HEARTBEAT = Duration.ofMillis(900);

  /** Flag of a row event whose rows are applied without foreign keys. */
  private static final int NO_FOREIGN_KEYS = 2;

  /** How many words of a statement a message shows. */
  private static final int SHOWN = 3;

  /** Table ids that are known at a time; a server gives new ones again and again. */
  private static final int MOST_TABLES = 10_000;

  private static final String JOURNAL_TABLE = "resharding_journal";

  private final TabletIdentity identity;
  private final NameRule names;
  private final TablePlans plans;
  private final Statements statements;
  private final EventBuffer out;
  private final LoggedKeyActions foreignKeyLog;
  private final LogFormat format;
  private final ExecutableComments.Server comments;
  private int flags;
  private final Map<Long, Known> tables = new HashMap<>();
  private Position position;
  private Position before;
  private final PreparedBefore preparedBefore;
  private final Set<String> preparedHere = new HashSet<>();
  private boolean announced;
  private boolean inTransaction;
  private boolean rowsInTransaction;

  /** What a table id stands for; no plan for a table the stream has no use for. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Known(
      TableDefinition definition,
      @Nullable TablePlan plan,
      boolean journal,
      byte[] name,
      int[] columns) {
    static Known of(TableDefinition definition, @Nullable TablePlan plan, boolean journal) {
      return new Known(
          definition,
          plan,
          journal,
          definition.name().getBytes(UTF_8),
          plan == null
              ? new int[0]
              : plan.rows().projection().stream().mapToInt(Integer::intValue).toArray());
    }
  }

  /**
   * @param names how the server compares names of databases and tables
   * @param foreignKeyLog which files of the log hold what foreign keys did to rows
   * @param flavor what server writes the log
   */
  BinlogStream(
      TabletIdentity identity,
      NameRule names,
      Position start,
      TablePlans plans,
      Statements statements,
      PreparedBefore preparedBefore,
      EventBuffer out,
      LoggedKeyActions foreignKeyLog,
      Flavor flavor) {
    this.identity = identity;
    this.names = names;
    this.position = start;
    this.before = start;
    this.plans = plans;
    this.statements = statements;
    this.preparedBefore = preparedBefore;
    this.out = out;
    this.foreignKeyLog = foreignKeyLog;
    this.format = flavor.binaryLog().format();
    this.comments = ExecutableComments.Server.logOf(flavor.statements().readsCommentsAsMariaDb());
  }

  /** Names where a stream that starts now begins. */
  void announcePosition() throws InterruptedException {
    outside(out.now().getEpochSecond(), VEventType.OTHER, "");
  }

  void handle(BinlogEvent event) throws InterruptedException {
    switch (event) {
      case BinlogEvent.Gtid gtid -> gtid(gtid);
      case BinlogEvent.Statement statement ->
          // What a server of another kind or version makes of comments is not what was done.
          statement(statement.withSql(ExecutableComments.resolve(statement.sql(), comments)));
      case BinlogEvent.Commit commit -> commit(commit.timestamp());
      case BinlogEvent.Prepared prepared -> {
        demandNoRows("is prepared by XA PREPARE");
        preparedHere.add(prepared.id());
        commit(prepared.timestamp());
      }
      case BinlogEvent.TableMap map -> tableMap(map);
      case BinlogEvent.Rows rows -> rows(rows);
      case BinlogEvent.Heartbeat beat -> {}
      case BinlogEvent.Format format ->
          flags = foreignKeyLog.by(format.version()) ? NO_FOREIGN_KEYS : 0;
      case BinlogEvent.Ignored ignored -> {}
    }
    sayAlive();
  }

  private void sayAlive() throws InterruptedException {
    if (out.silence() >= HEARTBEAT.toNanos() * 9 / 10) {
      out.add(out.now().getEpochSecond(), VEventType.HEARTBEAT);
      out.flush();
    }
  }

  private void gtid(BinlogEvent.Gtid gtid) {
    before = position;
    position = position.with(gtid.gtid());
    announced = gtid.announces();
    if (gtid.begins()) {
      begin(gtid.timestamp());
    }
  }

  private void begin(long timestamp) {
    if (!inTransaction) {
      inTransaction = true;
      rowsInTransaction = false;
      if (tables.size() >= MOST_TABLES) { // never between a table map and its rows
        tables.clear();
      }
      out.add(timestamp, VEventType.BEGIN);
    }
  }

  private void commit(long timestamp) throws InterruptedException {
    begin(timestamp);
    inTransaction = false;
    position(timestamp);
    out.add(timestamp, VEventType.COMMIT);
    out.end();
  }

  private void position(long timestamp) {
    out.gtid(timestamp, position.encoded());
  }

  private void statement(BinlogEvent.Statement logged) throws InterruptedException {
    BinlogEvent.Statement statement = logged.withSql(SetStatement.inner(logged.sql()));
    long timestamp = statement.timestamp();
    if (announced) { // the change takes effect by a later statement, or not at all
      announced = false;
      outside(timestamp, VEventType.OTHER, "");
      return;
    }
    switch (statements.kind(statement)) {
      case BEGIN -> begin(timestamp);
      case COMMIT -> commit(timestamp);
      case COMMIT_PREPARED -> commitPrepared(statement);
      case ROLLBACK_PREPARED -> {
        Statements.endedTransaction(statement.sql()).ifPresent(preparedHere::remove);
        commit(timestamp);
      }
      case ROLLBACK -> {
        demandNoRows("ends with ROLLBACK, so it also changed tables without transactions");
        commit(timestamp);
      }
      case PARTIAL_ROLLBACK ->
          demandNoRows("goes back to a savepoint, so it also changed tables without transactions");
      case ROWS ->
          throw new RpcException(
              Status.Code.FAILED_PRECONDITION,
              "the source's binary log has a statement in place of rows: set binlog_format=ROW; "
                  + "the statement follows position "
                  + before.encoded()
                  + ": "
                  + beginning(statement.sql()));
      case DROP_DATABASE ->
          throw new RpcException(
              Status.Code.FAILED_PRECONDITION,
              "the source's database is dropped by a statement that follows position "
                  + before.encoded());
      case DDL_OF_STREAM -> {
        demandRowsStay(statement);
        if (!inTransaction) {
          tables.clear();
        }
        outside(timestamp, VEventType.DDL, statement.sql());
      }
      case DDL, OTHER -> outside(timestamp, VEventType.OTHER, "");
    }
  }

  /** Which of the rows are in force is not known, or not yet. */
  private void demandNoRows(String why) {
    if (rowsInTransaction) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "a transaction with rows of this stream "
              + why
              + ", which can't be streamed; it follows position "
              + before.encoded());
    }
  }

  /**
   * Its rows stand where it was prepared: this stream saw none of its own there, or began later.
   */
  private void commitPrepared(BinlogEvent.Statement statement) throws InterruptedException {
    String id = Statements.endedTransaction(statement.sql()).orElse("");
    if (!preparedHere.remove(id) && preparedBefore.mayTouchStream(id, this::sayAlive)) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "XA COMMIT "
              + id
              + " follows position "
              + before.encoded()
              + ", and the rows that it commits stand in the log before this stream's beginning;"
              + " the tables must be copied again");
    }
    commit(statement.timestamp());
  }

  /** In a transaction a table can't be changed where the stream ends. */
  private void demandRowsStay(BinlogEvent.Statement statement) {
    if (inTransaction && mayChangeRows(statement.sql())) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "a table of this stream is replaced together with its rows, which can't be streamed; the"
              + " statement follows position "
              + before.encoded()
              + ": "
              + beginning(statement.sql()));
    }
  }

  private static boolean mayChangeRows(String sql) {
    try {
      return TableDdl.read(sql).map(TableDdl::changesRows).orElse(true);
    } catch (SqlException e) {
      return true;
    }
  }

  /** Enough of a statement to find it, and none of its values. */
  private static String beginning(String sql) {
    return Stream.of(sql.strip().split("[\\s(=]+", SHOWN + 1))
        .limit(SHOWN)
        .collect(Collectors.joining(" "));
  }

  private void outside(long timestamp, VEventType type, String sql) throws InterruptedException {
    if (inTransaction) {
      // SAVEPOINT, or the CREATE TABLE of a CREATE TABLE ... SELECT: the commit follows.
      return;
    }
    position(timestamp);
    out.add(timestamp, VEvent.newBuilder().setType(type).setStatement(sql));
    out.end();
  }

  private void tableMap(BinlogEvent.TableMap map) {
    TableDefinition definition = map.table();
    Known known = tables.get(definition.id());
    if (known != null && known.definition().equals(definition)) {
      return;
    }
    boolean journal =
        names.same(definition.database(), identity.sidecar())
            && definition.name().equals(JOURNAL_TABLE);
    TablePlan plan = null;
    if (journal) {
      plan = plans.plain(definition, before);
    } else if (names.same(definition.database(), identity.database())) {
      plan = plans.plan(definition, before).orElse(null);
    }
    tables.put(definition.id(), Known.of(definition, plan, journal));
    if (plan != null && !journal) {
      FieldEvent field =
          FieldEvent.newBuilder()
              .setTableName(definition.name())
              .addAllFields(plan.rows().fields())
              .setKeyspace(identity.keyspace())
              .setShard(identity.shard())
              .setEnumSetStringValues(true)
              .build();
      out.add(map.timestamp(), VEvent.newBuilder().setType(VEventType.FIELD).setFieldEvent(field));
    }
  }

  private void rows(BinlogEvent.Rows rows) throws InterruptedException {
    Known known = tables.get(rows.tableId());
    if (known == null || known.plan() == null) {
      return;
    }
    TablePlan plan = known.plan();
    if (known.journal()) {
      journal(rows, plan);
      return;
    }
    int[] columns = known.columns();
    PartialImages images = new PartialImages(plan, rows, format);
    plan.decoder()
        .decode(
            rows,
            (before, after, expressions) -> {
              boolean was = before != null && plan.rows().filter().test(before);
              boolean is = after != null && plan.rows().filter().test(after);
              if (was || is) {
                out.changes()
                    .change(
                        columns,
                        was ? before : null,
                        is ? after : null,
                        images.marks(was, is, expressions));
              }
            });
    rowsInTransaction |= out.addRows(rows.timestamp(), known.name(), rows.flags() | flags);
  }

  private void journal(BinlogEvent.Rows rows, TablePlan plan) {
    if (rows.kind() != BinlogEvent.Kind.INSERT) {
      return;
    }
    int database = plan.rows().table().column("db_name");
    int value = plan.rows().table().column("val");
    plan.decoder()
        .decode(
            rows,
            (before, after, expressions) -> {
              if (after != null && names.same(identity.database(), text(after[database]))) {
                out.add(
                    rows.timestamp(),
                    VEvent.newBuilder()
                        .setType(VEventType.JOURNAL)
                        .setJournal(parse(text(after[value]))));
              }
            });
  }

  private static Journal parse(String text) {
    Journal.Builder journal = Journal.newBuilder();
    try {
      TextFormat.Parser.newBuilder().setAllowUnknownFields(true).build().merge(text, journal);
    } catch (TextFormat.ParseException e) {
      throw new RpcException(Status.Code.INTERNAL, "a journal can't be read: " + e.getMessage(), e);
    }
    return journal.build();
  }

  private static String text(byte @Nullable [] cell) {
    return cell == null ? "" : new String(cell, UTF_8);
  }
}
