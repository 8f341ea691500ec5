package dev.shunt.topo;

import static dev.shunt.topo.TopoException.Kind.BAD_VERSION;
import static dev.shunt.topo.TopoException.Kind.INVALID;
import static dev.shunt.topo.TopoException.Kind.LOCK_LOST;
import static dev.shunt.topo.TopoException.Kind.NODE_EXISTS;
import static dev.shunt.topo.TopoException.Kind.NO_NODE;

import com.google.protobuf.Message;
import dev.shunt.topo.TopoStore.Change;
import dev.shunt.topo.TopoStore.Guard;
import dev.shunt.topo.TopoStore.Outcome;
import dev.shunt.topo.TopoStore.StoreLock;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import vschema.Vschema;

/** Vitess's records over stores of bytes. */
final class StoreTopo implements Topo {
  private static final Duration CREATE_SHARD_WAIT = Duration.ofSeconds(45);

  private final TopoStores stores;
  private final TopoStore global;
  private final TabletRecords tablets;
  private final Lives lives;

  StoreTopo(TopoStores stores) {
    this.stores = stores;
    this.global = stores.global();
    this.lives = new Lives(global, stores.time());
    this.tablets = new TabletRecords(stores, this, stores.time());
  }

  // --- cells -------------------------------------------------------------------------------

  @Override
  public void createCell(String cell, Topodata.CellInfo info) {
    if (cell.equals(GLOBAL_CELL)) {
      throw new TopoException(INVALID, "a cell cannot be named " + GLOBAL_CELL);
    }
    stores.require(cell, info);
    create("cell " + cell, Map.of(Paths.cellInfo(cell), info));
  }

  @Override
  public Topodata.CellInfo updateCell(String cell, UnaryOperator<Topodata.CellInfo> change) {
    if (cell.equals(GLOBAL_CELL)) {
      throw new TopoException(INVALID, "a cell cannot be named " + GLOBAL_CELL);
    }
    return OptimisticWrite.put(
        global,
        Paths.cellInfo(cell),
        Topodata.CellInfo.parser(),
        present -> {
          Topodata.CellInfo changed =
              change.apply(present.orElse(Topodata.CellInfo.getDefaultInstance()));
          stores.require(cell, changed);
          return changed;
        });
  }

  @Override
  public void deleteCell(String cell, boolean force) {
    if (cell(cell).isEmpty()) {
      throw new TopoException(NO_NODE, "cell " + cell + " does not exist");
    }
    if (!force) {
      requireUnused(cell);
    }
    OptimisticWrite.run(
        global,
        List.of(),
        write -> {
          write.remove(Paths.cellInfo(cell));
          return "";
        });
  }

  private void requireUnused(String cell) {
    TopoStore store = stores.cell(cell);
    boolean serves =
        store.list(Paths.KEYSPACES).stream()
            .anyMatch(entry -> entry.path().endsWith("/SrvKeyspace"));
    if (serves || !TabletRecords.all(store).isEmpty()) {
      throw new TopoException(
          INVALID,
          "cell " + cell + (serves ? " serves keyspaces" : " has tablets") + ": it is in use");
    }
  }

  @Override
  public Optional<Topodata.CellInfo> cell(String cell) {
    return Records.read(global, Paths.cellInfo(cell), Topodata.CellInfo.parser())
        .map(Versioned::value);
  }

  @Override
  public List<String> cells() {
    return names(Paths.CELLS, "/CellInfo");
  }

  private List<String> names(String prefix, String suffix) {
    return global.list(prefix).stream()
        .flatMap(entry -> Paths.between(entry.path(), prefix, suffix).stream())
        .sorted()
        .toList();
  }

  private void create(String what, Map<String, ? extends Message> records) {
    Map<String, Long> absent = new TreeMap<>();
    List<Change> puts = new ArrayList<>();
    records.forEach((path, record) -> {
      absent.put(path, 0L);
      puts.add(new Change.Put(path, Records.bytes(record)));
    });
    if (!(global.commit(List.of(), absent, puts) instanceof Outcome.Committed)) {
      throw new TopoException(NODE_EXISTS, what + " exists already");
    }
  }

