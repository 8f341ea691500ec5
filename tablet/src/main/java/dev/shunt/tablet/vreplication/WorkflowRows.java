package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.ConnectOptions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.schemas.StreamState;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.vreplication.stream.RedirectTable;
import dev.shunt.tablet.vreplication.stream.StreamRow;
import dev.shunt.tablet.vreplication.stream.StreamTable;
import dev.shunt.tablet.vreplication.writing.CopySession;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows of the streams of workflows, over a connection for each request. What it decides by it reads
 * again, held, in the transaction that changes them: whoever comes second finds that nothing is
 * left to do.
 */
final class WorkflowRows implements JournalFollowing.Rows {
  private static final Logger log = LoggerFactory.getLogger(WorkflowRows.class);

  /** Longer than locks are waited for; calls that change streams wait meanwhile. */
  static final Duration SILENCE = Duration.ofSeconds(30);

  private final MysqlEndpoint database;
  private final StreamTable table;
  private final RedirectTable redirects;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable MysqlConnection used;
  private boolean closed;

  WorkflowRows(TabletIdentity tablet, MysqlEndpoint database, StreamTable table) {
    this.database = database.withDatabase(null);
    this.table = table;
    this.redirects = new RedirectTable(tablet, table);
  }

  @Override
  public void open() {
    lock.lock();
    try {
      closed = false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (used != null) {
        CopySession.end(used, log.atWarn());
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<StreamRow> read(String workflow) {
    return with(connection -> table.ofWorkflow(connection, workflow, false));
  }

  @Override
  public boolean say(int id, String message) {
    return with(connection -> table.writeMessageUnlessHalted(connection, id, message));
  }

  @Override
  public JournalFollowing.Settled settle(Gathering gathering) {
    return with(connection -> {
      connection.execute("START TRANSACTION");
      Gathering.Decision decision =
          gathering.decide(table.ofWorkflow(connection, gathering.workflow(), true));
      List<Integer> created = carryOut(connection, gathering, decision);
      connection.execute("COMMIT");
      return new JournalFollowing.Settled(decision, created);
    });
  }

  private List<Integer> carryOut(
      MysqlConnection connection, Gathering gathering, Gathering.Decision decision) {
    return switch (decision) {
      case Gathering.Decision.Left _, Gathering.Decision.Wait _ -> List.of();
      case Gathering.Decision.Stop stop -> {
        gathering
            .arrived()
            .keySet()
            .forEach(id -> table.writeState(connection, id, StreamState.STOPPED, stop.message()));
        yield List.of();
      }
      case Gathering.Decision.Follow follow ->
          redirects.replace(connection, follow.old(), follow.beginnings(), gathering.name());
    };
  }

  /** What is not committed when the connection ends is rolled back. */
  private <T> T with(Function<MysqlConnection, T> request) {
    try (MysqlConnection connection =
        MysqlConnection.open(
            database, ConnectOptions.DEFAULT.withFoundRows().withReadTimeout(SILENCE))) {
      begin(connection);
      CopySession.waitBriefly(connection);
      return request.apply(connection);
    } finally {
      end();
    }
  }

  private void begin(MysqlConnection connection) {
    lock.lock();
    try {
      if (closed) {
        throw new RpcException(Status.Code.UNAVAILABLE, "vreplication engine is closed");
      }
      used = connection;
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      used = null;
    } finally {
      lock.unlock();
    }
  }
}
