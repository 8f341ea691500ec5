package dev.shunt.switcher;

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
 * behind that position would be applied once more, so in the pause it is looked whether they still
 * stand.
 */
final class StreamMigrator {
  private final Cluster cluster;
  private final WorkflowView view;
  private final Duration timeout;
  private final StreamTemplate template;
  private final List<String> workflows;

  /** By source shard, the other workflows that write it. */
  private final SortedMap<String, List<ReadVReplicationWorkflowResponse>> found;

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
    SortedMap<String, List<ReadVReplicationWorkflowResponse>> found = new TreeMap<>();
    if (view.switchable(Prechecks.SWITCH) instanceof ShardMigration) {
      List<List<ReadVReplicationWorkflowResponse>> read =
          Parallel.map(view.sources(), source -> others(cluster, view, source));
      for (int i = 0; i < read.size(); i++) {
        if (!read.get(i).isEmpty()) {
          found.put(view.sources().get(i).shard(), read.get(i));
        }
      }
    }
    return new StreamMigrator(cluster, view, timeout, found, List.of());
  }

  /** Of a switch that is decided: its journals say which workflows are brought along. */
  static StreamMigrator decided(
      Cluster cluster, WorkflowView view, Duration timeout, Collection<String> workflows) {
    return new StreamMigrator(cluster, view, timeout, new TreeMap<>(), workflows);
  }

  private static List<ReadVReplicationWorkflowResponse> others(
      Cluster cluster, WorkflowView view, ShardPrimary source) {
    return cluster.control(source).workflows().stream()
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
    List<String> streams = new ArrayList<>();
    found.values().stream()
        .flatMap(List::stream)
        .flatMap(workflow -> workflow.getStreamsList().stream())
        .map(stream ->
            "id:%d;keyspace:%s;shard:%s;rules:%s;position:%s"
                .formatted(
                    stream.getId(),
                    stream.getBls().getKeyspace(),
                    stream.getBls().getShard(),
                    TextProto.print(stream.getBls().getFilter()),
                    stream.getPos()))
        .forEach(streams::add);
    return new Migrated(workflows, streams);
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
        .anyMatch(stream ->
            stream.getMessage().equals(StreamMessages.MIGRATION)
                || stream.getMessage().equals(StreamMessages.MIGRATION_CATCH_UP));
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
   * Refuses what can't be brought along: streams that do not run, shards whose streams differ,
   * rules that can't be worded for the new shards.
   */
  void require() {
    Set<String> first = null;
    for (ShardPrimary source : view.sources()) {
      List<ReadVReplicationWorkflowResponse> others = found.getOrDefault(source.shard(), List.of());
      Set<String> streams = new TreeSet<>();
      for (ReadVReplicationWorkflowResponse workflow : others) {
        workflow
            .getStreamsList()
            .forEach(stream -> {
              requireMovable(source, workflow, stream);
              streams.add(workflow.getWorkflow() + " from " + Origin.of(stream).name());
            });
      }
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

  private void requireMovable(
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
      for (ShardPrimary target : view.targets()) {
        var unused = template.forShard(stream.getBls(), target.shard());
      }
    } catch (RefusedException e) {
      throw cannot(
          "%s writes %s and can't go on with the new shards: %s; complete or cancel its workflow first"
              .formatted(name, source.name(), e.getMessage()));
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

  /** Stops them, all that read one shard at one position. */
  String stop(Run run) throws Exception {
    List<Part> parts = parts();
    Parallel.each(
        parts,
        part -> {
          control(run, part).stopForMigration(part.workflow().getStreamsCount());
        });
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
      }
    }
    control.stopForMigration(part.workflow().getStreamsCount());
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
                                template.forShard(stream.getBls(), target.shard()),
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
   * Makes sure that all of them have stood still up to now, and that nobody has made others. What
   * they do from here on is neither in the source's last position nor wanted.
   */
  String check() throws Exception {
    List<List<ReadVReplicationWorkflowResponse>> now =
        Parallel.map(view.sources(), source -> others(cluster, view, source));
    for (int i = 0; i < now.size(); i++) {
      String shard = view.sources().get(i).shard();
      if (!ids(now.get(i)).equals(ids(found.getOrDefault(shard, List.of())))) {
        throw moved("are not those they were", shard);
      }
      boolean stand =
          now.get(i).stream()
              .flatMap(workflow -> workflow.getStreamsList().stream())
              .allMatch(stream ->
                  isStopped(stream)
                      && stream.getMessage().equals(StreamMessages.MIGRATION)
                      && stream.getPos().equals(positions.get(Origin.of(stream))));
      if (!stand) {
        throw moved("were started", shard);
      }
    }
    return "";
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

  /** Behind the decision: they are gone from the source shards and run on those of the target. */
  String start(Run run) throws Exception {
    Parallel.each(
        view.sources(),
        source -> {
          for (String workflow : workflows) {
            var unused = cluster.streams(source, workflow, run.fence()).delete();
          }
        });
    Parallel.each(
        view.targets(),
        target -> {
          for (String workflow : workflows) {
            cluster.streams(target, workflow, run.fence()).startDrafts(1);
          }
        });
    return String.join(", ", workflows);
  }
}