  // --- keyspaces and shards ----------------------------------------------------------------

  @Override
  public void createKeyspace(String keyspace, Topodata.Keyspace record) {
    if (keyspace.contains(".") || keyspace.contains("@")) {
      throw new TopoException(INVALID, "keyspace name must not have a dot or an @: " + keyspace);
    }
    create(
        "keyspace " + keyspace,
        Map.of(
            Paths.keyspace(keyspace),
            record,
            Paths.vschema(keyspace),
            Vschema.Keyspace.getDefaultInstance()));
  }

  @Override
  public Optional<Versioned<Topodata.Keyspace>> keyspace(String keyspace) {
    return Records.read(global, Paths.keyspace(keyspace), Topodata.Keyspace.parser());
  }

  @Override
  public List<String> keyspaces() {
    return names(Paths.KEYSPACES, "/Keyspace");
  }

  @Override
  public Versioned<Topodata.Shard> createShard(String keyspace, String shard) {
    String name = ShardNames.validate(shard);
    try (TopoLock lock =
        lockKeyspace(keyspace, "CreateShard", Duration.ofSeconds(30), CREATE_SHARD_WAIT)) {
      boolean serving =
          shards(keyspace).entrySet().stream()
              .noneMatch(other ->
                  other.getValue().value().getIsPrimaryServing()
                      && ShardNames.intersect(name, other.getKey()));
      Topodata.Shard.Builder record = Topodata.Shard.newBuilder().setIsPrimaryServing(serving);
      ShardNames.range(name).ifPresent(record::setKeyRange);
      Topodata.Shard built = record.build();
      String path = Paths.shard(keyspace, name);
      return switch (global.commit(
          guards(List.of(lock)),
          Map.of(path, 0L),
          List.of(new Change.Put(path, Records.bytes(built))))) {
        case Outcome.Committed(long revision) -> new Versioned<>(built, revision);
        case Outcome.Conflict() ->
            throw new TopoException(
                NODE_EXISTS, "shard " + keyspace + "/" + name + " exists already");
        case Outcome.GuardLost(Guard guard) -> throw lost(guard);
      };
    }
  }

  @Override
  public Optional<Versioned<Topodata.Shard>> shard(String keyspace, String shard) {
    return Records.read(global, Paths.shard(keyspace, shard), Topodata.Shard.parser());
  }

  @Override
  public SortedMap<String, Versioned<Topodata.Shard>> shards(String keyspace) {
    TreeMap<String, Versioned<Topodata.Shard>> shards = new TreeMap<>(ShardNames.ORDER);
    String prefix = Paths.shards(keyspace);
    for (TopoStore.Entry entry : global.list(prefix)) {
      Paths.between(entry.path(), prefix, "/Shard")
          .ifPresent(name ->
              shards.put(
                  name,
                  new Versioned<>(Records.parse(entry, Topodata.Shard.parser()), entry.version())));
    }
    return Collections.unmodifiableSortedMap(shards);
  }

  @Override
  public Topodata.Shard updateShard(
      String keyspace, String shard, UnaryOperator<Topodata.Shard> change) {
    return OptimisticWrite.run(
        global,
        List.of(),
        write ->
            write
                .change(Paths.shard(keyspace, shard), Topodata.Shard.parser(), change)
                .orElseThrow(() -> noShard(keyspace, shard)));
  }

  static TopoException noShard(String keyspace, String shard) {
    return new TopoException(NO_NODE, "shard " + keyspace + "/" + shard + " does not exist");
  }

  private static TopoException noKeyspace(String keyspace) {
    return new TopoException(NO_NODE, "keyspace " + keyspace + " does not exist");
  }

