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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The locks of the server that belong to an alias: one for its owner, which the owner holds
 * together with one of its process and one of its database, and one for each connection of the
 * owner. Such a lock goes with the session that took it, however that ends, and the server tells
 * who holds it. Beside them the row that names the owner.
 */
final class AliasLocks {
  /** How many connections an owner may have. */
  static final int SLOTS = 4096;

  private static final int SLOTS_A_QUERY = 512;
  private static final int NO_SUCH_THREAD = 1094;
  private static final int SYNTAX_ERROR = 1064;
  private static final int ACCESS_DENIED = 1227;
  private static final int READ_ONLY = 1290;

  /** What is put behind an alias where a row is of this server alone. */
  private static final String LOCAL = "/replica";

  private final TabletIdentity tablet;
  private final String prefix;
  private final String owner;
  private final String ofDatabase;
  private final String holderOf;
  private final String process;
  private final String table;
  private final String alias;
  private final String local;
  private final String database;

  /** The rows as this process left them when it took the alias. */
  private volatile Rows left = new Rows(null, null);

  /**
   * The processes that the rows of the alias name.
   *
   * @param shared in the row that replicas get as well
   * @param local in the row of this server alone, written while it was a replica
   */
  private record Rows(@Nullable String shared, @Nullable String local) {}

  /**
   * @param process which process asks, unlike any other
   */
  AliasLocks(TabletIdentity tablet, UUID process) {
    this.tablet = tablet;
    this.process = process.toString();
    this.prefix = prefix(tablet, tablet.aliasText());
    this.ofDatabase = SqlText.literal("shunt-" + digest(tablet.database()) + "-database");
    this.owner = SqlText.literal(prefix + "owner");
    // Ids of connections begin anew when the server does, so these do not show who holds it.
    this.holderOf = SqlText.literal("shunt-" + this.process);
    this.table = SqlText.qualified(tablet.sidecar(), "shunt_tablet");
    this.alias = SqlText.literal(tablet.aliasText());
    this.local = SqlText.literal(tablet.aliasText() + LOCAL);
    this.database = SqlText.literal(tablet.database());
  }

  private static String prefix(TabletIdentity tablet, String alias) {
    return "shunt-" + digest(alias + "\n" + tablet.database() + "\n" + tablet.sidecar()) + "-";
  }

  /** Names of locks have 64 characters at most, those of cells and databases may be longer. */
  private static String digest(String text) {
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

  /**
   * Takes the lock of the database, for the connection that holds the owner's. False when a tablet
   * of another alias serves the database.
   *
   * @param seconds how long it is waited for
   */
  boolean takeDatabase(MysqlConnection connection, int seconds) {
    return one(connection, "SELECT GET_LOCK(" + ofDatabase + ", " + seconds + ")");
  }

  /**
   * The tablet that serves the database.
   *
   * @param name its alias, as people read it
   * @param connection that holds the lock of the database
   */
  record Server(String name, long connection) {}

  /** Who holds the lock of the database; empty when nobody does. */
  Optional<Server> server(MysqlConnection connection) {
    OptionalLong holder = holder(connection, ofDatabase);
    if (holder.isEmpty()) {
      return Optional.empty();
    }
    String query =
        "SELECT alias FROM %s WHERE db_name = %s AND IS_USED_LOCK(CONCAT('shunt-', process)) = %d"
            .formatted(table, database, holder.getAsLong());
    String name =
        connection.execute(query).rows().stream()
            .map(row -> "tablet " + withoutLocal(row.text(0)))
            .findAny()
            .orElse("another tablet");
    return Optional.of(new Server(name, holder.getAsLong()));
  }

  private static String withoutLocal(String ofAlias) {
    return ofAlias.endsWith(LOCAL)
        ? ofAlias.substring(0, ofAlias.length() - LOCAL.length())
        : ofAlias;
  }

  /** Whether this connection holds the owner's lock for this process. */
  boolean holdsOwner(MysqlConnection connection) {
    return one(
        connection,
        "SELECT IS_USED_LOCK("
            + owner
            + ") = CONNECTION_ID() AND IS_USED_LOCK("
            + holderOf
            + ") = CONNECTION_ID() AND IS_USED_LOCK("
            + ofDatabase
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

  /** Ids of the connections that hold slots of this alias and of others of the database. */
  Map<String, Long> slots(MysqlConnection connection) {
    Set<String> prefixes = new TreeSet<>(Set.of(prefix));
    String query = "SELECT alias FROM " + table + " WHERE db_name = " + database;
    for (Row row : connection.execute(query).rows()) {
      prefixes.add(prefix(tablet, withoutLocal(row.text(0))));
    }
    Map<String, Long> holders = new TreeMap<>();
    prefixes.forEach(each -> addSlots(connection, each, holders));
    return holders;
  }

  private static void addSlots(
      MysqlConnection connection, String prefix, Map<String, Long> holders) {
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
          holders.put(prefix + (from + i), holder.getAsLong());
        }
      }
    }
  }

