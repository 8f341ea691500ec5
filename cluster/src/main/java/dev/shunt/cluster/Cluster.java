package dev.shunt.cluster;

import binlogdata.Binlogdata.Filter;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.tabletclient.Fence;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.time.Time;
import dev.shunt.topo.Cells;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.Versioned;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.ServedShards;
import dev.shunt.workflow.streams.Rules;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import vschema.Vschema;

/**
 * Reads the topology and the tablets. What a command can't do without is refused when it is not
 * there.
 */
public final class Cluster {
  private static final Logger log = LoggerFactory.getLogger(Cluster.class);

  private final Topo topo;
  private final TabletClients clients;
  private final PrimaryControls controls;
  private final Cells cells;
  private final CellPublisher publisher;
  private final Map<String, CellPublisher> servedShards = new ConcurrentHashMap<>();
  private final Time time;

  /** Reads through these, and waits by this time. */
  public Cluster(Topo topo, TabletClients clients, Time time) {
    this(topo, clients, PrimaryControls.calling(clients), time);
  }

  /**
   * As {@link #Cluster(Topo, TabletClients, Time)}, where commands act on primaries in a way of
   * their own.
   */
  public Cluster(Topo topo, TabletClients clients, PrimaryControls controls, Time time) {
    this.topo = topo;
    this.clients = clients;
    this.controls = controls;
    this.time = time;
    this.cells = new Cells(topo, time);
    this.publisher =
        new CellPublisher(
            topo, cells, time, "serving VSchema", cell -> topo.rebuildSrvVSchema(List.of(cell)));
  }

  /** By which waits for the cluster are measured. */
  public Time time() {
    return time;
  }

  /** The topology. */
  public Topo topo() {
    return topo;
  }

  /** Asks cells one beside another; for what can do without those that don't answer. */
  public Cells cells() {
    return cells;
  }

  /** A client of a shard's primary. */
  public TabletClient client(ShardPrimary primary) {
    return clients.of(primary.tablet());
  }

  /** What commands do to a shard's primary, without a fence. */
  public PrimaryControl control(ShardPrimary primary) {
    return controls.of(primary);
  }

  /** The streams of a workflow on a shard's primary, to be read only. */
  public StreamControl streams(ShardPrimary primary, String workflow) {
    return control(primary).streams(workflow);
  }

  /** The streams of a workflow on a shard's primary, as the holder of a lock changes them. */
  public StreamControl streams(ShardPrimary primary, String workflow, Fence fence) {
    return control(primary).withFence(fence).streams(workflow);
  }

  /** A client of any tablet. */
  public TabletClient client(Topodata.Tablet tablet) {
    return clients.of(tablet);
  }

  /**
   * Primaries of all shards of a keyspace, in the order of their key ranges. A shard that does not
   * serve and never had a primary has nothing of anybody, and holds nobody up.
   */
  public List<ShardPrimary> primaries(String keyspace) {
    Map<String, Versioned<Topodata.Shard>> shards = topo.shards(keyspace);
    List<ShardPrimary> primaries = new ArrayList<>(shards.size());
    shards.forEach((name, shard) -> {
      if (shard.value().getIsPrimaryServing() || shard.value().hasPrimaryAlias()) {
        primaries.add(primary(keyspace, name, shard.value()));
      }
    });
    return primaries;
  }

  /** Primaries of the serving shards of a keyspace; FAILED_PRECONDITION when none serves. */
  public List<ShardPrimary> servingPrimaries(String keyspace) {
    Map<String, Versioned<Topodata.Shard>> shards = topo.shards(keyspace);
    List<ShardPrimary> primaries = new ArrayList<>(shards.size());
    shards.forEach((name, shard) -> {
      if (shard.value().getIsPrimaryServing()) {
        primaries.add(primary(keyspace, name, shard.value()));
      }
    });
    if (primaries.isEmpty()) {
      throw Refusal.failedPrecondition("keyspace %s has no serving shard", keyspace).exception();
    }
    return primaries;
  }

  /** Primary of a shard, read anew. */
  public ShardPrimary primary(String keyspace, String shard) {
    Topodata.Shard record =
        topo.shard(keyspace, shard)
            .orElseThrow(() ->
                Refusal.failedPrecondition("there is no shard %s/%s", keyspace, shard).exception())
            .value();
    return primary(keyspace, shard, record);
  }

  /** The primaries of now of shards that were looked up before, with their records of now. */
  public List<ShardPrimary> current(Collection<ShardPrimary> earlier) {
    return earlier.stream().map(shard -> primary(shard.keyspace(), shard.shard())).toList();
  }

  private ShardPrimary primary(String keyspace, String shard, Topodata.Shard record) {
    Topodata.Tablet tablet =
        topo.primary(keyspace, shard)
            .orElseThrow(() ->
                Refusal.failedPrecondition("no primary found for shard %s/%s", keyspace, shard)
                    .exception());
    return new ShardPrimary(keyspace, shard, record, tablet);
  }