  @Override
  public void deleteShard(Collection<TopoLock> guards, String keyspace, String shard) {
    for (String cell : cells()) {
      if (srvKeyspace(cell, keyspace).stream()
          .flatMap(served -> served.value().getPartitionsList().stream())
          .flatMap(partition -> partition.getShardReferencesList().stream())
          .anyMatch(reference -> reference.getName().equals(shard))) {
        throw new TopoException(
            INVALID, "shard %s/%s is served in cell %s".formatted(keyspace, shard, cell));
      }
    }
    // The record first: a shard without its primary would be in the way of everybody else.
    OptimisticWrite.run(
        global,
        guards(guards),
        write -> {
          var unused =
              write.change(
                  Paths.shard(keyspace, shard),
                  Topodata.Shard.parser(),
                  record -> requireNotServing(keyspace, shard, record));
          write.remove(Paths.shard(keyspace, shard));
          return true;
        });
    for (Topodata.Tablet tablet : tablets(keyspace, shard)) {
      guards.forEach(TopoLock::check); // who has lost them may meet those of a shard made anew
      tablets.delete(tablet.getAlias());
    }
  }

  private static Topodata.Shard requireNotServing(
      String keyspace, String shard, Topodata.Shard record) {
    if (record.getIsPrimaryServing()) {
      throw new TopoException(INVALID, "shard %s/%s serves writes".formatted(keyspace, shard));
    }
    return record;
  }

  // --- tablets -----------------------------------------------------------------------------

  @Override
  public void registerTablet(Topodata.Tablet tablet) {
    tablets.register(tablet);
  }

  @Override
  public void deleteTablet(Topodata.TabletAlias alias) {
    tablets.delete(alias);
  }

  @Override
  public Optional<Versioned<Topodata.Tablet>> tablet(Topodata.TabletAlias alias) {
    return tablets.get(alias);
  }

  @Override
  public List<Topodata.Tablet> tablets() {
    return tablets.all(cells());
  }

  @Override
  public List<Topodata.Tablet> tablets(String keyspace, String shard) {
    return tablets().stream()
        .filter(tablet -> tablet.getKeyspace().equals(keyspace) && tablet.getShard().equals(shard))
        .toList();
  }

  @Override
  public List<Topodata.Tablet> tabletsIn(String cell) {
    return stores.find(cell).map(TabletRecords::all).orElse(List.of());
  }

  @Override
  public Optional<Topodata.Tablet> primary(String keyspace, String shard) {
    return shard(keyspace, shard)
        .map(Versioned::value)
        .filter(Topodata.Shard::hasPrimaryAlias)
        .flatMap(record -> primary(keyspace, shard, record.getPrimaryAlias()))
        .map(Versioned::value);
  }

  private Optional<Versioned<Topodata.Tablet>> primary(
      String keyspace, String shard, Topodata.TabletAlias alias) {
    try {
      return tablet(alias);
    } catch (TopoException e) {
      throw new TopoException(
          e.kind(),
          "the record of %s, primary of shard %s/%s, can't be read in cell %s: %s"
              .formatted(Paths.alias(alias), keyspace, shard, alias.getCell(), e.getMessage()),
          e);
    }
  }

  // --- serving graph, vschema, rules -------------------------------------------------------

  @Override
  public Optional<Versioned<Topodata.SrvKeyspace>> srvKeyspace(String cell, String keyspace) {
    return stores
        .find(cell)
        .flatMap(store ->
            Records.read(store, Paths.srvKeyspace(keyspace), Topodata.SrvKeyspace.parser()));
  }

  @Override
  public void rebuildSrvKeyspace(String keyspace, Collection<String> cells) {
    inCells(
        cells,
        store ->
            OptimisticWrite.put(
                store,
                Paths.srvKeyspace(keyspace),
                Topodata.SrvKeyspace.parser(),
                present -> composeSrvKeyspace(keyspace, present)));
  }

