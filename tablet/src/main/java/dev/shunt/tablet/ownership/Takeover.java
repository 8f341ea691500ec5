package dev.shunt.tablet.ownership;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import io.grpc.Status;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a connection the owner of an alias, in place of a process that has died or sleeps.
 *
 * <pre>
 *   owner's lock free ──────────────────────────────┐
 *   held, silent for a while ──▶ its holder killed ─┴▶ taken ▸ database's lock taken ▸ row written
 *   held by one that lives ──▶ refused, after a while          ▸ connections of the one before
 *   database's lock held by another alias ──▶ refused            killed and gone
 * </pre>
 *
 * <p>A connection that the predecessor opens meanwhile takes its slot first and then looks who the
 * owner is. Either the slot was taken before ours were read: then it is killed; or after: then it
 * finds that the owner is another.
 */
final class Takeover {
  private static final Logger log = LoggerFactory.getLogger(Takeover.class);
  private static final long LOOK_AGAIN_MILLIS = 50;

  private final TabletIdentity tablet;
  private final AliasLocks locks;
  private final OwnershipSettings settings;

  Takeover(TabletIdentity tablet, AliasLocks locks, OwnershipSettings settings) {
    this.tablet = tablet;
    this.locks = locks;
    this.settings = settings;
  }

  /**
   * Returns when the connection owns the alias, the row names the process, and no connection of
   * another process of the alias is left.
   *
   * @throws RpcException FAILED_PRECONDITION when the alias belongs to a process that lives, the
   *     database is served by a tablet of another alias, or the account may not end the connections
   *     of its predecessor; DEADLINE_EXCEEDED when they don't end
   */
  void run(MysqlConnection connection) throws InterruptedException {
    takeLock(connection);
    takeDatabase(connection);
    if (!locks.writeProcess(connection)) {
      log.atInfo()
          .addKeyValue("tablet", tablet.aliasText())
          .log("the database takes no writes: it forgets whose the alias is when it starts anew");
    }
    endConnections(connection);
    if (!locks.takeProcess(connection) || !locks.holdsOwner(connection)) {
      throw MysqlException.refused(
          "tablet " + tablet.aliasText() + " can't start: its alias was lost to another process");
    }
  }

  private void takeLock(MysqlConnection connection) throws InterruptedException {
    long deadline = System.nanoTime() + settings.patience().toNanos();
    Set<Long> killed = new HashSet<>();
    while (!locks.takeOwner(connection)) {
      OptionalLong holder = locks.owner(connection);
      Optional<AliasLocks.Peer> peer =
          holder.isPresent() ? locks.peer(connection, holder.getAsLong()) : Optional.empty();
      boolean silent =
          peer.isPresent() && peer.get().idleSeconds() >= settings.silence().toSeconds();
      if (silent && killed.add(holder.getAsLong())) {
        replace(connection, holder.getAsLong(), peer.get());
        deadline = System.nanoTime() + settings.killWait().toNanos();
      } else if (deadline - System.nanoTime() < 0) {
        throw notTaken(holder, peer, killed);
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
    }
  }

  /** One of another alias is not replaced though it may sleep: two may have been mixed up. */
  private void takeDatabase(MysqlConnection connection) throws InterruptedException {
    long deadline = System.nanoTime() + settings.patience().toNanos();
    while (!locks.takeDatabase(connection, 0)) {
      if (deadline - System.nanoTime() < 0) {
        throw locks
            .server(connection)
            .map(server -> served(connection, server))
            .orElseGet(() -> notGiven("its database"));
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
    }
  }

  private RpcException served(MysqlConnection connection, AliasLocks.Server server) {
    return new RpcException(
        Status.Code.FAILED_PRECONDITION,
        ("tablet %s can't start: its database %s is served by %s, over connection %d%s; give it a"
                + " database of its own. If it is to take the place of that one, stop that one's"
                + " process first; where that can't be done, KILL %d at the server does it")
            .formatted(
                tablet.aliasText(),
                tablet.database(),
                server.name(),
                server.connection(),
                locks
                    .peer(connection, server.connection())
                    .map(peer -> " from " + peer.host())
                    .orElse(" of another account"),
                server.connection()));
  }

  private RpcException notTaken(
      OptionalLong holder, Optional<AliasLocks.Peer> peer, Set<Long> killed) {
    if (holder.isEmpty()) {
      return notGiven("its alias");
    }
    return killed.contains(holder.getAsLong())
        ? notEnded(List.of(holder.getAsLong()), settings.killWait())
        : refused(holder.getAsLong(), peer);
  }

  private RpcException notGiven(String what) {
    return new RpcException(
        Status.Code.UNAVAILABLE,
        "tablet "
            + tablet.aliasText()
            + " can't start: its server does not give it the lock of "
            + what
            + ", which nobody holds; start it again");
  }

  private void replace(MysqlConnection connection, long holder, AliasLocks.Peer peer) {
    log.atWarn()
        .addKeyValue("tablet", tablet.aliasText())
        .addKeyValue("connection", holder)
        .addKeyValue("from", peer.host())
        .addKeyValue("silentSeconds", peer.idleSeconds())
        .log("another process has this tablet's alias and gives no sign of life; it is replaced");
    kill(connection, holder);
  }

  private RpcException refused(long holder, Optional<AliasLocks.Peer> peer) {
    return new RpcException(
        Status.Code.FAILED_PRECONDITION,
        "tablet "
            + tablet.aliasText()
            + " runs already: another process holds its alias over connection "
            + holder
            + peer.map(seen -> " from " + seen.host()).orElse(" of another account")
            + " of its database; stop that process first, or give this one another uid");
  }

  private void endConnections(MysqlConnection connection) throws InterruptedException {
    Map<String, Long> left = new HashMap<>(locks.slots(connection));
    if (left.isEmpty()) {
      return;
    }
    log.atInfo()
        .addKeyValue("tablet", tablet.aliasText())
        .addKeyValue("connections", left.values())
        .log("connections of the process that had this alias or database before are ended");
    for (long id : left.values()) {
      kill(connection, id);
    }
    long deadline = System.nanoTime() + settings.killWait().toNanos();
    while (true) {
      Map<String, Long> now = locks.slots(connection);
      left.entrySet().removeIf(slot -> !slot.getValue().equals(now.get(slot.getKey())));
      if (left.isEmpty()) {
        return;
      }
      if (deadline - System.nanoTime() < 0) {
        throw notEnded(left.values(), settings.killWait());
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
    }
  }

  private RpcException notEnded(Collection<Long> ids, Duration waited) {
    return new RpcException(
        Status.Code.DEADLINE_EXCEEDED,
        "tablet "
            + tablet.aliasText()
            + " can't start: the database has not ended the connections "
            + ids
            + " of the process before it within "
            + waited.toSeconds()
            + " s; they may be rolling back. See SHOW PROCESSLIST, and start it again");
  }

  private void kill(MysqlConnection connection, long id) {
    try {
      locks.kill(connection, id);
    } catch (MysqlException e) {
      if (e.connectionLost()) {
        throw e;
      }
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "tablet "
              + tablet.aliasText()
              + " can't start: it may not end connection "
              + id
              + " of the process that had its alias before: "
              + e.getMessage(),
          e);
    }
  }
}