  /** The workflow; empty when no shard of the keyspace has streams of it. */
  public Optional<WorkflowView> workflow(String keyspace, String workflow) throws Exception {
    List<ShardPrimary> shards = primaries(keyspace);
    List<Optional<ReadVReplicationWorkflowResponse>> answers =
        Parallel.map(shards, shard -> streams(shard, workflow).read());
    List<StreamView> streams = new ArrayList<>();
    List<ShardPrimary> targets = new ArrayList<>();
    ReadVReplicationWorkflowResponse head = null;
    for (int i = 0; i < shards.size(); i++) {
      ReadVReplicationWorkflowResponse answer = answers.get(i).orElse(null);
      if (answer != null && answer.getStreamsCount() > 0) {
        head = answer;
        ShardPrimary target = shards.get(i);
        targets.add(target);
        answer.getStreamsList().stream()
            .sorted(Comparator.comparingInt(ReadVReplicationWorkflowResponse.Stream::getId))
            .forEach(stream -> streams.add(new StreamView(target, stream)));
      }
    }
    return head == null
        ? Optional.empty()
        : Optional.of(view(keyspace, workflow, targets, streams, head));
  }

  /**
   * The tables that a workflow has, sorted. Where a rule is a pattern they are those of any source
   * that it matches, asked now.
   */
  public List<String> tables(WorkflowView view) throws Exception {
    if (view.tables().stream().noneMatch(match -> Rules.expression(match).isPresent())) {
      return view.tables();
    }
    Filter filter = view.streams().getFirst().source().getFilter();
    Set<String> all = new TreeSet<>();
    Parallel.map(view.sources(), source -> Tables.definitions(client(source)).keySet())
        .forEach(all::addAll);
    return all.stream().filter(table -> Rules.have(filter, table)).toList();
  }

  /** The workflow; FAILED_PRECONDITION in Vitess's words when there is none. */
  public WorkflowView requireWorkflow(String keyspace, String workflow) throws Exception {
    return workflow(keyspace, workflow)
        .orElseThrow(() ->
            Refusal.failedPrecondition("no streams found in keyspace %s for %s", keyspace, workflow)
                .exception());
  }

  private WorkflowView view(
      String keyspace,
      String workflow,
      List<ShardPrimary> targets,
      List<StreamView> streams,
      ReadVReplicationWorkflowResponse head) {
    Set<String> sourceKeyspaces = new TreeSet<>();
    Set<Set<String>> tables = new HashSet<>();
    for (StreamView stream : streams) {
      sourceKeyspaces.add(stream.source().getKeyspace());
      Set<String> matches = new TreeSet<>();
      stream.source().getFilter().getRulesList().stream()
          .filter(rule -> !Rules.excludes(rule))
          .forEach(rule -> matches.add(rule.getMatch()));
      tables.add(matches);
    }
    if (sourceKeyspaces.size() != 1) {
      throw Refusal.failedPrecondition(
              "source keyspaces are mismatched across streams of workflow %s.%s: %s",
              keyspace, workflow, sourceKeyspaces)
          .exception();
    }
    if (tables.size() != 1) {
      throw Refusal.failedPrecondition(
              "table lists are mismatched across streams of workflow %s.%s", keyspace, workflow)
          .exception();
    }
    String sourceKeyspace = sourceKeyspaces.iterator().next();
    Set<String> read = new TreeSet<>();
    streams.forEach(stream -> read.add(stream.sourceShard()));
    List<ShardPrimary> sources =
        primaries(sourceKeyspace).stream().filter(shard -> read.contains(shard.shard())).toList();
    return new WorkflowView(
        keyspace,
        workflow,
        sourceKeyspace,
        List.copyOf(tables.iterator().next()),
        targets,
        sources,
        streams,
        head);
  }

  /**
   * Name of the lock of a workflow and its reverse: target keyspace and name of the forward one,
   * which is also the lock that Vitess takes for it.
   */
  public String lockName(WorkflowKey key) {
    String workflow = key.workflow();
    if (WorkflowNames.isReverse(workflow)) {
      Optional<WorkflowView> reverse = reverse(key);
      if (reverse.isPresent()) {
        return reverse.get().sourceKeyspace() + "/" + WorkflowNames.forward(workflow);
      }
    }
    return key.keyspace() + "/" + workflow;
  }