  private Topodata.SrvKeyspace composeSrvKeyspace(
      String keyspace, Optional<Topodata.SrvKeyspace> present) {
    Topodata.Keyspace record = keyspace(keyspace).orElseThrow(() -> noKeyspace(keyspace)).value();
    TreeMap<String, Topodata.Shard> shards = new TreeMap<>(ShardNames.ORDER);
    shards(keyspace).forEach((name, shard) -> shards.put(name, shard.value()));
    return ServingGraph.srvKeyspace(
        keyspace, record, shards, present.orElse(Topodata.SrvKeyspace.getDefaultInstance()));
  }

  @Override
  public Topodata.SrvKeyspace updateSrvKeyspace(
      Collection<TopoLock> guards,
      String cell,
      String keyspace,
      UnaryOperator<Topodata.SrvKeyspace> change) {
    return OptimisticWrite.putWhile(
        stores.cell(cell),
        Paths.srvKeyspace(keyspace),
        Topodata.SrvKeyspace.parser(),
        () -> guards.forEach(TopoLock::check),
        present -> change.apply(present.orElse(Topodata.SrvKeyspace.getDefaultInstance())));
  }

  @Override
  public Optional<Versioned<Vschema.Keyspace>> vschema(String keyspace) {
    return Records.read(global, Paths.vschema(keyspace), Vschema.Keyspace.parser());
  }

  @Override
  public void saveVSchema(String keyspace, Vschema.Keyspace vschema) {
    if (keyspace(keyspace).isEmpty()) {
      throw noKeyspace(keyspace);
    }
    Outcome unused =
        global.commit(
            List.of(),
            Map.of(),
            List.of(new Change.Put(Paths.vschema(keyspace), Records.bytes(vschema))));
  }

  @Override
  public Optional<Versioned<Vschema.SrvVSchema>> srvVSchema(String cell) {
    return stores
        .find(cell)
        .flatMap(store -> Records.read(store, Paths.SRV_VSCHEMA, Vschema.SrvVSchema.parser()));
  }

  @Override
  public void rebuildSrvVSchema(Collection<String> cells) {
    inCells(
        cells,
        store ->
            OptimisticWrite.put(
                store,
                Paths.SRV_VSCHEMA,
                Vschema.SrvVSchema.parser(),
                present -> ServingGraph.srvVSchema(global)));
  }

  /**
   * Does the same in each cell, or in all when none is given, at once; a failing cell stops no
   * other.
   */
  private void inCells(Collection<String> cells, Consumer<TopoStore> action) {
    List<TopoException> failures = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (String cell : cells.isEmpty() ? cells() : cells) {
      threads.add(
          Thread.ofVirtual()
              .name("topo-cell-" + cell)
              .start(() -> {
                try {
                  action.accept(stores.cell(cell));
                } catch (TopoException e) {
                  failures.add(
                      new TopoException(e.kind(), "in cell " + cell + ": " + e.getMessage(), e));
                } catch (RuntimeException | Error e) { // else nobody would learn of it
                  failures.add(
                      new TopoException(
                          TopoException.Kind.UNAVAILABLE, "in cell " + cell + ": " + e, e));
                }
              }));
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      threads.forEach(Thread::interrupt);
      Thread.currentThread().interrupt();
      throw new TopoException(TopoException.Kind.UNAVAILABLE, "interrupted", e);
    }
    if (!failures.isEmpty()) {
      TopoException first = failures.getFirst();
      failures.stream().skip(1).forEach(first::addSuppressed);
      throw first;
    }
  }

  @Override
  public Versioned<Vschema.RoutingRules> routingRules() {
    return Records.read(global, Paths.ROUTING_RULES, Vschema.RoutingRules.parser())
        .orElse(new Versioned<>(Vschema.RoutingRules.getDefaultInstance(), 0));
  }

  @Override
  public void updateRoutingRules(UnaryOperator<Vschema.RoutingRules> change) {
    transact(List.of(), transaction -> transaction.routingRules(change));
  }

