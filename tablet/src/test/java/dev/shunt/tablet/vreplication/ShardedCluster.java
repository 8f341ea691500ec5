package dev.shunt.tablet.vreplication;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.KeyspaceShard;
import binlogdata.Binlogdata.MigrationType;
import binlogdata.Binlogdata.Rule;
import binlogdata.Binlogdata.ShardGtid;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Positions;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.service.Secret;
import dev.shunt.tablet.Tablet;
import dev.shunt.tablet.TabletConfig;
import dev.shunt.tablet.TabletParts;
import dev.shunt.tablet.VReplicationEngine;
import dev.shunt.tablet.VStreamer;
import dev.shunt.tablet.vstreamer.MessageSizes;
import dev.shunt.tablet.vstreamer.TestDatabase;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import dev.shunt.workflow.streams.TextProto;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** Tablets of some shards of keyspace customer, and the one of reporting/0 that reads from them. */
final class ShardedCluster implements AutoCloseable {
  private static final AtomicInteger JOURNALS = new AtomicInteger();
  private static final int TARGET_UID = 200;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  final TestDatabase target;
  private final Topo topo;
  private final TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT);
  private final Map<String, TestDatabase> databases = new LinkedHashMap<>();
  private final List<Tablet> sources = new ArrayList<>();
  private Tablet reporting;

  ShardedCluster(Path directory, DatabaseKind kind, String... shards) {
    topo = Topos.local(directory);
    topo.createCell("zone1", Topodata.CellInfo.newBuilder().setRoot("/zone1").build());
    for (String shard : shards) {
      TestDatabase database = TestDatabase.source(kind);
      databases.put(shard, database);
      sources.add(start(100 + sources.size(), "customer", shard, database));
    }
    target = TestDatabase.target(kind);
    reporting = start(TARGET_UID, "reporting", "0", target);
  }

  private Tablet start(int uid, String keyspace, String shard, TestDatabase database) {
    TabletConfig config =
        TabletConfig.defaults(uid, keyspace, shard)
            .withDatabase(database.name())
            .withMysql(
                database.endpoint().host(),
                database.endpoint().port(),
                database.endpoint().user(),
                new Secret(database.endpoint().password().reveal()))
            .withTabletType("primary");
    Tablet tablet = new Tablet(config, topo, new Parts());
    tablet.start();
    return tablet;
  }

  private final class Parts implements TabletParts {
    @Override
    public VStreamer streamer(Context context) {
      return MessageSizes.streamer(context, 250_000, Clock.systemUTC());
    }

    @Override
    public VReplicationEngine engine(Context context) {
      return new ReplicationEngine(
          context.identity(),
          context.endpoint(),
          context.topo(),
          clients,
          new ReplicationEngine.Settings(
              Duration.ofMillis(200), context.maxTimeToRetryOnError(), context.throttler()));
    }
  }

  /** Ends the tablet that reads and starts another in its place. */
  void restartTarget() {
    reporting.close();
    reporting = start(TARGET_UID, "reporting", "0", target);
  }

  TestDatabase shard(String shard) {
    return databases.get(shard);
  }

  TabletClient client() {
    return clients.of(topo.primary("reporting", "0").orElseThrow());
  }

  static Rule rule(String table, String filter) {
    return Rule.newBuilder().setMatch(table).setFilter(filter).build();
  }

  /** A stream of workflow {@code report} that is to copy and follow; returns its id. */
  int stream(String shard, Rule... rules) {
    return stream("report", VReplicationWorkflowType.Materialize, shard, "Init", rules);
  }

  int stream(
      String workflow, VReplicationWorkflowType type, String shard, String state, Rule... rules) {
    BinlogSource source =
        BinlogSource.newBuilder()
            .setKeyspace("customer")
            .setShard(shard)
            .setFilter(Filter.newBuilder().addAllRules(List.of(rules)))
            .build();
    return (int)
        client()
            .vReplicationExec(
                """
                insert into _vt.vreplication (workflow, source, pos, max_tps, max_replication_lag,
                cell, tablet_types, time_updated, transaction_timestamp, state, db_name, options,
                tags, workflow_type, workflow_sub_type, defer_secondary_keys) values ('%s', %s, '',
                5, 6, 'zone1', 'in_order:PRIMARY', 0, 0, '%s', '%s', '{"config": {"k": "v"}}',
                'tag', %d, 1, 1)
                """
                    .formatted(
                        workflow,
                        SqlText.literal(TextProto.print(source)),
                        state,
                        target.name(),
                        type.getNumber()))
            .getInsertId();
  }

  void update(int id, String assignment) {
    client()
        .vReplicationExec("update _vt.vreplication set %s where id=%d".formatted(assignment, id));
  }

  String position(String shard) {
    try (MysqlConnection connection = shard(shard).connect()) {
      return Positions.current(connection).encoded();
    }
  }

  /**
   * A journal of shards of customer.
   *
   * @param participants shards that it is written to
   * @param targets shards with their positions
   */
  Journal journal(long id, List<String> participants, Map<String, String> targets) {
    Journal.Builder journal = Journal.newBuilder().setId(id).setMigrationType(MigrationType.SHARDS);
    participants.forEach(shard ->
        journal.addParticipants(
            KeyspaceShard.newBuilder().setKeyspace("customer").setShard(shard)));
    targets.forEach((shard, position) ->
        journal.addShardGtids(
            ShardGtid.newBuilder().setKeyspace("customer").setShard(shard).setGtid(position)));
    return journal.build();
  }

  /** Writes a journal to a shard, as a switch does. */
  void write(String shard, Journal journal) {
    shard(shard)
        .run(
            "INSERT INTO _vt.resharding_journal (id, db_name, val) VALUES (%d, '%s', %s)"
                .formatted(
                    JOURNALS.incrementAndGet(),
                    shard(shard).name(),
                    SqlText.literal(TextProto.print(journal))));
  }

  String column(int id, String column) {
    try (MysqlConnection connection = target.connect()) {
      List<Row> rows =
          connection
              .execute("SELECT %s FROM _vt.vreplication WHERE id=%d".formatted(column, id))
              .rows();
      String text = rows.isEmpty() ? "gone" : rows.getFirst().textOrNull(0);
      return text == null ? "" : text;
    }
  }

  void await(int id, String column, String value) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(() -> assertThat(column(id, column)).isEqualTo(value));
  }

  /** All streams of a workflow, ordered by id: what an expression on their columns gives. */
  List<String> streams(String workflow, String expression) {
    return texts(
        "SELECT %s FROM _vt.vreplication WHERE db_name='%s' AND workflow='%s' ORDER BY id"
            .formatted(expression, target.name(), workflow));
  }

  /** Ids of the streams of a workflow once they read from these shards only. */
  List<Integer> awaitSources(String workflow, String... shards) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(() ->
            assertThat(streams(workflow, "source"))
                .extracting(source -> TextProto.binlogSource(source).getShard())
                .containsExactly(shards));
    return streams(workflow, "id").stream().map(Integer::valueOf).toList();
  }

  List<String> texts(String query) {
    try (MysqlConnection connection = target.connect()) {
      return connection.execute(query).rows().stream()
          .map(row -> new String(row.bytes(0), ISO_8859_1))
          .toList();
    }
  }

  /** Waits until a stream has brought all that its shard has now. */
  void awaitCaughtUp(int id, String shard) {
    client().withDeadline(PATIENCE).vReplicationWaitForPos(id, position(shard));
  }

  @Override
  public void close() {
    reporting.close();
    sources.forEach(Tablet::close);
    clients.close();
    topo.close();
  }
}
