package dev.shunt.saga.fake;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import com.google.protobuf.ByteString;
import dev.shunt.tabletclient.Fence;
import dev.shunt.tabletclient.Fenced;
import dev.shunt.tabletclient.ServerFinding;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.Topo;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.streams.TextProto;
import io.grpc.Metadata;
import io.grpc.Status;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** State of a tablet and of its database, as far as sagas look at it. */
public final class FakeTablet {
  private static final Pattern UPDATE =
      Pattern.compile("update _vt\\.vreplication set (.*) where (.*)", Pattern.CASE_INSENSITIVE);
  private static final Pattern DELETE =
      Pattern.compile("delete from _vt\\.vreplication where (.*)", Pattern.CASE_INSENSITIVE);
  private static final Pattern INSERT =
      Pattern.compile(
          "insert into _vt\\.(\\w+) \\((.*?)\\) values \\((.*)\\)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern JOURNAL =
      Pattern.compile(
          "select val from _vt\\.resharding_journal where id ?= ?(\\d+)(?: and db_name='(.*)')?");
  private static final Pattern JOURNAL_KEYS =
      Pattern.compile("select id from _vt\\.resharding_journal where id in \\((.*)\\)");
  private static final Pattern TERM = Pattern.compile("(\\w+) ?= ?('(?:[^'\\\\]|\\\\.)*'|\\d+)");

  public final Topodata.Tablet record;
  public final Map<String, String> tables = new TreeMap<>();
  public final Map<String, List<List<String>>> rows = new HashMap<>();
  public final Map<String, Long> autoIncrements = new TreeMap<>();
  public final Map<Integer, FakeRow> streams = new TreeMap<>();
  public Map<Long, String> journals = new TreeMap<>();
  private Map<Long, String> journalOwners = new TreeMap<>();
  public volatile Set<String> denied = Set.of();
  public final FakeCluster cluster;
  public long position = 10;

  /** Whether it has not what others know of it. */
  public boolean behind;

  /** Foreign keys: table, name, table referred to, ON DELETE, ON UPDATE. */
  public final List<List<String>> foreignKeys = new ArrayList<>();

  /** Whether what foreign keys change is in the binary log. */
  public boolean logsCascades;

  /** What its checklist finds, and what it was asked: role, tables, tables left out. */
  public final List<ServerFinding> findings = new ArrayList<>();

  public final List<String> checks = new ArrayList<>();

  /** Whether it answers and acts as a stock vttablet, as far as this fake goes. */
  public boolean stock;

  private final Map<String, Long> fences = new HashMap<>();
  private int nextId = 1;

  FakeTablet(FakeCluster cluster, Topodata.Tablet record) {
    this.cluster = cluster;
    this.record = record;
  }

  /** {@code keyspace/shard}. */
  public String name() {
    return record.getKeyspace() + "/" + record.getShard();
  }

  /** Position of the database. */
  public String positionText() {
    return "MariaDB/0-1-" + position;
  }

  /** Streams of a workflow. */
  public List<FakeRow> streams(String workflow) {
    return streams.values().stream().filter(row -> row.workflow.equals(workflow)).toList();
  }

  /** Adds a stream. */
  public FakeRow addStream(String workflow, Binlogdata.BinlogSource source) {
    FakeRow row = new FakeRow(nextId++, workflow, source);
    streams.put(row.id, row);
    position++;
    return row;
  }

  /** Refuses a fence lower than the highest seen of its key, and remembers it. */
  synchronized void fence(@Nullable Fence fence) {
    if (fence == null || stock) {
      return;
    }
    long seen = fences.merge(fence.key(), fence.token(), Math::max);
    if (seen > fence.token()) {
      throw fenced(fence.key());
    }
  }

  /** What a tablet of ours answers to a call whose fence was raised. */
  public static TabletException fenced(String key) {
    Metadata trailers = new Metadata();
    trailers.put(Fenced.TRAILER, key);
    return TabletException.of(
        "fake",
        "call",
        Status.FAILED_PRECONDITION
            .withDescription("fenced: " + key + " was taken over")
            .asRuntimeException(trailers));
  }

  /** Uses the server of another tablet for its journals. */
  public void shareJournals(FakeTablet other) {
    journals = other.journals;
    journalOwners = other.journalOwners;
  }

  /** The fence that the next holder of a lock would show. */
  public synchronized void overtake(String key) {
    fences.put(key, Long.MAX_VALUE);
  }

  void refresh(Topo topo) {
    topo.shard(record.getKeyspace(), record.getShard())
        .ifPresent(shard -> {
          denied = new TreeSet<>(DeniedTables.of(shard.value()));
        });
    cluster.observe();
  }

  Query.QueryResult transaction(List<String> statements) {
    synchronized (cluster) {
      return oneTransaction(statements);
    }
  }

  private Query.QueryResult oneTransaction(List<String> statements) {
    if (stock && statements.size() > 1) {
      throw new TabletException(
          Status.Code.INVALID_ARGUMENT, "Expected a single statement", new IllegalStateException());
    }
    Map<Integer, FakeRow> before = new TreeMap<>();
    streams.forEach((id, row) -> before.put(id, row.copy()));
    Map<Long, String> journalsBefore = new TreeMap<>(journals);
    Map<Long, String> ownersBefore = new TreeMap<>(journalOwners);
    try {
      Query.QueryResult result = Query.QueryResult.getDefaultInstance();
      for (String statement : statements) {
        result = execute(statement);
      }
      return result;
    } catch (RuntimeException e) {
      streams.clear();
      streams.putAll(before);
      journals.clear();
      journals.putAll(journalsBefore);
      journalOwners.clear();
      journalOwners.putAll(ownersBefore);
      throw e;
    }
  }

  private Query.QueryResult execute(String sql) {
    Matcher select = JOURNAL.matcher(sql);
    if (select.matches()) {
      long id = Long.parseLong(select.group(1));
      boolean other =
          select.group(2) != null
              && !select.group(2).equals(journalOwners.getOrDefault(id, select.group(2)));
      String value = other ? null : journals.get(id);
      return value == null ? result("val") : result("val", value);
    }
    Matcher keys = JOURNAL_KEYS.matcher(sql);
    if (keys.matches()) {
      return result(
          "id",
          Stream.of(keys.group(1).split(", ", -1))
              .filter(key -> journals.containsKey(Long.parseLong(key)))
              .toArray(String[]::new));
    }
    if (sql.startsWith("select message")) {
      Map<String, String> where = terms(sql.substring(sql.indexOf(" where ")));
      return result(
          "message",
          streams.values().stream()
              .filter(row -> matches(row, where))
              .map(row -> row.message)
              .toArray(String[]::new));
    }
    if (sql.startsWith("select")) {
      return result("id");
    }
    position++;
    Matcher update = UPDATE.matcher(sql);
    if (update.matches()) {
      return changed(update(terms(update.group(1)), terms(update.group(2))));
    }
    Matcher delete = DELETE.matcher(sql);
    if (delete.matches()) {
      Map<String, String> where = terms(delete.group(1));
      int size = streams.size();
      streams.values().removeIf(row -> matches(row, where));
      return changed(size - streams.size());
    }
    Matcher insert = INSERT.matcher(sql);
    if (insert.matches()) {
      List<List<String>> rows = rowsOf(insert.group(3));
      String[] columns = insert.group(2).split(", ?", -1);
      rows.forEach(row -> insert(insert.group(1), columns, row));
      return changed(rows.size());
    }
    throw new TabletException(
        Status.Code.INVALID_ARGUMENT, "not understood: " + sql, new IllegalStateException());
  }

  private int update(Map<String, String> set, Map<String, String> where) {
    int changed = 0;
    for (FakeRow row : streams.values()) {
      if (matches(row, where)) {
        changed++;
        set.forEach((column, value) -> {
          switch (column) {
            case "state" -> row.state = VReplicationWorkflowState.valueOf(value);
            case "message" -> row.message = value;
            case "stop_pos" -> row.stopPosition = value;
            default -> throw new IllegalArgumentException(column);
          }
        });
        if (row.state == VReplicationWorkflowState.Running && !row.stopPosition.isEmpty()) {
          row.position = row.stopPosition;
          row.state = VReplicationWorkflowState.Stopped;
        }
      }
    }
    return changed;
  }

  private static boolean matches(FakeRow row, Map<String, String> where) {
    return where.entrySet().stream()
        .allMatch(term ->
            switch (term.getKey()) {
              case "id" -> term.getValue().equals(Integer.toString(row.id));
              case "workflow" -> term.getValue().equals(row.workflow);
              case "message" -> term.getValue().equals(row.message);
              case "db_name" -> true;
              default -> throw new IllegalArgumentException(term.getKey());
            });
  }

  private void insert(String table, String[] columns, List<String> values) {
    Map<String, String> row = new HashMap<>();
    for (int i = 0; i < columns.length; i++) {
      row.put(columns[i].trim(), values.get(i));
    }
    if (table.equals("resharding_journal")) {
      long id = Long.parseLong(row.getOrDefault("id", "0"));
      journalOwners.putIfAbsent(id, row.getOrDefault("db_name", ""));
      if (journals.putIfAbsent(id, row.getOrDefault("val", "")) != null) {
        throw new TabletException(
            Status.Code.ALREADY_EXISTS,
            "Duplicate entry (errno 1062) (sqlstate 23000)",
            new IllegalStateException());
      }
      cluster.tablets.values().forEach(tablet -> tablet.meet(this, row.getOrDefault("val", "")));
      return;
    }
    FakeRow stream =
        addStream(
            row.getOrDefault("workflow", ""),
            TextProto.binlogSource(row.getOrDefault("source", "")));
    stream.position = row.getOrDefault("pos", "");
    stream.message = row.getOrDefault("message", "");
    stream.state = VReplicationWorkflowState.valueOf(row.getOrDefault("state", "Stopped"));
    stream.cells = row.getOrDefault("cell", "");
    stream.tabletTypes = row.getOrDefault("tablet_types", "");
  }

  /**
   * As a stock vttablet, whose running streams follow the journal of their source by themselves.
   */
  private void meet(FakeTablet source, String journal) {
    if (!stock) {
      return;
    }
    for (FakeRow row : List.copyOf(streams.values())) {
      boolean meets =
          row.state == VReplicationWorkflowState.Running
              && row.source.getKeyspace().equals(source.record.getKeyspace())
              && row.source.getShard().equals(source.record.getShard());
      if (meets) {
        streams.remove(row.id);
        for (Binlogdata.ShardGtid gtid : TextProto.journal(journal).getShardGtidsList()) {
          FakeRow follower =
              addStream(
                  row.workflow,
                  row.source.toBuilder()
                      .setKeyspace(gtid.getKeyspace())
                      .setShard(gtid.getShard())
                      .build());
          follower.position = gtid.getGtid();
          follower.state = VReplicationWorkflowState.Running;
        }
      }
    }
  }

  private static Map<String, String> terms(String text) {
    Map<String, String> terms = new HashMap<>();
    Matcher matcher = TERM.matcher(text);
    while (matcher.find()) {
      terms.put(matcher.group(1), values(matcher.group(2)).getFirst());
    }
    return terms;
  }

  /** Splits the rows of VALUES, the outermost brackets cut off. */
  private static List<List<String>> rowsOf(String text) {
    List<List<String>> rows = new ArrayList<>();
    int start = 0;
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      if (quoted && character == '\\') {
        i++;
      } else if (character == '\'') {
        quoted = !quoted;
      } else if (!quoted && character == ')') {
        rows.add(values(text.substring(start, i)));
        start = text.indexOf('(', i) + 1;
      }
    }
    rows.add(values(text.substring(start)));
    return rows;
  }

