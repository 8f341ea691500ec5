package dev.shunt.tablet;

import dev.shunt.service.Durations;
import dev.shunt.service.Secret;
import dev.shunt.service.TopoSettings;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * How a tablet is set up.
 *
 * @param cell cell it is in
 * @param uid its number, unique in the cell
 * @param keyspace keyspace it serves
 * @param shard shard it serves, for instance {@code 0} or {@code -80}
 * @param tabletType {@code primary}, {@code replica} or {@code rdonly}; who is primary the shard's
 *     record says once it names a tablet
 * @param database name of its MySQL database; empty for {@code vt_} and the keyspace
 * @param createDatabase whether that database is made where the server has none of the name;
 *     otherwise a tablet without its database does not start
 * @param host name or address under which others reach it
 * @param grpcPort port of its gRPC server; 0 for any free one
 * @param httpPort port of the page that says what it is (Vitess asks there for its version); 0 for
 *     any free one
 * @param mysqlHost where its database server is
 * @param mysqlPort port of its database server
 * @param mysqlSocket path of that server's unix socket on this machine, through which the tablet
 *     goes instead; empty for TCP
 * @param mysqlUser account that may do everything on the server
 * @param mysqlPassword its password
 * @param mysqlTls how the line to the server is protected
 * @param poolSize most connections for single statements, and as many again for transactions
 * @param poolWait how long a statement waits for a connection
 * @param transactionTimeout how long a transaction may be open
 * @param refreshWait how long RefreshState waits for statements on tables denied by it
 * @param healthInterval time between health messages while nothing changes
 * @param maxTimeToRetryOnError how long a stream may fail with the same error before it is given
 *     up; zero for never, as in Vitess
 * @param throttler when the database is too busy for streams
 * @param topo where the topology is
 */
