package dev.shunt.saga.fake;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.PrimaryControl;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.time.Time;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import vschema.Vschema;

/** A local topology in a folder, and tablets in memory. */
public final class FakeCluster implements TabletClients {
  public final Topo topo;
  public final Time time;
  public final Map<String, FakeTablet> tablets = new TreeMap<>();
  public final List<String> calls = new CopyOnWriteArrayList<>();
  private final Set<Topodata.TabletAlias> retired = ConcurrentHashMap.newKeySet();
  public boolean stuck;
  private final List<Consumer<FakeCluster>> observers = new ArrayList<>();
  private Consumer<String> gate = call -> {};
  private Consumer<String> topoGate = call -> {};
  private volatile BiConsumer<String, String> cellGate = (call, cell) -> {};
  private int nextUid = 100;

  /** Files of the topology go below the folder. */
  public FakeCluster(Path folder) {
    this(folder, Time.system());
  }

  /** As {@link #FakeCluster(Path)}, with another time than this machine's. */
  public FakeCluster(Path folder, Time time) {
    this.time = time;
    this.topo =
        GatedTopo.of(
            Topos.local(folder, time),
            call -> topoGate.accept(call),
            (call, cell) -> cellGate.accept(call, cell));
    topo.createCell("zone1", Topodata.CellInfo.newBuilder().setRoot("/zone1").build());
  }

  /** Sees this cluster as sagas do. */
  public Cluster cluster() {
    return new Cluster(topo, this, this::control, time);
  }

  /** Adds a keyspace with a primary in each shard; VSchema sharded by hash of id when several. */
  public void keyspace(String keyspace, String... shards) {
    topo.createKeyspace(keyspace, Topodata.Keyspace.getDefaultInstance());
    topo.saveVSchema(keyspace, Vschema.Keyspace.newBuilder().setSharded(shards.length > 1).build());
    for (String shard : shards) {
      var unused = topo.createShard(keyspace, shard);
      Topodata.Tablet tablet =
          Topodata.Tablet.newBuilder()
              .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(nextUid))
              .setHostname("127.0.0.1")
              .putPortMap("grpc", nextUid)
              .setKeyspace(keyspace)
              .setShard(shard)
              .setDbNameOverride(shards.length > 1 ? keyspace + "_" + shard : keyspace)
              .setType(Topodata.TabletType.PRIMARY)
              .build();
      nextUid += 100;
      topo.registerTablet(tablet);
      tablets.put(keyspace + "/" + shard, new FakeTablet(this, tablet));
    }
    topo.rebuildSrvKeyspace(keyspace, List.of());
    topo.rebuildSrvVSchema(List.of());
  }

  /** A table in the sharded VSchema of a keyspace, by hash of id. */
  public void shardById(String keyspace, String... tables) {
    Vschema.Keyspace.Builder vschema =
        Vschema.Keyspace.newBuilder()
            .setSharded(true)
            .putVindexes("hash", Vschema.Vindex.newBuilder().setType("hash").build());
    for (String table : tables) {
      vschema.putTables(
          table,
          Vschema.Table.newBuilder()
              .addColumnVindexes(Vschema.ColumnVindex.newBuilder().setColumn("id").setName("hash"))
              .build());
    }
    topo.saveVSchema(keyspace, vschema.build());
    topo.rebuildSrvVSchema(List.of());
  }

  /** The primary of a shard. */
  public FakeTablet tablet(String keyspace, String shard) {
    FakeTablet tablet = tablets.get(keyspace + "/" + shard);
    if (tablet == null) {
      throw new IllegalArgumentException(keyspace + "/" + shard);
    }
    return tablet;
  }

  /** Another tablet becomes the primary of a shard, with the rows of the one before it. */
  public void reparent(String keyspace, String shard) {
    Topodata.Tablet old = topo.primary(keyspace, shard).orElseThrow();
    Topodata.Tablet next =
        old.toBuilder()
            .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(nextUid))
            .putPortMap("grpc", nextUid)
            .build();
    nextUid += 100;
    topo.registerTablet(next);
    topo.registerTablet(old.toBuilder().setType(Topodata.TabletType.REPLICA).build());
    retired.add(old.getAlias());
  }

  boolean isRetired(Topodata.Tablet tablet) {
    return retired.contains(tablet.getAlias());
  }

  /** Called with the name of each call before it takes place; may throw. */
  public void gate(Consumer<String> newGate) {
    gate = newGate;
  }

  /** As {@link #gate}, for the calls to the topology: {@code topo lockKeyspace} and so on. */
  public void topoGate(Consumer<String> newGate) {
    topoGate = newGate;
  }

  /** As {@link #topoGate}, for calls that are about one cell: call and cell. */
  public void cellGate(BiConsumer<String, String> newGate) {
    cellGate = newGate;
  }

  /** Called whenever a tablet has read its records again. */
  public void onRefresh(Consumer<FakeCluster> observer) {
    observers.add(observer);
  }

  void enter(String call) {
    calls.add(call);
    gate.accept(call);
  }

  void observe() {
    synchronized (observers) {
      observers.forEach(observer -> observer.accept(this));
    }
  }

  /** What commands do to a primary. */
  public PrimaryControl control(ShardPrimary primary) {
    return new FakePrimaryControl(tablet(primary.keyspace(), primary.shard()), primary, null);
  }

  @Override
  public TabletClient of(Topodata.Tablet tablet) {
    return new FakeTabletClient(tablet(tablet.getKeyspace(), tablet.getShard()), tablet, null);
  }

  @Override
  public void close() {
    topo.close();
  }
}