  @Override
  public Versioned<Vschema.ShardRoutingRules> shardRoutingRules() {
    return Records.read(global, Paths.SHARD_ROUTING_RULES, Vschema.ShardRoutingRules.parser())
        .orElse(new Versioned<>(Vschema.ShardRoutingRules.getDefaultInstance(), 0));
  }

  @Override
  public void updateShardRoutingRules(UnaryOperator<Vschema.ShardRoutingRules> change) {
    transact(List.of(), transaction -> transaction.shardRoutingRules(change));
  }

  // --- locks and guarded writes ------------------------------------------------------------

  @Override
  public TopoLock lockKeyspace(String keyspace, String action, Duration ttl, LockWait wait) {
    if (keyspace(keyspace).isEmpty()) {
      throw noKeyspace(keyspace);
    }
    return global.lock(Paths.keyspaceDirectory(keyspace), action, ttl, wait);
  }

  @Override
  public TopoLock lockName(String name, String action, Duration ttl, LockWait wait) {
    StoreLock lock = global.lock(Paths.namedLock(name), action, ttl, wait);
    try {
      return lives.in(lock);
    } catch (RuntimeException | Error e) {
      lock.close();
      throw e;
    }
  }

  @Override
  public StoreLife life() {
    return lives.current();
  }

  @Override
  public void endLife(String epoch, long after) {
    lives.end(epoch, after);
  }

  @Override
  public List<LockHolder> locks() {
    return global.locks();
  }

  @Override
  public boolean breakLock(String key) {
    return global.breakLock(key);
  }

  @Override
  public void transact(Collection<TopoLock> guards, Consumer<TopoTransaction> change) {
    Boolean unused =
        OptimisticWrite.run(
            global,
            guards(guards),
            write -> {
              change.accept(new Transaction(write));
              return true;
            });
  }

  private static List<Guard> guards(Collection<TopoLock> locks) {
    return locks.stream()
        .map(lock -> {
          if (lock instanceof StoreLock storeLock) {
            return storeLock.guard();
          }
          throw new TopoException(INVALID, "not a lock of this topology: " + lock.path());
        })
        .toList();
  }

  static TopoException lost(Guard guard) {
    return new TopoException(
        LOCK_LOST, "lock " + guard.lockKey() + " is no longer held; nothing was written");
  }

  static TopoException contended(Collection<String> paths) {
    return new TopoException(
        BAD_VERSION, "others kept changing " + paths + " meanwhile; nothing was written");
  }

  private record Transaction(OptimisticWrite write) implements TopoTransaction {
    @Override
    public void shard(String keyspace, String shard, UnaryOperator<Topodata.Shard> change) {
      var unused =
          write
              .change(Paths.shard(keyspace, shard), Topodata.Shard.parser(), change)
              .orElseThrow(() -> noShard(keyspace, shard));
    }

    @Override
    public void routingRules(UnaryOperator<Vschema.RoutingRules> change) {
      write.changeOrRemove(Paths.ROUTING_RULES, Vschema.RoutingRules.getDefaultInstance(), change);
    }

    @Override
    public void shardRoutingRules(UnaryOperator<Vschema.ShardRoutingRules> change) {
      write.changeOrRemove(
          Paths.SHARD_ROUTING_RULES, Vschema.ShardRoutingRules.getDefaultInstance(), change);
    }

    @Override
    public void vschema(String keyspace, UnaryOperator<Vschema.Keyspace> change) {
      var unused =
          write
              .change(Paths.vschema(keyspace), Vschema.Keyspace.parser(), change)
              .orElseThrow(() -> noKeyspace(keyspace));
    }
  }

  // --- watches -----------------------------------------------------------------------------

  @Override
  public AutoCloseable watch(
      String cell, String prefix, Consumer<TopoEvent> listener, Runnable synced) {
    return stores.cell(cell).watch(prefix, listener, synced);
  }

  @Override
  public void close() {
    stores.close();
  }
}
