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
import java.util.concurrent.TimeUnit;
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

  /** How long whoever changed the record may take to ask for a refresh. */
  private static final Duration LATER = Duration.ofMillis(100);

  private final Topo topo;
  private final TabletIdentity identity;
  private final Supplier<Topodata.TabletType> type;
  private final StatementGate gate;
  private final ConnectionPool pool;
  private volatile Consumer<Topodata.Shard> follower = shard -> {};

  /** Of what follows. */
  private final ReentrantLock reading = new ReentrantLock();

  private long version;

  /** What the record denies, as it says it. */
  private Set<String> names = Set.of();

  /** Whether it is denied what they mean, with the views that there were. */
  private boolean resolved = true;

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
   * older one can change a denied table any more. Views are looked for behind those statements, as
   * one of them may have made a view of a denied table.
   */
  void refresh(Duration wait) throws InterruptedException {
    long end = System.nanoTime() + wait.toNanos();
    read();
    gate.awaitDrained(wait);
    if (resolve()) {
      gate.awaitDrained(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    }
  }

  /**
   * Reads the record when a watch says that it has changed. Whoever changed it mostly asks for a
   * refresh just then, and views are dear to list: only where he does not are they looked for here.
   */
  void onEvent(TopoEvent event) {
    if (event.value() == null || !event.path().equals(path())) {
      return;
    }
    try {
      read();
      resolveLater();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TopoException e) {
      throw e; // The watch then delivers it again.
    } catch (RuntimeException e) {
      notTakenOver(e);
    }
  }

  private void notTakenOver(RuntimeException e) {
    log.atWarn().setCause(e).addKeyValue("path", path()).log("record not taken over");
  }

  private void resolveLater() {
    if (isResolved()) {
      return;
    }
    Thread.ofVirtual()
        .name("denied-views " + identity.aliasText())
        .start(() -> {
          try {
            TimeUnit.NANOSECONDS.sleep(LATER.toNanos());
            if (!isResolved()) {
              var unused = resolve();
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (RuntimeException e) {
            notTakenOver(e);
          }
        });
  }

  private boolean isResolved() {
    reading.lock();
    try {
      return resolved;
    } finally {
      reading.unlock();
    }
  }

  /**
   * Reads the record and takes it over; nobody else does meanwhile, so that what was read later
   * counts. What it names is denied on return; what it says by patterns, and views, are not yet.
   */
  private void read() throws InterruptedException {
    reading.lockInterruptibly();
    try {
      readLocked();
    } finally {
      reading.unlock();
    }
  }

  private void readLocked() {
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
    apply(deniedNames(record.value()));
    version = record.version();
  }

  /** Until it is known what else the names mean, what was denied before stays so. */
  private void apply(Set<String> newNames) {
    if (resolved && newNames.equals(names)) {
      return;
    }
    names = newNames;
    Set<String> denied = plain(newNames);
    if (!newNames.isEmpty()) {
      denied.addAll(gate.denied());
    }
    resolved = newNames.isEmpty() || newNames.contains(DeniedTables.ALL);
    deny(denied);
  }

  /**
   * Denies the tables that patterns match, and the views that read a denied table, as the database
   * has them now.
   *
   * @return whether more than before is denied
   */
  private boolean resolve() throws InterruptedException {
    reading.lockInterruptibly();
    try {
      if (names.isEmpty() || names.contains(DeniedTables.ALL)) {
        return false;
      }
      Set<String> before = gate.denied();
      Set<String> now = resolve(names, plain(names));
      deny(now);
      resolved = true;
      return !before.containsAll(now);
    } finally {
      reading.unlock();
    }
  }

  private void deny(Set<String> tables) {
    Set<String> before = gate.denied();
    gate.set(tables, names.contains(DeniedTables.ALL));
    if (!gate.denied().equals(before)) {
      log.atInfo()
          .addKeyValue("keyspace", identity.keyspace())
          .addKeyValue("shard", identity.shard())
          .addKeyValue("tables", gate.denied())
          .log("denied tables changed");
    }
  }

  /** The tables themselves; what stands on them only the database knows. */
  private static Set<String> plain(Set<String> names) {
    return names.stream()
        .filter(name -> !isPattern(name))
        .map(name -> name.toLowerCase(Locale.ROOT))
        .collect(Collectors.toCollection(HashSet::new));
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
    Set<String> all = new HashSet<>(plain);
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

  /**
   * Names in the definition of each view, all in lower case. MariaDB opens every table to list
   * definitions, and not to list names: mostly there is no view.
   */
  private Map<String, Set<String>> views(MysqlConnection connection) {
    Map<String, Set<String>> views = new LinkedHashMap<>();
    List<Row> found =
        connection
            .execute(
                "SHOW FULL TABLES FROM "
                    + SqlText.identifier(identity.database())
                    + " WHERE Table_type = 'VIEW'")
            .rows();
    if (found.isEmpty()) {
      return views;
    }
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