public record TabletConfig(
    String cell,
    int uid,
    String keyspace,
    String shard,
    String tabletType,
    String database,
    boolean createDatabase,
    String host,
    int grpcPort,
    int httpPort,
    String mysqlHost,
    int mysqlPort,
    String mysqlSocket,
    String mysqlUser,
    Secret mysqlPassword,
    TlsSettings mysqlTls,
    int poolSize,
    Duration poolWait,
    Duration transactionTimeout,
    Duration refreshWait,
    Duration healthInterval,
    Duration maxTimeToRetryOnError,
    ThrottlerSettings throttler,
    TopoSettings topo) {
  /** Name of the database that holds the tablet's own tables. */
  public static final String SIDECAR = "_vt";

  public TabletConfig {
    requireText("cell", cell);
    requireText("keyspace", keyspace);
    requireText("shard", shard);
    requireText("host", host);
    requireText("mysqlHost", mysqlHost);
    requireText("mysqlUser", mysqlUser);
    if (uid < 1) {
      throw new IllegalArgumentException("uid must be at least 1: " + uid);
    }
    requirePort("grpcPort", grpcPort, 0);
    requirePort("httpPort", httpPort, 0);
    requirePort("mysqlPort", mysqlPort, 1);
    if (mysqlSocket.isBlank() != mysqlSocket.isEmpty() || mysqlSocket.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("mysqlSocket is no path");
    }
    if (poolSize < 1) {
      throw new IllegalArgumentException("poolSize must be at least 1: " + poolSize);
    }
    requirePositive("poolWait", poolWait);
    requirePositive("transactionTimeout", transactionTimeout);
    requirePositive("refreshWait", refreshWait);
    requirePositive("healthInterval", healthInterval);
    if (maxTimeToRetryOnError.isNegative()) {
      throw new IllegalArgumentException(
          "maxTimeToRetryOnError is negative: " + Durations.text(maxTimeToRetryOnError));
    }
    var unused = type(tabletType);
    if (database.isEmpty()) {
      database = "vt_" + keyspace;
    }
  }

  private static void requireText(String key, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(key + " is empty");
    }
  }

  private static void requirePort(String key, int port, int least) {
    if (port < least || port > 65_535) {
      throw new IllegalArgumentException(key + " must be between " + least + " and 65535: " + port);
    }
  }

  private static void requirePositive(String key, Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(key + " must be positive, not " + Durations.text(value));
    }
  }

  private static Topodata.TabletType type(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "primary" -> Topodata.TabletType.PRIMARY;
      case "replica" -> Topodata.TabletType.REPLICA;
      case "rdonly" -> Topodata.TabletType.RDONLY;
      default ->
          throw new IllegalArgumentException(
              "tabletType must be primary, replica or rdonly, not '" + name + "'");
    };
  }

  /** A primary beside a database on this machine, with every default. */
  public static TabletConfig defaults(int uid, String keyspace, String shard) {
    return new TabletConfig(
        "zone1",
        uid,
        keyspace,
        shard,
        "primary",
        "",
        false,
        "127.0.0.1",
        0,
        0,
        "127.0.0.1",
        3306,
        "",
        "root",
        Secret.NONE,
        TlsSettings.preferred(),
        32,
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(10),
        Duration.ofSeconds(5),
        Duration.ZERO,
        ThrottlerSettings.off(),
        TopoSettings.defaults());
  }

  /** The same tablet beside a database server elsewhere. */
  public TabletConfig withMysql(String newHost, int newPort, String user, Secret password) {
    return with(draft -> {
      draft.mysqlHost = newHost;
      draft.mysqlPort = newPort;
      draft.mysqlUser = user;
      draft.mysqlPassword = password;
    });
  }

  /** The same tablet going through its server's unix socket; over TCP where it is empty. */
  public TabletConfig withSocket(String path) {
    return with(draft -> draft.mysqlSocket = path);
  }

  /** The same tablet over a line to its server that is protected in another way. */
  public TabletConfig withTls(TlsSettings tls) {
    return with(draft -> draft.mysqlTls = tls);
  }

  /** With another type: primary, replica or rdonly. */
  public TabletConfig withTabletType(String type) {
    return with(draft -> draft.tabletType = type);
  }

  /** The same tablet with another database name. */
  public TabletConfig withDatabase(String newDatabase) {
    return with(draft -> draft.database = newDatabase);
  }

  /** The same tablet, which makes its database where it is missing. */
  public TabletConfig creatingDatabase() {
    return with(draft -> draft.createDatabase = true);
  }

  /** The same tablet in another cell. */
  public TabletConfig withCell(String newCell) {
    return with(draft -> draft.cell = newCell);
  }

  /** The same tablet with another gRPC port. */
  public TabletConfig withGrpcPort(int port) {
    return with(draft -> draft.grpcPort = port);
  }

  /** The same tablet with another limit on transactions. */
  public TabletConfig withTransactionTimeout(Duration timeout) {
    return with(draft -> draft.transactionTimeout = timeout);
  }

  /** The same tablet with other rules for its streams. */
  public TabletConfig withStreams(
      Duration newMaxTimeToRetryOnError, ThrottlerSettings newThrottler) {
    return with(draft -> {
      draft.maxTimeToRetryOnError = newMaxTimeToRetryOnError;
      draft.throttler = newThrottler;
    });
  }

  /** The tablet's type. */
  public Topodata.TabletType type() {
    return type(tabletType);
  }

  /** Which tablet this is. */
  public TabletIdentity identity() {
    return new TabletIdentity(
        Topodata.TabletAlias.newBuilder().setCell(cell).setUid(uid).build(),
        keyspace,
        shard,
        database,
        SIDECAR);
  }

  private TabletConfig with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.toConfig();
  }

  /** A configuration in the making, component by component. */
  private static final class Draft {
    String cell;
    int uid;
    String keyspace;
    String shard;
    String tabletType;
    String database;
    boolean createDatabase;
    String host;
    int grpcPort;
    int httpPort;
    String mysqlHost;
    int mysqlPort;
    String mysqlSocket;
    String mysqlUser;
    Secret mysqlPassword;
    TlsSettings mysqlTls;
    int poolSize;
    Duration poolWait;
    Duration transactionTimeout;
    Duration refreshWait;
    Duration healthInterval;
    Duration maxTimeToRetryOnError;
    ThrottlerSettings throttler;
    TopoSettings topo;

    Draft(TabletConfig of) {
      cell = of.cell;
      uid = of.uid;
      keyspace = of.keyspace;
      shard = of.shard;
      tabletType = of.tabletType;
      database = of.database;
      createDatabase = of.createDatabase;
      host = of.host;
      grpcPort = of.grpcPort;
      httpPort = of.httpPort;
      mysqlHost = of.mysqlHost;
      mysqlPort = of.mysqlPort;
      mysqlSocket = of.mysqlSocket;
      mysqlUser = of.mysqlUser;
      mysqlPassword = of.mysqlPassword;
      mysqlTls = of.mysqlTls;
      poolSize = of.poolSize;
      poolWait = of.poolWait;
      transactionTimeout = of.transactionTimeout;
      refreshWait = of.refreshWait;
      healthInterval = of.healthInterval;
      maxTimeToRetryOnError = of.maxTimeToRetryOnError;
      throttler = of.throttler;
      topo = of.topo;
    }

    TabletConfig toConfig() {
      return new TabletConfig(
          cell,
          uid,
          keyspace,
          shard,
          tabletType,
          database,
          createDatabase,
          host,
          grpcPort,
          httpPort,
          mysqlHost,
          mysqlPort,
          mysqlSocket,
          mysqlUser,
          mysqlPassword,
          mysqlTls,
          poolSize,
          poolWait,
          transactionTimeout,
          refreshWait,
          healthInterval,
          maxTimeToRetryOnError,
          throttler,
          topo);
    }
  }
}
