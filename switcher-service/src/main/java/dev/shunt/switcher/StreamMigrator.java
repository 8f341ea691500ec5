package dev.shunt.switcher;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.NewStream;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamControl;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.FailedException;
import dev.shunt.saga.Run;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.plan.SwitchPlan.Migrated;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.streams.StreamMessages;
import dev.shunt.workflow.streams.StreamTemplate;
import dev.shunt.workflow.streams.TextProto;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse.Stream;

/**
 * Brings the streams of other workflows along that write the shards from which writes are switched:
 * they are stopped, all that read one shard at one position; written anew for the new shards from
 * there; and started there once it is decided. Where no shards are switched there are none.
 *
 * <p>They are stopped before writes are, so that nobody waits for them; what a stream had applied
 * behind that position would be applied once more, so it is looked whether they still stand, last
 * before the decision.
 */
final class StreamMigrator {
  private final Cluster cluster;
  private final WorkflowView view;
  private final Duration timeout;
  private final StreamTemplate template;
  private final List<String> workflows;

  /** By source shard, the other workflows that write it. */
  private SortedMap<String, List<ReadVReplicationWorkflowResponse>> found;

  /** Where the streams stand that read a shard. */
  private final Map<Origin, String> positions = new ConcurrentHashMap<>();

  /** A shard that streams read. */
  private record Origin(String keyspace, String shard) {
    static Origin of(Stream stream) {
      return new Origin(stream.getBls().getKeyspace(), stream.getBls().getShard());
    }

    String name() {
      return keyspace + "/" + shard;
    }
  }

  private StreamMigrator(
      Cluster cluster,
      WorkflowView view,
      Duration timeout,
      SortedMap<String, List<ReadVReplicationWorkflowResponse>> found,
      Collection<String> decided) {
    this.cluster = cluster;
    this.view = view;
    this.timeout = timeout;
    this.found = found;
    this.template =
        new StreamTemplate(SqlParser.create(), view.keyspace(), cluster.vschema(view.keyspace()));
    Set<String> names = new TreeSet<>(decided);
    found.values().forEach(all -> all.forEach(one -> names.add(one.getWorkflow())));
    this.workflows = List.copyOf(names);
  }

  /**
   * Of a switch that is not decided: looks which streams there are.
   *
   * @param timeout limit of each wait
   */
  static StreamMigrator of(Cluster cluster, WorkflowView view, Duration timeout) throws Exception {
    return new StreamMigrator(cluster, view, timeout, read(cluster, view, timeout), List.of());
  }

  private static SortedMap<String, List<ReadVReplicationWorkflowResponse>> read(
      Cluster cluster, WorkflowView view, Duration limit) throws Exception {
    SortedMap<String, List<ReadVReplicationWorkflowResponse>> found = new TreeMap<>();
    if (view.switchable(Prechecks.SWITCH) instanceof ShardMigration) {
      List<List<ReadVReplicationWorkflowResponse>> read =
          Parallel.map(view.sources(), source -> others(cluster, view, source, limit));
      for (int i = 0; i < read.size(); i++) {
        if (!read.get(i).isEmpty()) {
          found.put(view.sources().get(i).shard(), read.get(i));
        }
      }
    }
    return found;
  }

  /** Of a switch that is decided: its journals say which workflows are brought along. */
  static StreamMigrator decided(
      Cluster cluster, WorkflowView view, Duration timeout, Collection<String> workflows) {
    return new StreamMigrator(cluster, view, timeout, new TreeMap<>(), workflows);
  }

  private static List<ReadVReplicationWorkflowResponse> others(
      Cluster cluster, WorkflowView view, ShardPrimary source, Duration limit) {
    return cluster.control(source).within(limit).workflows().stream()
        .filter(other ->
            other.getStreamsCount() > 0
                && !other.getWorkflow().equals(view.workflow())
                && !other.getWorkflow().equals(view.reverseName()))
        .toList();
  }

  /** The workflows that are brought along, sorted. */
  List<String> workflows() {
    return workflows;
  }

  /** Whether there are any. */
  boolean any() {
    return !workflows.isEmpty();
  }

