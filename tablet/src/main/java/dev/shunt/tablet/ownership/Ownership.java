package dev.shunt.tablet.ownership;

import dev.shunt.mysql.ConnectOptions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.SessionGate;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * That this process, and no other, is the tablet of its alias and of its database. Every connection
 * that may change the database passes {@link #gate()}; when another process takes the alias over,
 * these connections end before it begins, and no new one is let through. A process that was asleep
 * meanwhile so finds that it can't do anything any more.
 *
 * <pre>
 *   new ──take()──▶ owner ──connection lost──▶ unsure ──lock free, row not another's──▶ owner
 *                     │                          └──row names another──▶ superseded (for good)
 *                     └──close()──▶ given up
 * </pre>
 */
public final class Ownership implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Ownership.class);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final TabletIdentity tablet;
  private final MysqlEndpoint endpoint;
  private final OwnershipSettings settings;
  private final Runnable onSuperseded;
  private final AliasLocks locks;

  /** Guards the connection; held while the database is asked. */
  private final ReentrantLock lock = new ReentrantLock();

  private final BitSet slots = new BitSet();
  private @Nullable MysqlConnection connection;
  private @Nullable Thread heart;
  private volatile boolean superseded;
  private volatile boolean closed;

  /**
   * Takes nothing yet.
   *
   * @param endpoint the tablet's database server; its connections pass no gate
   * @param onSuperseded called once, by a thread of its own, when another process has the alias
   */
  public Ownership(
      TabletIdentity tablet,
      MysqlEndpoint endpoint,
      OwnershipSettings settings,
      Runnable onSuperseded) {
    this.tablet = tablet;
    this.endpoint = endpoint.withDatabase(null);
    this.settings = settings;
    this.onSuperseded = onSuperseded;
    this.locks = new AliasLocks(tablet, UUID.randomUUID());
  }

  /**
   * Makes this process the tablet of its alias. The sidecar's tables must be there.
   *
   * @throws RpcException FAILED_PRECONDITION when another process that lives has the alias, or a
   *     tablet of another alias serves the database
   * @throws MysqlException when the database fails
   */
  public void take() throws InterruptedException {
    MysqlConnection opened = open();
    lock.lock();
    try {
      connection = opened;
    } finally {
      lock.unlock();
    }
    new Takeover(tablet, locks, settings).run(opened);
    heart = Thread.ofVirtual().name("tablet-owner " + tablet.aliasText()).start(this::beat);
  }

  private MysqlConnection open() {
    return MysqlConnection.open(endpoint, ConnectOptions.DEFAULT.withReadTimeout(ANSWER));
  }

  private void beat() {
    boolean said = false;
    try {
      while (!closed && !superseded) {
        TimeUnit.NANOSECONDS.sleep(settings.beat().toNanos());
        try {
          verify();
          said = false;
        } catch (RuntimeException e) { // whatever it is, the next beat must come
          log.atLevel(said || closed || superseded ? Level.DEBUG : Level.WARN)
              .addKeyValue("tablet", tablet.aliasText())
              .addKeyValue("reason", e.toString())
              .log("the database can't be asked whether the alias is still this process's");
          said = true;
        }
      }
    } catch (InterruptedException e) {
      log.atDebug().addKeyValue("tablet", tablet.aliasText()).log("alias given up");
    }
  }

  /**
   * Returns when the database has just said that the alias is this process's.
   *
   * @throws MysqlException when it belongs to another, or the database can't be asked
   */
  public void verify() {
    var unused = owning();
  }

  /** The connection of which the database has just said that it is the owner's. */
  private MysqlConnection owning() {
    lock.lock();
    try {
      requireNotSuperseded();
      MysqlConnection current = connection;
      if (current != null && !current.isClosed()) {
        try {
          if (locks.holdsOwner(current)) {
            return current;
          }
          current.close();
        } catch (MysqlException e) {
          current.close();
        }
      }
      return regain();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Regains the alias over a new connection, unless another thread did so since: the server that a
   * name or a proxy leads to now may be another one than the owner's connection goes to.
   */
  private void follow(MysqlConnection owning) {
    lock.lock();
    try {
      requireNotSuperseded();
      if (connection == owning) {
        owning.close();
        var unused = regain();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes the owner's lock again, provided that nobody was the owner meanwhile. */
  private MysqlConnection regain() {
    if (closed) {
      throw refusal("the tablet is shutting down");
    }
    MysqlConnection opened = open();
    connection = opened;
    try {
      if (!locks.takeOwner(opened)) {
        notFree(opened);
      }
      requireNoOther(opened);
      requireDatabase(opened); // before the process's lock, with which others are let through
      boolean unused = locks.writeProcess(opened); // perhaps it is another server than before
      if (!locks.takeProcess(opened)) {
        throw refusal("a connection of it that was lost has not ended yet");
      }
      log.atInfo()
          .addKeyValue("tablet", tablet.aliasText())
          .log("the connection that holds the tablet's alias was lost and made again");
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private void notFree(MysqlConnection opened) {
    if (locks.processOwns(opened)) {
      // Our own that we lost; the server has not noticed yet.
      locks.owner(opened).ifPresent(id -> locks.kill(opened, id));
    } else {
      requireNoOther(opened);
    }
    throw refusal("the lock of its alias is not free yet");
  }

  private void requireDatabase(MysqlConnection opened) {
    if (!locks.takeDatabase(opened, 2)) {
      throw refusal(
          locks
              .server(opened)
              .map(server -> "its database is served by " + server.name() + " by now")
              .orElse("the lock of its database is not free yet"));
    }
  }

  private void requireNoOther(MysqlConnection current) {
    if (locks.named(current) == AliasLocks.Named.ANOTHER) {
      supersede();
      requireNotSuperseded();
    }
  }

  private void supersede() {
    if (!superseded) {
      superseded = true;
      log.atError()
          .addKeyValue("tablet", tablet.aliasText())
          .log("another process has taken this tablet's alias over; this one serves no more");
      var unused = Thread.ofVirtual().name("tablet-superseded").start(onSuperseded);
    }
  }

  private void requireNotSuperseded() {
    if (superseded) {
      throw refusal("another process has taken its alias over");
    }
  }

  private MysqlException refusal(String why) {
    return MysqlException.refused(
        "operation not allowed in state NOT_SERVING: tablet " + tablet.aliasText() + ": " + why);
  }

  /** Lets connections of this process to its database through, while the alias is its own. */
  public SessionGate gate() {
    return this::admit;
  }

  private Runnable admit(MysqlConnection fresh) {
    requireNotSuperseded();
    List<Integer> busy = new ArrayList<>();
    MysqlConnection owning = null;
    boolean followed = false;
    try {
      while (true) {
        int slot = reserve();
        switch (take(fresh, slot)) {
          case TAKEN -> {
            return () -> release(slot);
          }
          case BUSY -> busy.add(slot); // one of ours that was closed has not ended yet
          case NOT_OWNER -> {
            release(slot);
            if (followed) {
              throw refusal("its alias is not this process's at the moment");
            }
            if (owning == null) {
              owning = owning(); // It may have been lost: regain it, or learn why not.
            } else {
              follow(owning);
              followed = true;
            }
          }
        }
      }
    } finally {
      busy.forEach(this::release);
    }
  }

  private AliasLocks.Slot take(MysqlConnection fresh, int slot) {
    try {
      return locks.takeSlot(fresh, slot);
    } catch (RuntimeException | Error e) {
      release(slot);
      throw e;
    }
  }

  private int reserve() {
    synchronized (slots) {
      int slot = slots.nextClearBit(0);
      if (slot >= AliasLocks.SLOTS) {
        throw refusal("it has " + AliasLocks.SLOTS + " connections already");
      }
      slots.set(slot);
      return slot;
    }
  }

  private void release(int slot) {
    synchronized (slots) {
      slots.clear(slot);
    }
  }

  /** Gives the alias up; connections that passed the gate should be closed before. */
  @Override
  public void close() {
    closed = true;
    Thread beating = heart;
    if (beating != null) {
      beating.interrupt();
    }
    lock.lock();
    try {
      if (connection != null) {
        connection.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
