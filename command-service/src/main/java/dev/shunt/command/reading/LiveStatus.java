package dev.shunt.command.reading;

import dev.shunt.cluster.MigrationReading;
import dev.shunt.cluster.Traffic;
import dev.shunt.command.refusing.Refusals;
import dev.shunt.schemas.StreamState;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.topo.Aliases;
import dev.shunt.topo.Cells;
import dev.shunt.topo.Topo;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.Migration;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.streams.Rules;
import io.vitess.proto.Topodata;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.TreeSet;
import vtctldata.Vtctldata;

/** WorkflowStatus: what the tablets and the topology say of a workflow now. */
public final class LiveStatus {
  private static final DateTimeFormatter ANSI_C =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final long SILENT_AFTER_SECONDS = 10;

  private final Topo topo;
  private final Cells cells;
  private final LiveStreams streams;
  private final CopyProgress progress;
  private final InstantSource clock;

  /** Reads from the topology and its tablets. */
  public LiveStatus(Topo topo, TabletAccess tablets, InstantSource clock) {
    this.topo = topo;
    this.cells = new Cells(topo);
    this.streams = new LiveStreams(tablets);
    this.progress = new CopyProgress(topo, tablets);
    this.clock = clock;
  }

  /** Status of a workflow; NOT_FOUND when no tablet of its keyspace has streams of it. */
  public Vtctldata.WorkflowStatusResponse status(Vtctldata.WorkflowStatusRequest request) {
    String keyspace = request.getKeyspace();
    String workflow = request.getWorkflow();
    TargetShards shards = TargetShards.read(topo, keyspace, request.getShardsList());
    List<Topodata.Tablet> primaries = primaries(shards);
    long now = clock.instant().getEpochSecond();
    List<StreamAnswer> views =
        streams(keyspace, workflow, primaries).stream()
            .map(status -> StreamAnswer.of(status, now))
            .toList();
    if (views.isEmpty()) {
      throw Refusals.notFound(
          "failed to get workflow state for %s.%s workflow: no streams found in keyspace %s for %s"
              .formatted(keyspace, workflow, keyspace, workflow));
    }
    Vtctldata.WorkflowStatusResponse.Builder answer =
        Vtctldata.WorkflowStatusResponse.newBuilder()
            .putAllTableCopyState(progress.of(views, primaries))
            .setTrafficState(traffic(keyspace, workflow, views));
    TreeMap<String, Vtctldata.WorkflowStatusResponse.ShardStreams.Builder> byShard =
        new TreeMap<>();
    for (StreamAnswer view : views) {
      byShard
          .computeIfAbsent(
              keyspace + "/" + view.status().shard(),
              shard -> Vtctldata.WorkflowStatusResponse.ShardStreams.newBuilder())
          .addStreams(state(view));
    }
    byShard.forEach((shard, builder) -> answer.putShardStreams(shard, builder.build()));
    return answer.build();
  }

  /** Streams of a workflow as they stand in the databases of its keyspace now. */
  public List<StreamStatus> streams(String keyspace, String workflow) {
    return streams(keyspace, workflow, primaries(TargetShards.read(topo, keyspace, List.of())));
  }

  private List<Topodata.Tablet> primaries(TargetShards shards) {
    return shards.records().keySet().stream().map(shard -> shards.primary(topo, shard)).toList();
  }

  private List<StreamStatus> streams(
      String keyspace, String workflow, List<Topodata.Tablet> primaries) {
    String sidecar = Sidecars.name(topo, keyspace);
    return FanOut.map(primaries, tablet -> streams.read(workflow, tablet, sidecar)).stream()
        .flatMap(List::stream)
        .toList();
  }

  private String traffic(String keyspace, String workflow, List<StreamAnswer> views) {
    TreeSet<String> tables = new TreeSet<>();
    views.getFirst().source().getFilter().getRulesList().stream()
        .filter(rule -> !Rules.excludes(rule))
        .forEach(rule -> tables.add(rule.getMatch()));
    StreamStatus any = views.getFirst().status();
    Migration migration =
        MigrationReading.of(
            views.getFirst().source().getKeyspace(),
            keyspace,
            tables,
            views.stream().map(view -> view.source().getShard()).toList(),
            views.stream().map(view -> view.status().shard()).toList(),
            any.workflowType(),
            any.workflowSubType(),
            any.options());
    return migration instanceof SwitchableMigration switchable
        ? traffic(WorkflowNames.isReverse(workflow) ? switchable.reversed() : switchable, views)
        : "Where the traffic of a %s goes is not known to Shunt".formatted(migration.kind());
  }

  private String traffic(SwitchableMigration forward, List<StreamAnswer> views) {
    Traffic traffic = Traffic.of(topo, cells, forward);
    Traffic.Observed observed = traffic.observe();
    List<String> sentences = new ArrayList<>(List.of(observed.state().text()));
    if (!observed.silentCells().isEmpty()) {
      sentences.add(
          "Cell(s) %s can't be reached: their reads are told as the global rules send them"
              .formatted(String.join(", ", observed.silentCells())));
    }
    HalfSwitched.of(topo, traffic, observed.state(), views).ifPresent(sentences::add);
    return String.join(". ", sentences);
  }

  private static Vtctldata.WorkflowStatusResponse.ShardStreamState state(StreamAnswer view) {
    return Vtctldata.WorkflowStatusResponse.ShardStreamState.newBuilder()
        .setId((int) view.status().id())
        .setTablet(Aliases.parse(view.status().tablet()))
        .setSourceShard(view.source().getKeyspace() + "/" + view.source().getShard())
        .setPosition(view.position())
        .setStatus(view.stateText())
        .setInfo(info(view))
        .build();
  }

  /** Vitess's outline with the true numbers; the odd "; ; Tx time" is what scripts look for. */
  private static String info(StreamAnswer view) {
    if (view.state() == StreamState.ERROR) {
      return view.status().message();
    }
    if (view.position().isEmpty()) {
      return "VStream has not started";
    }
    List<String> parts = new ArrayList<>();
    boolean runs = view.status().streamState() != StreamState.STOPPED;
    if (runs && view.lag() > SILENT_AFTER_SECONDS) {
      parts.add("VStream may not be running");
    }
    parts.add("VStream Lag: " + view.replicationLag() + "s");
    if (view.status().transactionTimestamp() > 0) {
      Instant at = Instant.ofEpochSecond(view.status().transactionTimestamp());
      parts.add("; Tx time: " + ANSI_C.format(at) + ".");
    }
    return String.join("; ", parts);
  }
}