  /** What the plan says of them. */
  Migrated planned() {
    return new Migrated(
        workflows,
        streams().stream()
            .map(stream ->
                "id:%d;keyspace:%s;shard:%s;rules:%s;position:%s"
                    .formatted(
                        stream.getId(),
                        stream.getBls().getKeyspace(),
                        stream.getBls().getShard(),
                        TextProto.print(stream.getBls().getFilter()),
                        stream.getPos()))
            .toList());
  }

  /** The detail of the steps. */
  MigratedStreams detail() {
    return new MigratedStreams(
        view.keyspace(), shards(view.sources()), shards(view.targets()), workflows);
  }

  private static List<String> shards(List<ShardPrimary> primaries) {
    return primaries.stream().map(ShardPrimary::shard).toList();
  }

  /**
   * Whether an interrupted switch has left some of them stopped, as their messages say. One that
   * has just reached the position to which it was to run says that instead, as one does to which
   * somebody else gave a position: then {@link #require} says that it is to be started.
   */
  boolean leftStopped() {
    return streams().stream()
        .anyMatch(stream -> StreamMessages.OF_MIGRATIONS.contains(stream.getMessage()));
  }

  private List<Stream> streams() {
    return found.values().stream()
        .flatMap(List::stream)
        .flatMap(workflow -> workflow.getStreamsList().stream())
        .toList();
  }

  private static boolean isStopped(Stream stream) {
    return stream.getState() == VReplicationWorkflowState.Stopped;
  }

  /**
   * Refuses what can't be brought along: streams that do not run or still copy, shards whose
   * streams differ, rules that can't be worded for the new shards, sources that nobody knows.
   */
  void require() throws Exception {
    List<String> first = null;
    for (ShardPrimary source : view.sources()) {
      List<String> streams = new ArrayList<>();
      for (ReadVReplicationWorkflowResponse workflow :
          found.getOrDefault(source.shard(), List.of())) {
        requireCopied(source, workflow);
        for (Stream stream : workflow.getStreamsList()) {
          streams.add(movable(source, workflow, stream));
        }
      }
      streams.sort(Comparator.naturalOrder());
      if (first != null && !first.equals(streams)) {
        throw cannot(
            "the streams of other workflows are mismatched across source shards: %s has %s, others"
                    .formatted(source.name(), streams)
                + " have "
                + first);
      }
      first = streams;
    }
  }

  /** Its state says nothing of that: one that was stopped in its copy runs when it is started. */
  private void requireCopied(ShardPrimary source, ReadVReplicationWorkflowResponse workflow) {
    boolean copying =
        cluster
            .streams(source, workflow.getWorkflow())
            .within(timeout)
            .copying(workflow.getStreamsList().stream().map(Stream::getId).toList());
    if (copying) {
      throw cannot(
          "workflow %s writes %s and still copies tables: let it end"
              .formatted(workflow.getWorkflow(), source.name()));
    }
  }

  /** What a stream is on all shards alike, when it can be brought along. */
  private String movable(
      ShardPrimary source, ReadVReplicationWorkflowResponse workflow, Stream stream) {
    boolean runs =
        stream.getState() == VReplicationWorkflowState.Running
            && !stream.getPos().isEmpty()
            && stream.getStopPos().isEmpty();
    String name = "stream %d of workflow %s".formatted(stream.getId(), workflow.getWorkflow());
    if (!runs) {
      throw cannot(
          "%s writes %s and has to go on with the new shards, but it does not run: its state is %s;"
                  .formatted(name, source.name(), stream.getState())
              + " start it, let it copy, or delete its workflow");
    }
    try {
      var unused = cluster.primary(stream.getBls().getKeyspace(), stream.getBls().getShard());
      List<BinlogSource> worded = new ArrayList<>();
      for (ShardPrimary target : view.targets()) {
        worded.add(template.forShard(stream.getBls(), source.shard(), target.shard()));
      }
      return "%s in cells '%s': %s"
          .formatted(
              workflow.getWorkflow(), workflow.getCells(), TextProto.print(worded.getFirst()));
    } catch (RefusedException e) {
      throw cannot(
          "%s writes %s and can't go on with the new shards: %s; complete or cancel its workflow"
                  .formatted(name, source.name(), e.getMessage())
              + " first");
    }
  }

