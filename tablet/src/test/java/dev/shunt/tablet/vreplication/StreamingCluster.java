package dev.shunt.tablet.vreplication;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata;
import com.google.protobuf.ByteString;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.Positions;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.service.Secret;
import dev.shunt.tablet.Tablet;
import dev.shunt.tablet.TabletConfig;
import dev.shunt.tablet.TabletParts;
import dev.shunt.tablet.VReplicationEngine;
import dev.shunt.tablet.VStreamer;
import dev.shunt.tablet.database.StoredPosition;
import dev.shunt.tablet.vstreamer.MessageSizes;
import dev.shunt.tablet.vstreamer.TestDatabase;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import dev.shunt.workflow.streams.TextProto;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/** A source and a target tablet over real databases, a local topology and gRPC. */
public final class StreamingCluster implements AutoCloseable {
  /** Number of the source's tablet. */
  static final int SOURCE_UID = 100;

  private static final int MESSAGE_BYTES = 250_000;

  public final TestDatabase source;
  public final TestDatabase target;
  private final Topo topo;
  private final TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT);
  private final Queue<Error> failures = new ConcurrentLinkedQueue<>();
  private final UnaryOperator<TabletConfig> configure;
  private final int messageBytes;
  private final Clock sourceClock;
  private final int uids;
  private final Tablet sourceTablet;
  private Tablet targetTablet;
  private volatile boolean stockSource;

  /** With messages of so many bytes, so that a copy of few rows can be cut off. */
  public StreamingCluster(Path directory, DatabaseKind kind, int messageBytes) {
    this(
        directory,
        TestDatabase.source(kind),
        TestDatabase.target(kind),
        UnaryOperator.identity(),
        messageBytes,
        Clock.systemUTC());
  }

  public StreamingCluster(Path directory, DatabaseKind from, DatabaseKind to) {
    this(directory, TestDatabase.source(from), TestDatabase.target(to));
  }

  StreamingCluster(Path directory, TestDatabase source, TestDatabase target) {
    this(directory, source, target, UnaryOperator.identity());
  }

  /**
   * @param configure changes the configuration of both tablets
   */
  StreamingCluster(
      Path directory,
      TestDatabase source,
      TestDatabase target,
      UnaryOperator<TabletConfig> configure) {
    this(directory, source, target, configure, MESSAGE_BYTES, Clock.systemUTC());
  }

  /** With messages of so many bytes. */
  StreamingCluster(Path directory, TestDatabase source, TestDatabase target, int messageBytes) {
    this(directory, source, target, UnaryOperator.identity(), messageBytes, Clock.systemUTC());
  }

  /** With a source tablet whose account is another. */
  static StreamingCluster withSourceUser(
      Path directory, TestDatabase source, TestDatabase target, String user, int messageBytes) {
    return new StreamingCluster(
        directory,
        source,
        target,
        config ->
            config.uid() == SOURCE_UID
                ? config.withMysql(
                    source.endpoint().host(), source.endpoint().port(), user, new Secret("p"))
                : config,
        messageBytes,
        Clock.systemUTC());
  }

  /** With another clock on the source. */
  StreamingCluster(Path directory, DatabaseKind kind, Clock sourceClock) {
    this(
        directory,
        TestDatabase.source(kind),
        TestDatabase.target(kind),
        UnaryOperator.identity(),
        MESSAGE_BYTES,
        sourceClock);
  }

  private StreamingCluster(
      Path directory,
      TestDatabase source,
      TestDatabase target,
      UnaryOperator<TabletConfig> configure,
      int messageBytes,
      Clock sourceClock) {
    this(directory, source, target, configure, messageBytes, sourceClock, 0);
  }

  /** A cluster whose tablets stand beside those of others, on the same servers. */
  static StreamingCluster beside(Path directory, DatabaseKind kind, int messageBytes, int number) {
    return new StreamingCluster(
        directory,
        TestDatabase.source(kind),
        TestDatabase.target(kind),
        UnaryOperator.identity(),
        messageBytes,
        Clock.systemUTC(),
        number);
  }

  private StreamingCluster(
      Path directory,
      TestDatabase source,
      TestDatabase target,
      UnaryOperator<TabletConfig> configure,
      int messageBytes,
      Clock sourceClock,
      int uids) {
    this.uids = uids;
    this.configure = configure;
    this.sourceClock = sourceClock;
    this.messageBytes = messageBytes;
    this.source = source;
    this.target = target;
    this.topo = Topos.local(directory);
    topo.createCell("zone1", Topodata.CellInfo.newBuilder().setRoot("/zone1").build());
    this.sourceTablet = start(SOURCE_UID + uids, "commerce", source);
    this.targetTablet = start(200 + uids, "customer", target);
  }

  private Tablet start(int uid, String keyspace, TestDatabase database) {
    return start(uid, keyspace, "primary", database);
  }

  /** Adds a replica's tablet to the source shard; to be closed before this. */
  public Tablet startSourceReplica(int uid, TestDatabase database) {
    return start(uid, "commerce", "replica", database);
  }

  private Tablet start(int uid, String keyspace, String type, TestDatabase database) {
    TabletConfig config =
        TabletConfig.defaults(uid, keyspace, "0")
            .withDatabase(database.name())
            .withMysql(
                database.endpoint().host(),
                database.endpoint().port(),
                database.endpoint().user(),
                new Secret(database.endpoint().password().reveal()));
    Tablet tablet = new Tablet(configure.apply(config).withTabletType(type), topo, new Parts());
    tablet.start();
    return tablet;
  }

  private final class Parts implements TabletParts {
    @Override
    public VStreamer streamer(Context context) {
      return MessageSizes.streamer(context, messageBytes, sourceClock);
    }

    @Override
    public VReplicationEngine engine(Context context) {
      return new ReplicationEngine(
          context.identity(),
          context.endpoint(),
          context.topo(),
          failing(clients),
          new ReplicationEngine.Settings(
              Duration.ofMillis(200), context.maxTimeToRetryOnError(), context.throttler()));
    }
  }

  /** Ends the target tablet in order and starts another in its place. */
  public void restartTarget() {
    targetTablet.close();
    targetTablet = start(200 + uids, "customer", target);
  }

  /** The next stream that is started fails so. */
  void failNext(Error failure) {
    failures.add(failure);
  }

  /** Whether streams that are started from now on see in the source what a stock vttablet can. */
  void sourceIsStock(boolean stock) {
    stockSource = stock;
  }

  private TabletClients failing(TabletClients given) {
    return new TabletClients() {
      @Override
      public TabletClient of(Topodata.Tablet tablet) {
        Error failure = failures.poll();
        if (failure != null) {
          throw failure;
        }
        TabletClient client = given.of(tablet);
        return stockSource && tablet.getKeyspace().equals("commerce")
            ? StockTablet.over(client)
            : client;
      }

      @Override
      public void close() {
        given.close();
      }
    };
  }

  /** A tablet of the source shard. */
  TabletClient sourceClient(int uid) {
    return clients.of(
        topo.tablets("commerce", "0").stream()
            .filter(tablet -> tablet.getAlias().getUid() == uid)
            .findFirst()
            .orElseThrow());
  }

  TabletClient targetClient() {
    return clients.of(topo.primary("customer", "0").orElseThrow());
  }

  public static Binlogdata.Rule rule(String table, String filter) {
    return Binlogdata.Rule.newBuilder().setMatch(table).setFilter(filter).build();
  }

  public Binlogdata.BinlogSource binlogSource(Binlogdata.Rule... rules) {
    return Binlogdata.BinlogSource.newBuilder()
        .setKeyspace("commerce")
        .setShard("0")
        .setFilter(Binlogdata.Filter.newBuilder().addAllRules(List.of(rules)))
        .build();
  }

  /** Creates a stream that runs and returns its id. */
  public int stream(Binlogdata.BinlogSource from) {
    return stream(from, "Init");
  }

  /** Creates a stream that runs and writes each row by a statement of its own. */
  public int streamRowByRow(Binlogdata.BinlogSource from) {
    return stream(from, "Init", "{\"config\": {\"shunt-row-by-row\": \"true\"}}");
  }

  int stream(Binlogdata.BinlogSource from, String state) {
    return stream(from, state, "{}");
  }

  private int stream(Binlogdata.BinlogSource from, String state, String options) {
    String sql =
        "insert into _vt.vreplication (workflow, source, pos, max_tps, max_replication_lag,"
            + " tablet_types, time_updated, transaction_timestamp, state, db_name, options,"
            + " defer_secondary_keys)"
            + " values ('move', "
            + SqlText.literal(TextProto.print(from))
            + ", '', 0, 0, 'in_order:PRIMARY', 0, 0, '"
            + state
            + "', '"
            + target.name()
            + "', "
            + SqlText.literal(options)
            + ", 1)";
    return (int) targetClient().vReplicationExec(sql).getInsertId();
  }

  /**
   * Makes it look as if the stream's copy of a table had been cut off: where the source is now,
   * behind a row.
   *
   * @param key an INT, the source's key
   */
  void cutOff(int id, String table, String key, int last) {
    String value = Integer.toString(last);
    Query.QueryResult copied =
        Query.QueryResult.newBuilder()
            .addFields(
                Query.Field.newBuilder()
                    .setName(key)
                    .setOrgName(key)
                    .setType(Query.Type.INT32)
                    .setCharset(63))
            .addRows(
                Query.Row.newBuilder()
                    .addLengths(value.length())
                    .setValues(ByteString.copyFromUtf8(value)))
            .build();
    target.run(
        "UPDATE _vt.vreplication SET pos="
            + SqlText.literal(sourcePosition().encoded())
            + " WHERE id="
            + id,
        "INSERT INTO _vt.copy_state (vrepl_id, table_name, lastpk) VALUES ("
            + id
            + ","
            + SqlText.literal(table)
            + ","
            + SqlText.literal(TextProto.print(copied))
            + ")");
  }

  /** Changes a stream's row by a call. */
  void update(int id, String assignments) {
    targetClient()
        .vReplicationExec("update _vt.vreplication set " + assignments + " where id=" + id);
  }

  /** Stops a stream. */
  public void stop(int id) {
    update(id, "state='Stopped'");
  }

  /** Lets a stopped stream go on, with its copy if that is not complete. */
  public void goOn(int id) {
    update(id, "state='Copying'");
  }

  public String column(int id, String column) {
    try (MysqlConnection connection = target.connect()) {
      QueryResult result =
          connection.execute("SELECT " + column + " FROM _vt.vreplication WHERE id=" + id);
      String text = result.only().textOrNull(0);
      return text == null ? "" : text;
    }
  }

  /** All messages of a stream's log. */
  String log(int id) {
    try (MysqlConnection connection = target.connect()) {
      StringBuilder text = new StringBuilder();
      for (Row row :
          connection
              .execute("SELECT message FROM _vt.vreplication_log WHERE vrepl_id = " + id)
              .rows()) {
        text.append(row.textOrNull(0)).append('\n');
      }
      return text.toString();
    }
  }

  void awaitState(int id, String state) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(() -> assertThat(column(id, "state")).isEqualTo(state));
  }

  /** Waits until so many rows of a stream are copied. */
  void awaitRowsCopied(int id, long atLeast) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> Long.parseLong(column(id, "rows_copied")) >= atLeast);
  }

  /**
   * Waits until so many rows of a stream are copied and lets no more be, until the session that is
   * returned rolls back: it holds the row in which they are counted.
   */
  MysqlConnection holdCopy(int id, long atLeast) {
    MysqlConnection session = target.connect();
    String counted = "SELECT rows_copied FROM _vt.vreplication WHERE id=" + id + " FOR UPDATE";
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(2))
        .until(() -> {
          session.execute("BEGIN");
          boolean copied = session.execute(counted).only().number(0) >= atLeast;
          if (!copied) {
            session.execute("ROLLBACK");
          }
          return copied;
        });
    return session;
  }

  /** Makes sure that tables have the same rows on both sides. */
  void assertEqual(List<String> tables) {
    for (String table : tables) {
      assertThat(rows(target, table)).as(table).isEqualTo(rows(source, table));
    }
  }

  /** Waits until a stream has copied everything, or won't. */
  void awaitEnd(int id) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> List.of("Running", "Error").contains(column(id, "state")));
  }

  /** Waits until the target has all that the source has now. */
  void awaitCaughtUp(int id) {
    targetClient()
        .withDeadline(Duration.ofSeconds(60))
        .vReplicationWaitForPos(id, sourcePosition().encoded());
  }

  /** Whether the target has all up to a position; tells at once. */
  public boolean hasReached(int id, String position) {
    String at = StoredPosition.read(column(id, "pos").getBytes(ISO_8859_1));
    return Position.parse(at).atLeast(Position.parse(position));
  }

  /** Ends a stream for good. */
  public void delete(int id) {
    targetClient().vReplicationExec("delete from _vt.vreplication where id = " + id);
  }

  public Position sourcePosition() {
    try (MysqlConnection connection = source.connect()) {
      return Positions.current(connection);
    }
  }

  /** All rows of a table of the target, in the order of their bytes. */
  public List<String> targetRows(String table) {
    return rows(target, table);
  }

  /** All rows of a table, in the order of their bytes. */
  static List<String> rows(TestDatabase database, String table) {
    List<String> rows = new ArrayList<>();
    try (MysqlConnection connection = database.connect()) {
      for (Row row : connection.execute("SELECT * FROM " + table).rows()) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
          byte[] cell = row.bytes(i);
          text.append(cell == null ? "NULL" : "'" + new String(cell, ISO_8859_1) + "'");
          text.append(',');
        }
        rows.add(text.toString());
      }
    }
    rows.sort(null);
    return rows;
  }

  @Override
  public void close() {
    targetTablet.close();
    sourceTablet.close();
    clients.close();
    topo.close();
  }
}
