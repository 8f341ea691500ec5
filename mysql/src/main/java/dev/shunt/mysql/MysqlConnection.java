package dev.shunt.mysql;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a MySQL or MariaDB server, over the text protocol.
 *
 * <p>It belongs to one thread at a time and blocks; a virtual thread that is interrupted while it
 * waits loses the connection, and so does any other one over a unix socket. {@link #abort()} may be
 * called by any thread. Every method throws {@link MysqlException}: after an error of the server
 * the connection goes on, after a {@linkplain MysqlException#connectionLost() lost connection} it
 * is closed.
 *
 * <p>Statements are sent as UTF-8. A new connection has character set utf8mb4 and the server's own
 * session settings, but for those that {@link ConnectOptions.Session} names; see {@link #utc()} and
 * the methods beside it.
 */
public final class MysqlConnection implements AutoCloseable {
  private static final int COM_QUIT = 1;
  private static final int COM_INIT_DB = 2;
  private static final int COM_PING = 14;
  private static final int COM_RESET_CONNECTION = 31;
  private static final int NO_SUCH_THREAD = 1094;

  private final MysqlEndpoint endpoint;
  private final ServerLink link;
  private final Conversation wire;
  private final Greeting greeting;
  private final Flavor flavor;
  private final AtomicReference<Runnable> atEnd = new AtomicReference<>(() -> {});
  private final ConnectOptions.Session session;
  private @Nullable RowCursor cursor;
  private volatile boolean closed;

  private MysqlConnection(
      MysqlEndpoint endpoint,
      ServerLink link,
      PacketReader in,
      PacketWriter out,
      Login.Session login,
      ConnectOptions.Session session) {
    this.endpoint = endpoint;
    this.link = link;
    this.wire = new Conversation(in, out, login, this::abort);
    this.greeting = login.greeting();
    this.flavor = Flavor.ofVersion(greeting.version());
    this.session = session;
  }

  /** Connects with {@link ConnectOptions#DEFAULT}. */
  public static MysqlConnection open(MysqlEndpoint endpoint) {
    return open(endpoint, ConnectOptions.DEFAULT);
  }

  /** Connects, logs in and passes the endpoint's gate. */
  public static MysqlConnection open(MysqlEndpoint endpoint, ConnectOptions options) {
    return open(endpoint, options, null);
  }

  /** To this address, or where null to the one that the endpoint has now. */
  static MysqlConnection open(
      MysqlEndpoint endpoint, ConnectOptions options, @Nullable SocketAddress address) {
    MysqlConnection connection = logIn(endpoint, options, address);
    try {
      connection.settle();
      connection.passGate();
      connection.readTimeout(options.readTimeout());
      return connection;
    } catch (RuntimeException | Error e) {
      connection.abort();
      throw e;
    }
  }

  private static MysqlConnection logIn(
      MysqlEndpoint endpoint, ConnectOptions options, @Nullable SocketAddress address) {
    ServerLink link;
    try {
      link = ServerLink.open(endpoint, address, options.connectTimeout());
    } catch (IOException e) {
      throw unreachable(endpoint, e);
    }
    try {
      link.readTimeout(options.connectTimeout());
      PacketReader in = new PacketReader(link.in());
      PacketWriter out = new PacketWriter(buffered(link.out()));
      Login login =
          new Login(in, out, endpoint, link.isPrivate(), () -> encrypt(link, endpoint, in, out));
      Login.Session session = login.run(options.foundRows());
      return new MysqlConnection(endpoint, link, in, out, session, options.session());
    } catch (IOException e) {
      link.close();
      throw unreachable(endpoint, e);
    } catch (RuntimeException | Error e) {
      link.close();
      throw e;
    }
  }

  private static MysqlException unreachable(MysqlEndpoint endpoint, IOException e) {
    return MysqlException.client(
        MysqlException.CONNECT_FAILED,
        "can't connect to the database at " + endpoint.address() + ": " + e.getMessage(),
        e);
  }

  private void passGate() {
    atEnd.getAndSet(() -> {}).run();
    atEnd.set(endpoint.gate().admit(this));
    if (closed) { // meanwhile, by another thread
      atEnd.getAndSet(() -> {}).run();
    }
  }

  private void settle() {
    execute(SessionSettings.statement(session, flavor));
  }

  private static OutputStream buffered(OutputStream out) {
    return new BufferedOutputStream(out, 64 * 1024);
  }

  private static void encrypt(
      ServerLink link, MysqlEndpoint endpoint, PacketReader in, PacketWriter out) {
    try {
      SSLSocket over = TlsSocket.over(link.asSocket(), endpoint);
      in.switchTo(over.getInputStream());
      out.switchTo(buffered(over.getOutputStream()));
    } catch (IOException e) {
      throw MysqlException.client(
          MysqlException.TLS_FAILED,
          "the line to the database at %s can't be encrypted (SSL mode %s): %s"
              .formatted(endpoint.address(), endpoint.tls().mode(), e.getMessage()),
          e);
    }
  }

  /** Runs one statement and reads all of its result. */
  public QueryResult execute(String sql) {
    return execute(sql.getBytes(StandardCharsets.UTF_8));
  }

  /** Runs one statement, whose bytes are sent as they are, and reads all of its result. */
  public QueryResult execute(byte[] sql) {
    return exchange(
        "running a statement",
        () -> {
          wire.query(sql);
          QueryResult result = wire.result(null);
          // A procedure's CALL sends a status after its rows.
          while (wire.moreResults()) {
            QueryResult next = wire.result(null);
            result = result.columns().isEmpty() ? next : result;
          }
          return result;
        });
  }

  /** Runs statements that are joined by semicolons; one result for each, in order. */
  public List<QueryResult> executeMulti(String sql) {
    return executeMulti(sql.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Runs statements that are joined by semicolons; one result for each, in order. When one fails
   * the later ones do not run, and those before it have taken effect.
   */
  public List<QueryResult> executeMulti(byte[] sql) {
    return exchange(
        "running statements",
        () -> {
          wire.queries(sql);
          List<QueryResult> results = new ArrayList<>();
          do {
            results.add(wire.result(null));
          } while (wire.moreResults());
          return results;
        });
  }

  /** Runs one query whose rows are read one by one; until it is closed nothing else can run. */
  public RowCursor stream(String sql) {
    return stream(sql.getBytes(StandardCharsets.UTF_8));
  }

  /** As {@link #stream(String)}, with the bytes of the query sent as they are. */
  public RowCursor stream(byte[] sql) {
    return exchange(
        "starting a query",
        () -> {
          wire.query(sql);
          List<Column> columns = wire.columns();
          RowCursor opened = new RowCursor(this, columns);
          cursor = columns.isEmpty() ? null : opened;
          return opened;
        });
  }

  /** What {@link #loadDataLocal} sends in place of a file. */
  @FunctionalInterface
  public interface LocalData {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Runs a LOAD DATA LOCAL statement, with what {@code data} writes in place of the file. The
   * server turns bad values into warnings: demand that affectedRows is what was sent and that there
   * are no warnings. When {@code data} fails the connection is closed, so the server rolls back.
   */
  public QueryResult loadDataLocal(String sql, LocalData data) {
    return exchange(
        "loading data",
        () -> {
          wire.query(sql.getBytes(StandardCharsets.UTF_8));
          return wire.result(data);
        });
  }

  /**
   * Starts a binary log dump; the session must have been prepared for it.
   *
   * @param command code of COM_BINLOG_DUMP or COM_BINLOG_DUMP_GTID
   * @param argument what follows the code
   */
  public BinlogDump binlogDump(int command, byte[] argument) {
    return exchange(
        "starting a binary log dump",
        () -> {
          wire.command(command, argument);
          return new BinlogDump(this);
        });
  }

  /** Whether the server still answers; its answer says how the session is. */
  public boolean ping() {
    try {
      simple("pinging", COM_PING, new byte[0]);
      return true;
    } catch (MysqlException e) {
      return false;
    }
  }

  /** Makes {@code database} the default one. */
  public void use(String database) {
    simple("changing the database", COM_INIT_DB, database.getBytes(StandardCharsets.UTF_8));
  }

  /** Rolls back, unlocks, drops temporary tables and gives back the session settings of a login. */
  public void reset() {
    simple("resetting the session", COM_RESET_CONNECTION, new byte[0]);
    wire.sessionWasReset();
    settle();
    flavor.sessions().afterReset(this);
    try {
      passGate();
    } catch (RuntimeException | Error e) {
      abort();
      throw e;
    }
  }

  /** Times are read and written in UTC. */
  public MysqlConnection utc() {
    execute("SET time_zone='+00:00'");
    return this;
  }

  /** Literals and results are bytes, never converted. */
  public MysqlConnection namesBinary() {
    execute("SET NAMES binary");
    return this;
  }

  /** Results come in the character set of their column; literals stay what they are. */
  public MysqlConnection unconvertedResults() {
    execute("SET character_set_results=NULL");
    return this;
  }

  /** Replaces the session's SQL mode. */
  public MysqlConnection sqlMode(String mode) {
    execute("SET sql_mode=" + SqlText.literal(mode));
    return this;
  }

  /** Limits the silence of the server while an answer is awaited; zero for no limit. */
  public void readTimeout(Duration timeout) {
    try {
      link.readTimeout(timeout);
    } catch (IOException e) {
      throw lost("setting the read timeout", e);
    }
  }

  /** Id of this connection in SHOW PROCESSLIST and for KILL. */
  public long connectionId() {
    return greeting.connectionId();
  }

  /** What this server does in its own way. */
  public Flavor flavor() {
    return flavor;
  }

  /** Such as {@code 9.7.4} or {@code 11.4.5-MariaDB-log}. */
  public String serverVersion() {
    return greeting.version();
  }

  /** Where this connection goes. */
  public MysqlEndpoint endpoint() {
    return endpoint;
  }

  /**
   * Whether a transaction was open after the last answer that was no error: errors don't say. After
   * one, {@link #ping()} finds out.
   */
  public boolean inTransaction() {
    return (wire.status() & Responses.IN_TRANSACTION) != 0;
  }

  /** Whether statements commit by themselves, after the last answer that was no error. */
  public boolean autocommits() {
    return (wire.status() & Responses.AUTOCOMMIT) != 0;
  }

  public boolean isClosed() {
    return closed;
  }

  /**
   * Ends the statement that runs here, through a second connection to the same address: behind its
   * name there may be another server by now, where the id is somebody else's. Any thread may call
   * it.
   */
  public void killQuery() {
    try (MysqlConnection other = besides()) {
      other.execute("KILL QUERY " + connectionId());
    }
  }

  /**
   * Ends this connection on the server, as {@link #killQuery} does the statement. Any thread may
   * call it.
   *
   * @throws MysqlException when the server could not be reached: the connection is as it was then,
   *     and what it does may go on
   */
  public void kill() {
    try (MysqlConnection other = besides()) {
      other.execute("KILL " + connectionId());
    } catch (MysqlException e) {
      if (e.errno() != NO_SUCH_THREAD) {
        throw e;
      }
    }
    abort();
  }

  private MysqlConnection besides() {
    return open(endpoint.withDatabase(null), ConnectOptions.DEFAULT, link.remote());
  }

  /** Closes the link at once; whoever waits for an answer gets an exception. Any thread. */
  public void abort() {
    closed = true;
    link.close();
    atEnd.getAndSet(() -> {}).run();
  }

  /** Ends the connection; the server rolls back an open transaction. */
  @Override
  public void close() {
    if (!closed) {
      try {
        if (cursor == null) {
          wire.command(COM_QUIT, new byte[0]);
        }
      } catch (IOException gone) {
        // It is closed next anyway.
      }
      abort();
    }
  }

  /** For the cursor: the next packet of the rows, or null after the last row. */
  @Nullable Packet nextRow() {
    return exchange(
        "reading rows",
        () -> {
          Packet row;
          try {
            row = wire.row();
          } catch (MysqlException e) {
            cursor = null;
            throw e;
          }
          if (row == null) {
            cursor = null;
          }
          return row;
        },
        true);
  }

  /** For the dump: whether bytes that nobody has read are here. */
  boolean hasBuffered() {
    return wire.hasBuffered();
  }

  /** For the dump: the next event. */
  byte[] nextEvent() {
    return exchange("reading the binary log", wire::event);
  }

  private void simple(String doing, int command, byte[] argument) {
    exchange(
        doing,
        () -> {
          wire.command(command, argument);
          return wire.result(null);
        });
  }

  @FunctionalInterface
  private interface Exchange<T extends @Nullable Object> {
    T run() throws IOException;
  }

  private <T> T exchange(String doing, Exchange<T> exchange) {
    return exchange(doing, exchange, false);
  }

  private <T extends @Nullable Object> T exchange(
      String doing, Exchange<T> exchange, boolean byCursor) {
    if (closed) {
      throw MysqlException.client(
          MysqlException.GONE_AWAY,
          "the connection to the database at " + endpoint.address() + " is closed",
          null);
    }
    if (cursor != null && !byCursor) {
      throw new IllegalStateException("a row cursor is open on this connection; close it first");
    }
    try {
      return exchange.run();
    } catch (IOException e) {
      throw lost(doing, e);
    } catch (MysqlException e) {
      if (e.errno() == MysqlException.MALFORMED_PACKET) {
        abort();
      }
      throw e;
    } catch (RuntimeException | Error e) {
      abort(); // in the middle of an answer, whose rest would be taken for that of what comes next
      throw e;
    }
  }

  private MysqlException lost(String doing, IOException cause) {
    abort();
    return MysqlException.client(
        MysqlException.LOST_CONNECTION,
        "lost the connection to the database at "
            + endpoint.address()
            + " while "
            + doing
            + ": "
            + cause.getMessage(),
        cause);
  }
}