  private RuntimeException cannot(String reason) {
    return Refusal.failedPrecondition(
            "cannot switch traffic for workflow %s at this time: %s", view.workflow(), reason)
        .exception();
  }

  // --- steps -----------------------------------------------------------------------------------

  /** A workflow on one source shard. */
  private record Part(ShardPrimary source, ReadVReplicationWorkflowResponse workflow) {
    String name() {
      return workflow.getWorkflow();
    }
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    for (ShardPrimary source : view.sources()) {
      found
          .getOrDefault(source.shard(), List.of())
          .forEach(workflow -> parts.add(new Part(source, workflow)));
    }
    return parts;
  }

  private StreamControl control(Run run, Part part) {
    return cluster.streams(part.source(), part.name(), run.fence()).within(timeout);
  }

  /**
   * Stops them, all that read one shard at one position. What was found when this was planned may
   * be otherwise by now, and a run that follows another one has not looked at all.
   */
  String stop(Run run) throws Exception {
    requireStill();
    List<Part> parts = parts();
    Parallel.each(
        parts,
        part -> {
          control(run, part).stopForMigration(part.workflow().getStreamsCount());
        });
    for (Part part : parts) {
      if (!streams(run, part).stream().allMatch(StreamMigrator::isStoppedByUs)) {
        throw moved("are stopped or started by somebody else", part.source().shard());
      }
    }
    Map<Origin, String> ends = ends();
    Parallel.each(
        parts,
        part -> {
          bringTo(run, part, ends);
        });
    positions.clear();
    for (Part part : parts) {
      for (Stream stream : streams(run, part)) {
        String before = positions.putIfAbsent(Origin.of(stream), stream.getPos());
        if (before != null && !before.equals(stream.getPos())) {
          throw new FailedException(
              Status.Code.ABORTED,
              "streams that read %s do not stop at one position: one is at %s, stream %d of workflow"
                      .formatted(Origin.of(stream).name(), before, stream.getId())
                  + " %s on %s at %s"
                      .formatted(part.name(), part.source().name(), stream.getPos()));
        }
      }
    }
    return "%d stream(s)".formatted(streams().size());
  }

  private void requireStill() throws Exception {
    SortedMap<String, List<ReadVReplicationWorkflowResponse>> now = read(cluster, view, timeout);
    for (ShardPrimary source : view.sources()) {
      if (!ids(now.getOrDefault(source.shard(), List.of()))
          .equals(ids(found.getOrDefault(source.shard(), List.of())))) {
        throw moved("are not those they were", source.shard());
      }
    }
    found = now;
    try {
      require();
      new Prechecks(cluster).requireAlone(view);
    } catch (RefusedException e) {
      throw new FailedException(Status.Code.FAILED_PRECONDITION, String.valueOf(e.getMessage()), e);
    }
  }

  private static boolean isStoppedByUs(Stream stream) {
    return isStopped(stream) && stream.getMessage().equals(StreamMessages.MIGRATION);
  }

  /** Where the shards are that they read: as far as any of the streams can have come. */
  private Map<Origin, String> ends() throws Exception {
    List<Origin> origins = streams().stream().map(Origin::of).distinct().toList();
    List<String> read =
        Parallel.map(
            origins,
            origin ->
                cluster
                    .control(cluster.primary(origin.keyspace(), origin.shard()))
                    .within(timeout)
                    .position());
    Map<Origin, String> ends = new HashMap<>();
    for (int i = 0; i < read.size(); i++) {
      ends.put(origins.get(i), read.get(i));
    }
    return ends;
  }

  private void bringTo(Run run, Part part, Map<Origin, String> ends) {
    StreamControl control = control(run, part);
    for (Stream stream : streams(run, part)) {
      String end = Objects.requireNonNull(ends.get(Origin.of(stream)));
      if (!stream.getPos().equals(end)) {
        control.runToForMigration(stream.getId(), end);
        control.awaitPosition(stream.getId(), end);
        control.standForMigration(stream.getId(), end);
      }
    }
  }

