package dev.shunt.tablet.database;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tabletclient.Fence;
import dev.shunt.topo.StoreLife;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import io.grpc.Status;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The highest token seen for each fence, in {@code _vt.shunt_fence}, with the epoch of the topology
 * in which it was given. Tokens of different epochs don't order each other: there the topology is
 * asked in which epoch it is, and that one counts.
 */
public final class Fences {
  private static final Logger log = LoggerFactory.getLogger(Fences.class);

  private static final String BEGIN = "START TRANSACTION";

  private final String table;
  private final Topo topo;

  /** The fences of a sidecar database. */
  public Fences(String sidecar, Topo topo) {
    this.table = SqlText.qualified(sidecar, "shunt_fence");
    this.topo = topo;
  }

  private record Stored(String epoch, long token) {}

  /**
   * Raises the stored token to the fence's. Run in the transaction of the effect it guards, before
   * it: the row stays locked until that transaction ends, so of two holders the later wins.
   *
   * @throws RpcException FAILED_PRECONDITION when a higher token was seen; roll back then
   * @throws TopoException when epochs differ and the topology can't be asked
   */
  public void raise(MysqlConnection connection, Optional<Fence> given) {
    given.ifPresent(fence -> raise(connection, "", fence));
  }

  /**
   * Starts a transaction and raises the token in it; roll back when it fails.
   *
   * @throws RpcException as {@link #raise}
   */
  public void begin(MysqlConnection connection, Optional<Fence> given) {
    if (given.isEmpty()) {
      connection.execute(BEGIN);
    } else {
      raise(connection, BEGIN + ";", given.get());
    }
  }

  private void raise(MysqlConnection connection, String before, Fence fence) {
    String key = SqlText.literal(fence.key());
    String epoch = SqlText.literal(fence.epoch());
    Row row =
        connection
            .executeMulti(
                before
                    + "INSERT INTO "
                    + table
                    + " (workflow, epoch, token) VALUES ("
                    + key
                    + ", "
                    + epoch
                    + ", "
                    + fence.token()
                    + ") ON DUPLICATE KEY UPDATE token = IF(epoch = "
                    + epoch
                    + ", GREATEST(token, "
                    + fence.token()
                    + "), token); SELECT epoch, token FROM "
                    + table
                    + where(fence)
                    + " FOR UPDATE")
            .getLast()
            .only();
    Stored stored = new Stored(row.text(0), row.number(1));
    if (!stored.epoch().equals(fence.epoch())) {
      replace(connection, fence, stored);
    } else if (stored.token() > fence.token()) {
      endLifeIfPutBack(fence, stored);
      throw refused(fence, stored, "");
    }
  }

  private void replace(MysqlConnection connection, Fence fence, Stored stored) {
    String now = topo.life().epoch();
    if (!fence.epoch().equals(now)) {
      throw refused(fence, stored, "; the topology is in epoch " + now);
    }
    long changed =
        connection
            .execute(
                "UPDATE "
                    + table
                    + " SET epoch = "
                    + SqlText.literal(fence.epoch())
                    + ", token = "
                    + fence.token()
                    + where(fence))
            .affectedRows();
    if (changed != 1) {
      throw new RpcException(
          Status.Code.INTERNAL, "row " + fence.key() + " of " + table + " vanished while locked");
    }
    log.atInfo()
        .addKeyValue("workflow", fence.key())
        .addKeyValue("epoch", fence.epoch())
        .addKeyValue("before", stored.epoch())
        .log("the topology is not the one that gave the fence before; a fence of it counts now");
  }

  /**
   * A token that is newer than all of the store's revisions was given before the store was put back
   * to an earlier state: tokens begin anew, in another epoch, when the caller comes again.
   */
  private void endLifeIfPutBack(Fence fence, Stored stored) {
    if (fence.epoch().isEmpty()) {
      return;
    }
    StoreLife life = topo.life();
    if (life.epoch().equals(fence.epoch()) && life.newestToken() < stored.token()) {
      topo.endLife(life.epoch(), stored.token());
    }
  }

  private RpcException refused(Fence fence, Stored stored, String more) {
    return RpcException.fenced(
        fence.key(),
        "fenced: row '"
            + fence.key()
            + "' of "
            + table
            + " was raised by the holder of token "
            + stored.token()
            + inEpoch(stored.epoch())
            + ", this call has "
            + fence.token()
            + inEpoch(fence.epoch())
            + more);
  }

  private static String inEpoch(String epoch) {
    return epoch.isEmpty() ? " (no epoch)" : " of epoch " + epoch;
  }

  /**
   * Makes sure that no higher token was seen, for effects that can't be part of a transaction: as
   * {@link #raiseAlone}, which is done where this fence was not seen before.
   */
  public void demand(MysqlConnection connection, Optional<Fence> fence) {
    if (fence.isPresent() && !isNewest(connection, fence.get())) {
      raiseAlone(connection, fence);
    }
  }

  private boolean isNewest(MysqlConnection connection, Fence fence) {
    return connection.execute("SELECT epoch, token FROM " + table + where(fence)).rows().stream()
        .anyMatch(row -> row.text(0).equals(fence.epoch()) && row.number(1) == fence.token());
  }

  private static String where(Fence fence) {
    return " WHERE workflow = " + SqlText.literal(fence.key());
  }

  /** Raises the token in a transaction of its own, for effects that can't be part of one. */
  public void raiseAlone(MysqlConnection connection, Optional<Fence> fence) {
    if (fence.isEmpty()) {
      return;
    }
    try {
      begin(connection, fence);
      connection.execute("COMMIT");
    } catch (RuntimeException e) {
      rollback(connection);
      throw e;
    }
  }

  static void rollback(MysqlConnection connection) {
    if (!connection.isClosed()) {
      connection.execute("ROLLBACK");
    }
  }
}