  /** Whom the rows of an alias name. */
  enum Named {
    THIS,
    NOBODY,
    /** A process that took the alias after this one did. */
    ANOTHER
  }

  /** Whom the rows name; what this process found and could not replace counts for nobody. */
  Named named(MysqlConnection connection) {
    Rows now = rows(connection);
    if (later(now.shared, left.shared) || later(now.local, left.local)) {
      return Named.ANOTHER;
    }
    return process.equals(now.shared) || process.equals(now.local) ? Named.THIS : Named.NOBODY;
  }

  private boolean later(@Nullable String now, @Nullable String before) {
    return now != null && !now.equals(process) && !now.equals(before);
  }

  private Rows rows(MysqlConnection connection) {
    return new Rows(row(connection, alias), row(connection, local));
  }

  private @Nullable String row(MysqlConnection connection, String ofAlias) {
    String query = "SELECT process FROM " + table + " WHERE " + key(ofAlias);
    return connection.execute(query).rows().stream().map(row -> row.text(0)).findAny().orElse(null);
  }

  private String key(String ofAlias) {
    return "alias = " + ofAlias + " AND db_name = " + database;
  }

  /**
   * Writes that the alias belongs to this process, which holds its lock. A replica has a row of its
   * own for it that is not logged: a transaction that its source does not have would break
   * replication, as would a change of a row that other servers don't have.
   *
   * @return false when the server takes no writes, from no process then
   * @throws MysqlException when it takes writes, but this process may not write unlogged
   */
  boolean writeProcess(MysqlConnection connection) {
    boolean written = isReplica(connection) ? writeLocal(connection) : write(connection, alias);
    left = rows(connection);
    return written;
  }

  private boolean writeLocal(MysqlConnection connection) {
    try {
      connection.execute("SET SESSION sql_log_bin = 0");
    } catch (MysqlException e) {
      if (e.errno() != ACCESS_DENIED) {
        throw e;
      }
      if (connection.execute("SELECT @@GLOBAL.read_only").only().number(0) != 0) {
        return false; // no row is better than one in the log
      }
      throw MysqlException.refused(
          "the server replicates and takes writes, so that a process of the tablet has to be noted"
              + " without logging it, which this account may not: GRANT "
              + connection.flavor().privileges().toWriteUnlogged()
              + " ON *.* TO CURRENT_USER(), or set read_only = 1");
    }
    boolean written = write(connection, local);
    connection.execute("SET SESSION sql_log_bin = 1");
    return written;
  }

  private boolean write(MysqlConnection connection, String ofAlias) {
    if (process.equals(row(connection, ofAlias))) {
      return true;
    }
    try {
      connection.execute(
          "REPLACE INTO "
              + table
              + " (alias, db_name, process) VALUES ("
              + String.join(", ", ofAlias, database, SqlText.literal(process))
              + ")");
    } catch (MysqlException e) {
      if (e.errno() == READ_ONLY) {
        return false;
      }
      throw e;
    }
    if (!process.equals(row(connection, ofAlias))) {
      throw MysqlException.refused(
          "the row in " + table + " with " + key(ofAlias) + " can't be written");
    }
    return true;
  }

  private static boolean isReplica(MysqlConnection connection) {
    for (String query : connection.flavor().replication().allStatuses()) {
      try {
        return !connection.execute(query).rows().isEmpty();
      } catch (MysqlException e) {
        if (e.errno() != SYNTAX_ERROR && e.errno() != ACCESS_DENIED) {
          throw e;
        }
      }
    }
    return false; // as far as this account may see
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