  private List<Stream> streams(Run run, Part part) {
    return control(run, part)
        .read()
        .map(ReadVReplicationWorkflowResponse::getStreamsList)
        .orElse(List.of());
  }

  /** Writes them for the target shards, stopped, from where they stand. */
  String create(Run run) throws Exception {
    List<ReadVReplicationWorkflowResponse> any = found.values().iterator().next();
    long now = run.clock().instant().getEpochSecond();
    Parallel.each(
        view.targets(),
        target -> {
          for (ReadVReplicationWorkflowResponse workflow : any) {
            cluster
                .streams(target, workflow.getWorkflow(), run.fence())
                .draft(
                    workflow.getStreamsList().stream()
                        .map(stream ->
                            new NewStream(
                                template.forShard(
                                    stream.getBls(), found.firstKey(), target.shard()),
                                Objects.requireNonNull(positions.get(Origin.of(stream))),
                                workflow.getCells(),
                                workflow,
                                now))
                        .toList());
          }
        });
    return "from " + named().values();
  }

  private Map<String, String> named() {
    Map<String, String> named = new TreeMap<>();
    positions.forEach((origin, at) -> named.put(origin.name(), origin.name() + " at " + at));
    return named;
  }

  /**
   * Makes sure that all of them have stood still up to now, on both sides, and that nobody has made
   * others. Streams of ours bring along what is applied up to the journal, so this comes right
   * ahead of it, and a tablet of ours starts for nobody what a switch has stopped.
   *
   * @param limit what the pause may still take
   */
  String check(Duration limit) throws Exception {
    SortedMap<String, List<ReadVReplicationWorkflowResponse>> now = read(cluster, view, limit);
    for (ShardPrimary source : view.sources()) {
      List<ReadVReplicationWorkflowResponse> there = now.getOrDefault(source.shard(), List.of());
      if (!ids(there).equals(ids(found.getOrDefault(source.shard(), List.of())))) {
        throw moved("are not those they were", source.shard());
      }
      if (!stand(there, StreamMessages.MIGRATION)) {
        throw moved("were started", source.shard());
      }
    }
    if (any()) {
      List<List<ReadVReplicationWorkflowResponse>> drafts =
          Parallel.map(view.targets(), target -> others(cluster, view, target, limit));
      long expected =
          found.values().iterator().next().stream().mapToInt(w -> w.getStreamsCount()).sum();
      for (int i = 0; i < drafts.size(); i++) {
        long count = drafts.get(i).stream().mapToInt(w -> w.getStreamsCount()).sum();
        if (count != expected || !stand(drafts.get(i), StreamMessages.DRAFT)) {
          throw moved("were changed", view.targets().get(i).shard());
        }
      }
    }
    return "";
  }

  private boolean stand(List<ReadVReplicationWorkflowResponse> workflows, String message) {
    return workflows.stream()
        .flatMap(workflow -> workflow.getStreamsList().stream())
        .allMatch(stream ->
            isStopped(stream)
                && stream.getMessage().equals(message)
                && stream.getPos().equals(positions.get(Origin.of(stream))));
  }

  private FailedException moved(String what, String shard) {
    return new FailedException(
        Status.Code.ABORTED,
        "streams of other workflows that write shard %s/%s %s during the switch: switch again"
            .formatted(view.keyspace(), shard, what));
  }

  private static Set<String> ids(List<ReadVReplicationWorkflowResponse> workflows) {
    Set<String> ids = new TreeSet<>();
    workflows.forEach(workflow ->
        workflow.getStreamsList().forEach(s -> ids.add(workflow.getWorkflow() + " " + s.getId())));
    return ids;
  }

  /** Behind the decision: they run on the target shards and are gone from those of the source. */
  String start(Run run) throws Exception {
    Parallel.each(
        view.targets(),
        target ->
            workflows.forEach(
                workflow -> cluster.streams(target, workflow, run.fence()).startDrafts()));
    Parallel.each(
        view.sources(),
        source -> {
          for (String workflow : workflows) {
            var unused = cluster.streams(source, workflow, run.fence()).delete();
          }
        });
    return String.join(", ", workflows);
  }
}
