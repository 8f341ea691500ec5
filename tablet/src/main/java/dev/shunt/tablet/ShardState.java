package dev.shunt.tablet;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.query.StatementGate;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoEvent;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.Versioned;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import dev.shunt.workflow.sql.lexer.SqlToken;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the shard's record says to this tablet: which tables are denied, all of them where the shard
 * does not serve, and who is primary. What is in force was read from the topology, one read after
 * another; a watch only says when to read. So a store that was put back to an earlier state is
 * followed like any other: numbers of records are compared to report it, not to decide.
 */
final class ShardState {
  private static final Logger log = LoggerFactory.getLogger(ShardState.class);

  private final Topo topo;
  private final TabletIdentity identity;
  private final Supplier<Topodata.TabletType> type;
  private final StatementGate gate;
  private final ConnectionPool pool;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile Consumer<Topodata.Shard> follower = shard -> {};
  private long version;

  ShardState(
      Topo topo,
      TabletIdentity identity,
      Supplier<Topodata.TabletType> type,
      StatementGate gate,
      ConnectionPool pool) {
    this.topo = topo;
    this.identity = identity;
    this.type = type;
    this.gate = gate;
    this.pool = pool;
  }

  /** Path of the shard's record, for a watch. */
  String path() {
    return "keyspaces/" + identity.keyspace() + "/shards/" + identity.shard() + "/Shard";
  }

  /** From now on this gets the record each time that it was read; it must return at once. */
  void follow(Consumer<Topodata.Shard> newFollower) {
    follower = newFollower;
  }

  /**
   * Reads the record and returns when it is in force: no statement that was let through under an
   * older one can change a denied table any more.
   */
  void refresh(Duration wait) throws InterruptedException {
    read();
    gate.awaitDrained(wait);
  }

  /** Reads the record when a watch says that it has changed. */
  void onEvent(TopoEvent event) {
    if (event.value() == null || !event.path().equals(path())) {
      return;
    }
    try {
      read();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TopoException e) {
      throw e; // The watch then delivers it again.
    } catch (RuntimeException e) {
      log.atWarn().setCause(e).addKeyValue("path", event.path()).log("record not taken over");
    }
  }

  /**
   * Reads the record and takes it over; nobody else does meanwhile, so that what was read later
   * counts.
   */
  private void read() throws InterruptedException {
    reading.lockInterruptibly();
    try {
      readLocked();
    } finally {
      reading.unlock();
    }
  }

  private void readLocked() throws InterruptedException {
    Versioned<Topodata.Shard> record =
        topo.shard(identity.keyspace(), identity.shard())
            .orElseThrow(() ->
                new TopoException(
                    TopoException.Kind.NO_NODE,
                    "shard "
                        + identity.keyspace()
                        + "/"
                        + identity.shard()
                        + " is not there; what it denied stays denied"));
    if (record.version() < version) {
      log.atWarn()
          .addKeyValue("path", path())
          .addKeyValue("version", record.version())
          .addKeyValue("before", version)
          .log("the topology was put back to an earlier state; its record is taken over");
    }
    follower.accept(record.value());
    apply(record.value());
    version = record.version();
  }

  private void apply(Topodata.Shard shard) throws InterruptedException {
    Set<String> names = deniedNames(shard);
    Set<String> plain = names.stream().filter(name -> !isPattern(name)).collect(Collectors.toSet());
    // The tables themselves first: what stands on them only the database knows.
    Set<String> before = gate.denied();
    Set<String> atOnce = new HashSet<>(plain);
    if (!names.isEmpty()) {
      atOnce.addAll(before);
    }
    boolean all = names.contains(DeniedTables.ALL);
    gate.set(atOnce, all);
    gate.set(names.isEmpty() ? Set.of() : resolve(names, plain), all);
    if (!gate.denied().equals(before)) {
      log.atInfo()
          .addKeyValue("keyspace", identity.keyspace())
          .addKeyValue("shard", identity.shard())
          .addKeyValue("tables", gate.denied())
          .log("denied tables changed");
    }
  }

  private Set<String> deniedNames(Topodata.Shard shard) {
    Set<String> names = new HashSet<>();
    if (type.get() == Topodata.TabletType.PRIMARY && !shard.getIsPrimaryServing()) {
      names.add(DeniedTables.ALL); // its rows are served by other shards, or will be
    }
    for (Topodata.Shard.TabletControl control : shard.getTabletControlsList()) {
      boolean here =
          control.getCellsCount() == 0 || control.getCellsList().contains(identity.cell());
      if (control.getTabletType() == type.get() && here) {
        names.addAll(control.getDeniedTablesList());
      }
    }
    return names;
  }

  private static boolean isPattern(String name) {
    return name.length() > 2 && name.startsWith("/") && name.endsWith("/");
  }

  /** Adds the tables that patterns match, and the views that read a denied table. */
  private Set<String> resolve(Set<String> names, Set<String> plain) throws InterruptedException {
    Set<String> all =
        plain.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    List<Pattern> patterns = new ArrayList<>();
    for (String name : names) {
      if (isPattern(name)) {
        patterns.add(Pattern.compile(name.substring(1, name.length() - 1)));
      }
    }
    Map<String, Set<String>> views;
    try (ConnectionPool.Lease lease = pool.borrow()) {
      if (!patterns.isEmpty()) {
        for (String table : tables(lease.connection())) {
          if (patterns.stream().anyMatch(pattern -> pattern.matcher(table).find())) {
            all.add(table.toLowerCase(Locale.ROOT));
          }
        }
      }
      views = views(lease.connection());
    }
    boolean grown = true;
    while (grown) {
      grown = false;
      for (Map.Entry<String, Set<String>> view : views.entrySet()) {
        boolean reads = view.getValue().stream().anyMatch(all::contains);
        grown |= reads && all.add(view.getKey());
      }
    }
    return all;
  }

  private List<String> tables(MysqlConnection connection) {
    return connection
        .execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = "
                + SqlText.literal(identity.database()))
        .rows()
        .stream()
        .map(row -> row.text(0))
        .toList();
  }

  /** Names in the definition of each view, all in lower case. */
  private Map<String, Set<String>> views(MysqlConnection connection) {
    Map<String, Set<String>> views = new LinkedHashMap<>();
    for (Row row :
        connection
            .execute(
                "SELECT table_name, view_definition FROM information_schema.views"
                    + " WHERE table_schema = "
                    + SqlText.literal(identity.database()))
            .rows()) {
      String definition = row.textOrNull(1);
      views.put(row.text(0).toLowerCase(Locale.ROOT), names(definition == null ? "" : definition));
    }
    return views;
  }

  private static Set<String> names(String sql) {
    try {
      return SqlLexer.lex(sql).tokens().stream()
          .filter(SqlToken::isName)
          .map(SqlToken::lower)
          .collect(Collectors.toSet());
    } catch (SqlSyntaxException e) {
      return Set.of();
    }
  }
}