  private Optional<WorkflowView> reverse(WorkflowKey key) {
    try {
      return workflow(key.keyspace(), key.workflow());
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Where the traffic of a migration goes, and what sends it elsewhere. */
  public Traffic traffic(SwitchableMigration migration) {
    return Traffic.of(topo, cells, migration);
  }

  /**
   * Who else has what a migration moves.
   *
   * @param workflow name of the forward workflow, which with its reverse does not count
   */
  public Claims claims(SwitchableMigration migration, String workflow) {
    return switch (migration) {
      case TableMigration tables -> new TableClaims(this, tables, workflow);
      case ShardMigration shards -> new ShardClaims(this, shards, workflow);
    };
  }

  /**
   * Tells cells, or all when none is given, where reads of a migration go; where their records say
   * that of each cell, these are written already, and what is told is where writes go. A cell that
   * can't be reached follows later.
   *
   * @return a sentence about those that follow later; empty when there are none
   */
  public String publishReads(SwitchableMigration migration, Collection<String> to) {
    return switch (migration) {
      case TableMigration unused -> publish(to);
      case ShardMigration shards -> publisher(shards).publish(to);
    };
  }

  /** As {@link #publishReads}, of writes, and to all cells. */
  public String publishWrites(SwitchableMigration migration) {
    return switch (migration) {
      case TableMigration unused -> publish(List.of());
      case ShardMigration shards -> publisher(shards).publish(List.of());
    };
  }

  private CellPublisher publisher(ShardMigration shards) {
    return servedShards.computeIfAbsent(shards.keyspace(), this::publisherOfShards);
  }

  private CellPublisher publisherOfShards(String keyspace) {
    return new CellPublisher(
        topo,
        cells,
        time,
        "shards that serve " + keyspace,
        cell -> {
          if (topo.srvKeyspace(cell, keyspace).isEmpty()) {
            return; // nobody asks for it there
          }
          // The records are read behind the cell's, so that an older answer of theirs is not
          // written.
          var unused =
              topo.updateSrvKeyspace(
                  List.of(),
                  cell,
                  keyspace,
                  served ->
                      ShardTraffic.sound(
                          cell,
                          keyspace,
                          ServedShards.writesServed(
                              served, ShardTraffic.serving(topo.shards(keyspace)))));
        });
  }

  /**
   * Brings VSchemas and routing rules into the serving VSchema of cells, or of all when none is
   * given. A cell that can't be reached follows later.
   *
   * @return a sentence about those that follow later; empty when there are none
   */
  public String publish(Collection<String> to) {
    return publisher.publish(to);
  }

  /** The keyspace's VSchema; NOT_FOUND when there is no such keyspace. */
  public Vschema.Keyspace vschema(String keyspace) {
    if (topo.keyspace(keyspace).isEmpty()) {
      throw Refusal.of(Refusal.Code.NOT_FOUND, "keyspace %s does not exist", keyspace).exception();
    }
    return topo.vschema(keyspace)
        .map(Versioned::value)
        .orElse(Vschema.Keyspace.getDefaultInstance());
  }

  /**
   * The primary's tablets and, as well as possible, the others of the shards read their records.
   */
  public void refresh(Collection<ShardPrimary> shards) throws Exception {
    Parallel.each(shards, shard -> control(shard).refreshState());
    Cells.Found found;
    try {
      found = cells.tablets(List.of());
    } catch (TopoException e) {
      log.atWarn().setCause(e).log("tablets that are no primaries are not told to refresh");
      return;
    }
    for (ShardPrimary shard : shards) {
      for (Topodata.Tablet tablet : found.ofShard(shard.keyspace(), shard.shard()).tablets()) {
        if (!tablet.getAlias().equals(shard.tablet().getAlias())) {
          refreshQuietly(tablet);
        }
      }
    }
  }

  /**
   * Tablets that serve reads of a migration take notice, as well as possible, of what their cells
   * serve. Tables need nothing: who asks for them is sent elsewhere.
   */
  public void refreshReaders(SwitchableMigration migration) {
    if (migration instanceof ShardMigration shards) {
      List<Topodata.Tablet> readers;
      try {
        readers = cells.tablets(List.of()).tablets();
      } catch (TopoException e) {
        log.atWarn().setCause(e).log("tablets that serve reads are not told to refresh");
        return;
      }
      for (Topodata.Tablet tablet : readers) {
        boolean ours =
            tablet.getKeyspace().equals(shards.keyspace())
                && (shards.sourceShards().contains(tablet.getShard())
                    || shards.targetShards().contains(tablet.getShard()));
        if (ours && tablet.getType() != Topodata.TabletType.PRIMARY) {
          refreshQuietly(tablet);
        }
      }
    }
  }

  private void refreshQuietly(Topodata.Tablet tablet) {
    Thread.ofVirtual()
        .name("refresh-" + tablet.getAlias().getUid())
        .start(() -> {
          try {
            client(tablet).withDeadline(Duration.ofSeconds(30)).refreshState();
          } catch (TabletException | IllegalArgumentException e) {
            log.atWarn()
                .addKeyValue("tablet", tablet.getAlias().getUid())
                .setCause(e)
                .log("tablet did not refresh its state");
          }
        });
  }

  /**
   * Reads the streams of all workflows on a shard, in at most this time; null for the usual one.
   */
  List<ReadVReplicationWorkflowResponse> workflows(ShardPrimary shard, @Nullable Duration limit) {
    PrimaryControl control = control(shard);
    return (limit == null ? control : control.within(limit)).workflows();
  }
}
