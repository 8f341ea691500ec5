package dev.shunt.tablet.vreplication.stream;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.schemas.StreamState;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.database.StoredPosition;
import dev.shunt.tablet.database.StoredProto;
import dev.shunt.tablet.database.VReplicationLog;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads and writes the tables in which streams are kept. Stateless but for names; what is written
 * is part of the connection's transaction.
 */
public final class StreamTable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_MESSAGE_BYTES = 950;
  private static final int MAX_REASON_BYTES = 250;

  /** Where the options stand in what is selected. */
  private static final int OPTIONS = 11;

  private final String streams;
  private final String postCopy;
  private final String database;
  private final VReplicationLog log;
  private final CopyTable copies;
  private final ChosenTables chosen;

  /** Those of a tablet's sidecar database. */
  public StreamTable(TabletIdentity tablet) {
    this.streams = SqlText.qualified(tablet.sidecar(), "vreplication");
    this.postCopy = SqlText.qualified(tablet.sidecar(), "post_copy_action");
    this.database = tablet.database();
    this.log = new VReplicationLog(tablet.sidecar());
    this.copies = new CopyTable(tablet);
    this.chosen = new ChosenTables(tablet, this);
  }

  /** A stream as it stands there; empty when it is gone. */
  public Optional<StreamRow> read(MysqlConnection connection, int id) {
    return connection.execute(select() + own(id)).rows().stream().findFirst().map(StreamTable::row);
  }

  /**
   * All streams of a workflow into this tablet's database.
   *
   * @param hold whether they stay so until the connection's transaction ends
   */
  public List<StreamRow> ofWorkflow(MysqlConnection connection, String workflow, boolean hold) {
    // By the way in which a call finds the streams of a workflow, so that the two lock in one
    // order.
    return connection
        .execute(
            select()
                + " WHERE db_name = "
                + SqlText.literal(database)
                + " AND (workflow = "
                + SqlText.literal(workflow)
                + ")"
                + (hold ? " FOR UPDATE" : ""))
        .rows()
        .stream()
        .map(StreamTable::row)
        .toList();
  }

  /** A row of the table whose parts are understood when they are asked for. */
  public static final class Stored {
    private final Row row;

    private Stored(Row row) {
      this.row = row;
    }

    /**
     * The stream.
     *
     * @throws RpcException when the row can't be understood
     */
    public StreamRow stream() {
      return row(row);
    }

    /** The configuration in the options of its workflow; none when that can't be understood. */
    public Map<String, String> config() {
      return StreamTable.config(text(row, OPTIONS));
    }
  }

  /** Streams as they stand there, by id; those that are gone are missing. */
  public Map<Integer, Stored> stored(MysqlConnection connection, Collection<Integer> ids) {
    if (ids.isEmpty()) {
      return Map.of();
    }
    String which = ids.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return stored(connection, " AND id IN (" + which + ")");
  }

  /** All streams into this tablet's database as they stand there, by id, in the ids' order. */
  public Map<Integer, Stored> stored(MysqlConnection connection) {
    return stored(connection, " ORDER BY id");
  }

  private Map<Integer, Stored> stored(MysqlConnection connection, String further) {
    Map<Integer, Stored> stored = new LinkedHashMap<>();
    for (Row row :
        connection
            .execute(select() + " WHERE db_name = " + SqlText.literal(database) + further)
            .rows()) {
      stored.put((int) row.number(0), new Stored(row));
    }
    return stored;
  }

  private String select() {
    return "SELECT id, workflow, workflow_type, source, pos, stop_pos, state, cell, tablet_types,"
        + " rows_copied, defer_secondary_keys, options FROM "
        + streams;
  }

  private static StreamRow row(Row row) {
    List<String> cells =
        Arrays.stream(text(row, 7).split(",", -1))
            .map(String::trim)
            .filter(cell -> !cell.isEmpty())
            .toList();
    VReplicationWorkflowType type = VReplicationWorkflowType.forNumber((int) row.number(2));
    return new StreamRow(
        (int) row.number(0),
        text(row, 1),
        type == null ? VReplicationWorkflowType.UNRECOGNIZED : type,
        StoredProto.parse(text(row, 3), Binlogdata.BinlogSource.getDefaultInstance()),
        StoredPosition.read(row.bytes(4)),
        StoredPosition.read(row.bytes(5)),
        StreamState.parse(text(row, 6)),
        cells,
        text(row, 8),
        row.number(9),
        row.number(10) != 0);
  }

  /**
   * Another stream that fills some of these tables, too.
   *
   * @param readable whether its rules can be read; it is assumed to fill all where they can't
   * @param begun whether it has a position
   */
  record Filler(int id, boolean readable, boolean begun, Set<String> tables) {}

  /** The streams that fill some of these tables, too. */
  List<Filler> fillers(MysqlConnection connection, int id, Collection<String> tables) {
    List<Filler> fillers = new ArrayList<>();
    for (Row row :
        connection
            .execute(
                "SELECT id, source, pos <> '' FROM "
                    + streams
                    + " WHERE db_name = "
                    + SqlText.literal(database)
                    + " AND id <> "
                    + id)
            .rows()) {
      Filler filler = filler(row, tables);
      if (!filler.tables().isEmpty()) {
        fillers.add(filler);
      }
    }
    return fillers;
  }

  private static Filler filler(Row row, Collection<String> tables) {
    int id = (int) row.number(0);
    boolean begun = row.number(2) != 0;
    try {
      Binlogdata.Filter filter =
          StoredProto.parse(text(row, 1), Binlogdata.BinlogSource.getDefaultInstance()).getFilter();
      Set<String> filled =
          tables.stream()
              .filter(table -> StreamFilter.fills(filter, table))
              .collect(Collectors.toSet());
      return new Filler(id, true, begun, filled);
    } catch (RpcException _) {
      return new Filler(id, false, begun, Set.copyOf(tables));
    }
  }

  /** Those of some tables that other streams fill, too. */
  public Set<String> filledByOthers(MysqlConnection connection, int id, Collection<String> tables) {
    Set<String> filled = new HashSet<>();
    fillers(connection, id, tables).forEach(filler -> filled.addAll(filler.tables()));
    return filled;
  }

  /** What is said of a stream whose row somebody has deleted. */
  public static RpcException gone(int id) {
    return new RpcException(
        Status.Code.ABORTED, "stream " + id + " of this tablet is not there any more");
  }

  /** Another tablet's streams may stand in the same table. */
  private String own(int id) {
    return " WHERE id = " + id + " AND db_name = " + SqlText.literal(database);
  }

  /** Over a connection that counts found rows. */
  private static void demandFound(MysqlConnection connection, int id, String update) {
    if (connection.execute(update).affectedRows() != 1) {
      throw gone(id);
    }
  }

  private static String text(Row row, int column) {
    String text = row.textOrNull(column);
    return text == null ? "" : text;
  }

  /**
   * State and message, and an entry in the log.
   *
   * @throws RpcException ABORTED when the stream is gone
   */
  public void writeState(MysqlConnection connection, int id, StreamState state, String message) {
    demandFound(connection, id, stateStatement(id, state, message));
    log(connection, id, VReplicationLog.Type.STATE_CHANGED, state, message);
  }

  /** The statement that writes state and message. */
  public String stateStatement(int id, StreamState state, String message) {
    return "UPDATE "
        + streams
        + " SET state = "
        + SqlText.literal(state.text())
        + ", message = "
        + SqlText.literal(VReplicationLog.shorten(message, MAX_MESSAGE_BYTES))
        + own(id);
  }

  /** A message that leaves the state as it is; nothing when the stream is gone. */
  public void writeMessage(MysqlConnection connection, int id, String message) {
    List<Row> states = connection.execute("SELECT state FROM " + streams + own(id)).rows();
    if (states.isEmpty()) {
      return;
    }
    String state = text(states.getFirst(), 0);
    connection.execute(
        "UPDATE "
            + streams
            + " SET message = "
            + SqlText.literal(VReplicationLog.shorten(message, MAX_MESSAGE_BYTES))
            + own(id));
    log.write(connection, id, VReplicationLog.Type.MESSAGE, state, message);
  }

  /**
   * A message of a stream that is not halted; whoever halts one has said why.
   *
   * @return whether it is there and not halted
   */
  public boolean writeMessageUnlessHalted(MysqlConnection connection, int id, String message) {
    boolean written =
        connection
                .execute(
                    "UPDATE "
                        + streams
                        + " SET message = "
                        + SqlText.literal(VReplicationLog.shorten(message, MAX_MESSAGE_BYTES))
                        + own(id)
                        + " AND state NOT IN ("
                        + SqlText.literal(StreamState.STOPPED.text())
                        + ", "
                        + SqlText.literal(StreamState.ERROR.text())
                        + ")")
                .affectedRows()
            == 1;
    if (written) {
      log(connection, id, VReplicationLog.Type.MESSAGE, StreamState.RUNNING, message);
    }
    return written;
  }

  /** Writes an entry in the log of streams. */
  public void log(
      MysqlConnection connection,
      int id,
      VReplicationLog.Type type,
      StreamState state,
      String message) {
    log.write(connection, id, type, state.text(), message);
  }

  /**
   * The literal of the position as it is stored.
   *
   * @throws RpcException ABORTED when it is not the one that is expected
   */
  public String positionLiteral(MysqlConnection connection, int id, Position expected) {
    List<Row> rows = connection.execute("SELECT pos FROM " + streams + own(id)).rows();
    if (rows.isEmpty()) {
      throw gone(id);
    }
    byte[] stored = rows.getFirst().bytes(0);
    String text = StoredPosition.read(stored);
    if (stored == null || text.isEmpty() || !Position.parse(text).equals(expected)) {
      throw new RpcException(
          Status.Code.ABORTED,
          "the position of stream %d is %s and not %s"
              .formatted(id, text.isEmpty() ? "empty" : text, expected.encoded()));
    }
    return "X'" + HexFormat.of().formatHex(stored) + "'";
  }

  /**
   * Statements that move a position on from where it is believed to be; they also clear the
   * message. When it is elsewhere, or the stream is gone, they fail, see {@link Found}: what else
   * is in the transaction was done by somebody else, or is wanted by nobody.
   *
   * @param from literal of the position before
   * @param to literal of the position
   * @param transactionTime commit time of the last transaction in it, seconds; 0 for unknown
   */
  public String movePosition(int id, String from, String to, long now, long transactionTime) {
    return "UPDATE "
        + streams
        + " SET pos = "
        + to
        + ", time_updated = "
        + now
        + (transactionTime > 0 ? ", transaction_timestamp = " + transactionTime : "")
        + ", message = ''"
        + own(id)
        + " AND pos = "
        + from
        + ";"
        + Found.ONE;
  }

  /**
   * Saves the position of a copy's first snapshot.
   *
   * @param byPattern whether the tables of the copy are to be kept as those that the stream has
   * @throws RpcException ABORTED when there is a position, the attempt is not the latest or the
   *     stream is gone
   */
  public void beginPosition(
      MysqlConnection connection, StreamCopyState state, Position snapshot, boolean byPattern) {
    copies.presenting(
        connection,
        state,
        () -> {
          demandFound(
              connection,
              state.stream(),
              "UPDATE "
                  + streams
                  + " SET pos = "
                  + StoredPosition.literal(snapshot.encoded())
                  + ", time_updated = UNIX_TIMESTAMP(), message = ''"
                  + own(state.stream())
                  + " AND pos = ''");
          if (byPattern) {
            chosen.ofCopy(connection, state.stream());
          }
        });
  }

  /**
   * Notes a sign of life of the source.
   *
   * @throws RpcException ABORTED when the stream is gone
   */
  public void saveHeartbeat(MysqlConnection connection, int id, long now) {
    demandFound(
        connection,
        id,
        "UPDATE " + streams + " SET time_updated = " + now + ", time_heartbeat = " + now + own(id));
  }

  /**
   * Shows that a part of the stream, or of its source, waits.
   *
   * @throws RpcException ABORTED when the stream is gone
   */
  void saveThrottled(
      MysqlConnection connection, int id, long now, String component, String reason) {
    demandFound(
        connection,
        id,
        "UPDATE "
            + streams
            + " SET time_updated = "
            + now
            + ", time_throttled = "
            + now
            + ", component_throttled = "
            + SqlText.literal(component)
            + ", reason_throttled = "
            + SqlText.literal(VReplicationLog.shorten(reason, MAX_REASON_BYTES))
            + own(id));
  }

  /** The configuration in the options of the stream's workflow. */
  public Map<String, String> config(MysqlConnection connection, int id) {
    return connection.execute("SELECT options FROM " + streams + own(id)).rows().stream()
        .findFirst()
        .map(row -> config(text(row, 0)))
        .orElse(Map.of());
  }

  private static Map<String, String> config(String options) {
    Map<String, String> config = new LinkedHashMap<>();
    try {
      JSON.readTree(options.isBlank() ? "{}" : options)
          .path("config")
          .properties()
          .forEach(entry -> config.put(entry.getKey(), entry.getValue().asText()));
    } catch (JsonProcessingException _) {
      return Map.of();
    }
    return config;
  }

  /** Whether a workflow says that rows may be missing on the target. */
  public boolean mayBePurged(MysqlConnection connection, int id) {
    return Tuning.isOn(config(connection, id), "shunt-target-may-be-purged");
  }

  // --- copy progress -----------------------------------------------------------------------

  /** How far copies have come. */
  public CopyTable copies() {
    return copies;
  }

  /**
   * Notes the tables to be copied and that copying begins, in the connection's transaction.
   *
   * @throws RpcException ABORTED when it has begun, or the stream is gone
   */
  public void beginCopy(MysqlConnection connection, int id, List<String> tables) {
    boolean first =
        !connection
            .execute("SELECT 1 FROM " + streams + own(id) + " AND pos = '' FOR UPDATE")
            .rows()
            .isEmpty();
    if (!first || copies.isUnfinished(connection, id)) {
      throw new RpcException(
          Status.Code.ABORTED,
          "another process began the copy of stream " + id + ", or it is gone");
    }
    copies.begin(connection, id, tables);
    writeState(connection, id, StreamState.COPYING, "");
    log(
        connection,
        id,
        VReplicationLog.Type.COPY_STARTED,
        StreamState.COPYING,
        "Copy phase started for " + tables.size() + " table(s)");
  }

  /** Which tables streams have whose rules are patterns. */
  public ChosenTables chosen() {
    return chosen;
  }

  private static String of(int id, String table) {
    return " WHERE vrepl_id = " + id + " AND table_name = " + SqlText.literal(table);
  }

  // --- what is to be done to a table after its copy ----------------------------------------

  /** Keeps the statement that completes a table, unless one is kept already. */
  public void keepAfterCopy(MysqlConnection connection, int id, String table, String sql) {
    ObjectNode action = JSON.createObjectNode().put("type", 1).put("task", sql);
    connection.execute(
        "INSERT IGNORE INTO "
            + postCopy
            + " (vrepl_id, table_name, action) VALUES ("
            + id
            + ", "
            + SqlText.literal(table)
            + ", _utf8mb4"
            + SqlText.literal(action.toString())
            + ")");
  }

  /** A table is not to be completed any more. */
  public void forgetAfterCopy(MysqlConnection connection, int id, String table) {
    connection.execute("DELETE FROM " + postCopy + of(id, table));
  }

  /** The statement that completes a table; empty when there is none. */
  public Optional<String> afterCopy(MysqlConnection connection, int id, String table) {
    return connection.execute("SELECT action FROM " + postCopy + of(id, table)).rows().stream()
        .findFirst()
        .map(row -> task(table, row.text(0)));
  }

  /** The statement in a {@code post_copy_action}. */
  public static String task(String table, String action) {
    try {
      return JSON.readTree(action).path("task").asText();
    } catch (JsonProcessingException e) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "the post_copy_action of table " + table + " is malformed: " + action);
    }
  }
}
