package dev.shunt.tablet.ownership;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletIdentity;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The locks of the server that belong to an alias: one for its owner, which the owner holds
 * together with one of its process, and one for each connection of the owner. Such a lock goes with
 * the session that took it, however that ends, and the server tells who holds it. Beside them the
 * row that names the owner.
 */
final class AliasLocks {
  /** How many connections an owner may have. */
  static final int SLOTS = 4096;

  private static final int SLOTS_A_QUERY = 512;
  private static final int NO_SUCH_THREAD = 1094;

  private final String prefix;
  private final String owner;
  private final String holderOf;
  private final String process;
  private final String table;
  private final String key;

  /**
   * @param process which process asks, unlike any other
   */
  AliasLocks(TabletIdentity tablet, UUID process) {
    this.process = process.toString();
    this.prefix = "shunt-" + digest(tablet) + "-";
    this.owner = SqlText.literal(prefix + "owner");
    // Ids of connections begin anew when the server does, so it is not told by these who holds it.
    this.holderOf = SqlText.literal("shunt-" + this.process);
    this.table = SqlText.qualified(tablet.sidecar(), "shunt_tablet");
    this.key =
        "alias = "
            + SqlText.literal(tablet.aliasText())
            + " AND db_name = "
            + SqlText.literal(tablet.database());
  }

  /** Names of locks have 64 characters at most, those of cells and databases may be longer. */
  private static String digest(TabletIdentity tablet) {
    String text = tablet.aliasText() + "\n" + tablet.database() + "\n" + tablet.sidecar();
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 12);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Takes the owner's lock if it is free; the connection then holds it. */
  boolean takeOwner(MysqlConnection connection) {
    return one(connection, "SELECT GET_LOCK(" + owner + ", 0)");
  }

  /**
   * Takes the lock of this process, for the connection that holds the owner's. False when another
   * connection of the process still has it, which then is ended.
   */
  boolean takeProcess(MysqlConnection connection) {
    if (one(connection, "SELECT GET_LOCK(" + holderOf + ", 2)")) {
      return true;
    }
    holder(connection, holderOf).ifPresent(id -> kill(connection, id));
    return false;
  }

  /** Whether this connection holds the owner's lock for this process. */
  boolean holdsOwner(MysqlConnection connection) {
    return one(
        connection,
        "SELECT IS_USED_LOCK("
            + owner
            + ") = CONNECTION_ID() AND IS_USED_LOCK("
            + holderOf
            + ") = CONNECTION_ID()");
  }

  /** Whether a connection of this process, whichever, holds the owner's lock. */
  boolean processOwns(MysqlConnection connection) {
    return one(connection, "SELECT IS_USED_LOCK(" + owner + ") = IS_USED_LOCK(" + holderOf + ")");
  }

  /** Id of the connection that holds the owner's lock; empty when none does. */
  OptionalLong owner(MysqlConnection connection) {
    return holder(connection, owner);
  }

  private static OptionalLong holder(MysqlConnection connection, String lock) {
    return number(connection.execute("SELECT IS_USED_LOCK(" + lock + ")").only().textOrNull(0));
  }

  /** What came of taking a slot. */
  enum Slot {
    /** The connection holds its lock, and this process was the owner after that. */
    TAKEN,
    /** Another connection holds its lock. */
    BUSY,
    /** This process is not the owner. */
    NOT_OWNER
  }

  /** Takes the lock of a slot for the connection and then, in this order, asks for the owner. */
  Slot takeSlot(MysqlConnection connection, int slot) {
    List<QueryResult> results =
        connection.executeMulti(
            "SELECT GET_LOCK("
                + SqlText.literal(prefix + slot)
                + ", 0);SELECT IS_USED_LOCK("
                + owner
                + ") = IS_USED_LOCK("
                + holderOf
                + ")");
    if (!"1".equals(results.get(0).only().textOrNull(0))) {
      return Slot.BUSY;
    }
    return "1".equals(results.get(1).only().textOrNull(0)) ? Slot.TAKEN : Slot.NOT_OWNER;
  }

  /** Ids of the connections that hold slots, by slot. */
  Map<Integer, Long> slots(MysqlConnection connection) {
    Map<Integer, Long> holders = new TreeMap<>();
    for (int from = 0; from < SLOTS; from += SLOTS_A_QUERY) {
      StringBuilder query = new StringBuilder("SELECT ");
      for (int slot = from; slot < from + SLOTS_A_QUERY; slot++) {
        query
            .append(slot == from ? "" : ",")
            .append("IS_USED_LOCK('")
            .append(prefix)
            .append(slot)
            .append("')");
      }
      Row row = connection.execute(query.toString()).only();
      for (int i = 0; i < SLOTS_A_QUERY; i++) {
        OptionalLong holder = number(row.textOrNull(i));
        if (holder.isPresent()) {
          holders.put(from + i, holder.getAsLong());
        }
      }
    }
    return holders;
  }

  /** Whether the row says that the alias belongs to this process. */
  boolean rowNamesProcess(MysqlConnection connection) {
    return connection.execute("SELECT process FROM " + table + " WHERE " + key).rows().stream()
        .anyMatch(row -> row.text(0).equals(process));
  }

  /** Writes that the alias belongs to this process. */
  void writeProcess(MysqlConnection connection, TabletIdentity tablet) {
    connection.execute(
        "REPLACE INTO "
            + table
            + " (alias, db_name, process) VALUES ("
            + SqlText.literal(tablet.aliasText())
            + ", "
            + SqlText.literal(tablet.database())
            + ", "
            + SqlText.literal(process)
            + ")");
    if (!rowNamesProcess(connection)) {
      throw MysqlException.refused("the row in " + table + " with " + key + " can't be written");
    }
  }

  /**
   * What the server shows of a connection.
   *
   * @param host where it comes from, as {@code host:port}
   * @param idleSeconds since it last said something; of a statement that runs, since it began
   */
  record Peer(String host, long idleSeconds) {}

  /** A connection of the server; empty when it has gone or belongs to an account we may not see. */
  Optional<Peer> peer(MysqlConnection connection, long id) {
    for (Row row : connection.execute("SHOW PROCESSLIST").rows()) {
      if (row.number(0) == id) {
        String time = row.textOrNull(5);
        return Optional.of(
            new Peer(
                String.valueOf(row.textOrNull(2)),
                time == null ? 0 : (long) Double.parseDouble(time)));
      }
    }
    return Optional.empty();
  }

  /**
   * Ends a connection at the server; nothing when it has gone.
   *
   * @throws MysqlException when this account may not
   */
  void kill(MysqlConnection connection, long id) {
    try {
      connection.execute("KILL " + id);
    } catch (MysqlException e) {
      if (e.errno() != NO_SUCH_THREAD) {
        throw e;
      }
    }
  }

  private static boolean one(MysqlConnection connection, String query) {
    return "1".equals(connection.execute(query).only().textOrNull(0));
  }

  private static OptionalLong number(@Nullable String text) {
    return text == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
  }
}