  /** Splits SQL values; strings lose their quotes and escapes. */
  private static List<String> values(String text) {
    List<String> values = new ArrayList<>();
    StringBuilder value = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      if (quoted && character == '\\') {
        value.append(text.charAt(++i));
      } else if (character == '\'') {
        quoted = !quoted;
      } else if (character == ',' && !quoted) {
        values.add(value.toString().trim());
        value.setLength(0);
      } else {
        value.append(character);
      }
    }
    values.add(value.toString().trim());
    return values;
  }

  /** A result of one column. */
  public static Query.QueryResult result(String column, String... values) {
    Query.QueryResult.Builder result =
        Query.QueryResult.newBuilder().addFields(Query.Field.newBuilder().setName(column));
    for (String value : values) {
      ByteString bytes = ByteString.copyFromUtf8(value);
      result.addRows(Query.Row.newBuilder().addLengths(bytes.size()).setValues(bytes));
    }
    return result.build();
  }

  /** A result of several columns. */
  static Query.QueryResult table(List<String> columns, List<List<String>> rows) {
    Query.QueryResult.Builder result = Query.QueryResult.newBuilder();
    columns.forEach(column -> result.addFields(Query.Field.newBuilder().setName(column)));
    for (List<String> values : rows) {
      Query.Row.Builder row = Query.Row.newBuilder();
      values.forEach(value -> row.addLengths(value.length()));
      result.addRows(row.setValues(ByteString.copyFromUtf8(String.join("", values))));
    }
    return result.build();
  }

  static Query.QueryResult changed(long rows) {
    return Query.QueryResult.newBuilder().setRowsAffected(rows).build();
  }
}
