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
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** State of a tablet and of its database, as far as sagas look at it. */
public final class FakeTablet {
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

  /** Row streams that nobody has closed, each of which holds a snapshot. */
  public final AtomicInteger openRowStreams = new AtomicInteger();

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
          Set<String> now = new TreeSet<>(DeniedTables.of(shard.value()));
          if (!shard.value().getIsPrimaryServing()) {
            now.add(DeniedTables.ALL);
          }
          denied = now;
        });
    cluster.observe();
  }

  /** A call to one of the tablets that were the shard's primary; only the last answers. */
  void enter(Topodata.Tablet called, String call) {
    cluster.enter(call + " " + name());
    if (cluster.isRetired(called)) {
      throw new TabletException(
          Status.Code.FAILED_PRECONDITION, "engine is closed", new IllegalStateException());
    }
  }

  /** A call has done what it should, and its answer is on the way. */
  void done(String call) {
    cluster.enter("done " + call + " " + name());
  }

  // --- journals ------------------------------------------------------------------------------

  /** The journal under a key, unless it is another database's. */
  Optional<String> journal(long key, String database) {
    return journalOwners.getOrDefault(key, database).equals(database)
        ? Optional.ofNullable(journals.get(key))
        : Optional.empty();
  }

  /** Fails as a server does when the key is taken. */
  void requireNoJournal(long key) {
    if (journals.containsKey(key)) {
      throw new TabletException(
          Status.Code.ALREADY_EXISTS,
          "Duplicate entry (errno 1062) (sqlstate 23000)",
          new IllegalStateException());
    }
  }

  /** Writes a journal, which running streams of stock tablets meet. */
  void putJournal(long key, String database, Binlogdata.Journal journal) {
    requireNoJournal(key);
    journalOwners.put(key, database);
    journals.put(key, TextProto.print(journal));
    cluster.tablets.values().forEach(tablet -> tablet.meet(this, journal));
  }

  /**
   * As a stock vttablet, whose running streams follow the journal of their source by themselves.
   */
  private void meet(FakeTablet source, Binlogdata.Journal journal) {
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
        for (Binlogdata.ShardGtid gtid : journal.getShardGtidsList()) {
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
