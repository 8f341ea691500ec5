package dev.shunt.workflow.plan;

import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Plans the switch of a workflow's traffic. */
public final class SwitchPlan {
  /**
   * The one order in which what a switch did is taken back while it is not decided: writes flow
   * again first, which takes the topology and the sources only; then what the topology and the
   * sources have besides; then the keyspaces are free for others; what needs the targets comes
   * last. None of these needs that another one was taken back.
   */
  public static final UndoOrder<SwitchAction> UNDOS =
      UndoOrder.eachAlone(
          List.of(
              SwitchAction.DENY_SOURCE_WRITES,
              SwitchAction.SWITCH_READS,
              SwitchAction.WRITE_JOURNALS,
              SwitchAction.STOP_MIGRATED_STREAMS,
              SwitchAction.LOCK_FOR_WRITES,
              SwitchAction.LOCK_FOR_READS,
              SwitchAction.STOP_STREAMS,
              SwitchAction.CREATE_MIGRATED_STREAMS,
              SwitchAction.START_STOPPED_STREAMS));

  private SwitchPlan() {}

  /**
   * What a switch depends on. A backward switch whose writes are switched is the forward switch of
   * the reverse workflow: give its migration and its name.
   *
   * @param migration from where to where traffic goes
   * @param workflow name of the workflow whose streams run that way
   * @param reads types whose reads are switched, in the order asked for; may be empty
   * @param writes whether writes are switched
   * @param alreadySwitched whether writes go to the target already and its streams are frozen
   * @param reverseReplication whether the reverse streams are started
   * @param timeout how long to wait for the streams
   * @param sources primaries of the source shards
   * @param sourcePositions present position of each source primary by shard, for the dry run
   * @param targets primaries of the target shards
   * @param migrated streams of other workflows that are brought along
   * @param found what it begins from
   */
  public record Request(
      SwitchableMigration migration,
      String workflow,
      List<ReadType> reads,
      boolean writes,
      boolean alreadySwitched,
      boolean reverseReplication,
      Duration timeout,
      List<PlannedPrimary> sources,
      Map<String, String> sourcePositions,
      List<PlannedPrimary> targets,
      Migrated migrated,
      Set<Finding> found) {
    public Request {
      reads = List.copyOf(reads);
      sources = sources.stream().sorted(PlannedPrimary.ORDER).toList();
      sourcePositions = Map.copyOf(sourcePositions);
      targets = targets.stream().sorted(PlannedPrimary.ORDER).toList();
      found = Set.copyOf(found);
    }
  }

  /**
   * Streams of other workflows that write the shards writes are switched from, and go on into those
   * they are switched to.
   *
   * @param workflows their workflows, sorted
   * @param streams the streams as a dry run names them; none where it is decided
   */
  public record Migrated(List<String> workflows, List<String> streams) {
    /** No such streams. */
    public static final Migrated NONE = new Migrated(List.of(), List.of());

    public Migrated {
      workflows = workflows.stream().sorted().toList();
      streams = List.copyOf(streams);
    }

    /** Whether there are any. */
    public boolean any() {
      return !workflows.isEmpty();
    }
  }

  /** What a switch can find when it begins. */
  public enum Finding {
    /** It is known what source and target differ in. */
    DIFFERENCES,
    /** Others may have begun to change what it changes, and may go on. */
    EARLIER_RUNS,
    /** An undecided attempt, this way or the other, keeps a side closed. */
    INTERRUPTED,
    /** Traffic must not move; what an interrupted attempt left is taken back all the same. */
    REFUSED,
    /** So many attempts were interrupted that there is not to be another one. */
    TOO_MANY_ATTEMPTS,
    /** It is decided: journals of an earlier run stand. */
    DECIDED,
    /** Streams that it needs are stopped. */
    STOPPED_STREAMS
  }

  /** The steps; none but what is taken back or remembered when nothing is to be done. */
  public static Plan<SwitchAction> of(Request request) {
    Plan.Builder<SwitchAction> plan = new Plan.Builder<>();
    boolean writes = request.writes() && !request.alreadySwitched();
    addBeginning(plan, request);
    if (!request.reads().isEmpty()) {
      addReads(plan, request);
    }
    if (writes) {
      addWrites(plan, request);
    }
    return plan.build(UNDOS);
  }

  /** The plan of a command that only ends, as traffic must not move. */
  public static Plan<SwitchAction> ofRefusal() {
    return new Plan.Builder<SwitchAction>().step(SwitchAction.REFUSE).build(UNDOS);
  }

  private static void addBeginning(Plan.Builder<SwitchAction> plan, Request request) {
    Set<Finding> found = request.found();
    boolean interrupted = found.contains(Finding.INTERRUPTED);
    // Where a side is closed nothing may end the command before it is open: writes are refused.
    if (found.contains(Finding.EARLIER_RUNS)) {
      plan.step(SwitchAction.FENCE_EARLIER_RUNS, interrupted);
    }
    if (found.contains(Finding.DIFFERENCES)) {
      plan.step(SwitchAction.KNOWN_DIFFERENCES, interrupted);
    }
    if (interrupted) {
      plan.step(
          SwitchAction.TAKE_BACK,
          true,
          "Take back an interrupted switch between keyspaces %s and %s"
              .formatted(request.migration().source(), request.migration().target()));
    }
    if (found.contains(Finding.REFUSED)) {
      plan.step(SwitchAction.REFUSE);
    }
    plan.step(SwitchAction.REMEMBER_START);
    if (found.contains(Finding.TOO_MANY_ATTEMPTS)) {
      plan.step(SwitchAction.GIVE_UP);
    }
  }

  private static void addReads(Plan.Builder<SwitchAction> plan, Request request) {
    MigrationText text = MigrationText.of(request.migration());
    List<String> lines = new ArrayList<>(text.switchReads(request.reads()));
    if (!request.writes()) {
      lines.addAll(text.publishReads());
    }
    plan.step(SwitchAction.LOCK_FOR_READS, text.lock())
        .step(SwitchAction.SWITCH_READS, lines)
        .step(SwitchAction.UNLOCK_AFTER_READS, text.unlock());
  }

  private static void addWrites(Plan.Builder<SwitchAction> plan, Request request) {
    MigrationText text = MigrationText.of(request.migration());
    String reverse = WorkflowNames.reverse(request.workflow());
    plan.step(SwitchAction.LOCK_FOR_WRITES, text.lock());
    if (!request.found().contains(Finding.DECIDED)) {
      addPause(plan, request, text);
    }
    plan.step(
            SwitchAction.WRITE_JOURNALS,
            "Create reverse vreplication workflow " + reverse,
            "Create journal entries on source databases")
        .step(SwitchAction.SWITCH_ROUTING, text.switchWrites(request.sources(), request.targets()))
        .step(SwitchAction.REFRESH_TARGETS)
        .step(
            SwitchAction.REBUILD_SERVING_VSCHEMA,
            "Switch writes completed, freeze and delete vreplication streams on: "
                + DryRunText.tablets(request.targets()));
    if (request.migrated().any()) {
      plan.step(
          SwitchAction.START_MIGRATED_STREAMS,
          "Start migrated streams of workflows %s on: %s"
              .formatted(
                  DryRunText.list(request.migrated().workflows()),
                  DryRunText.tablets(request.targets())));
    }
    if (request.reverseReplication()) {
      plan.step(
          SwitchAction.START_REVERSE_STREAMS,
          "Start reverse vreplication streams on: " + DryRunText.tablets(request.sources()));
    }
    plan.step(
            SwitchAction.FREEZE_STREAMS, "Mark vreplication streams frozen on: " + frozen(request))
        .step(SwitchAction.UNLOCK_AFTER_WRITES, text.unlock());
  }

  /** What comes before the decision. */
  private static void addPause(
      Plan.Builder<SwitchAction> plan, Request request, MigrationText text) {
    if (request.found().contains(Finding.STOPPED_STREAMS)) {
      plan.step(
          SwitchAction.START_STOPPED_STREAMS,
          "Start stopped vreplication streams of workflow " + request.workflow());
    }
    plan.step(SwitchAction.PREPARE);
    Migrated migrated = request.migrated();
    if (migrated.any()) {
      plan.step(
              SwitchAction.STOP_MIGRATED_STREAMS,
              "Stop streams on keyspace %s: %s"
                  .formatted(request.migration().source(), DryRunText.list(migrated.streams())))
          .step(
              SwitchAction.CREATE_MIGRATED_STREAMS,
              "Create migrated streams of workflows %s, stopped, on: %s"
                  .formatted(
                      DryRunText.list(migrated.workflows()),
                      DryRunText.tablets(request.targets())));
    }
    plan.step(SwitchAction.DENY_SOURCE_WRITES, text.stopWrites(positions(request)))
        .step(SwitchAction.DRAIN_SOURCE_WRITES)
        .step(SwitchAction.READ_SOURCE_POSITIONS)
        .step(
            SwitchAction.WAIT_FOR_CATCH_UP,
            "Wait for vreplication on stopped streams to catchup for up to "
                + DryRunText.duration(request.timeout()))
        .step(SwitchAction.MATCH_AUTO_INCREMENTS)
        .step(SwitchAction.STOP_STREAMS)
        .step(SwitchAction.READ_TARGET_POSITIONS);
    if (!request.migration().isRouted()) {
      plan.step(SwitchAction.CHECK_MIGRATED_STREAMS); // also that nobody has made any
    }
  }

  private static String positions(Request request) {
    return DryRunText.list(
        request.sources().stream()
            .map(source ->
                "keyspace:%s;shard:%s;position:%s"
                    .formatted(
                        request.migration().source(),
                        source.shard(),
                        request.sourcePositions().getOrDefault(source.shard(), ""))));
  }

  private static String frozen(Request request) {
    return DryRunText.list(
        request.targets().stream()
            .map(target ->
                "keyspace:%s;shard:%s;tablet:%d;workflow:%s;dbname:%s"
                    .formatted(
                        request.migration().target(),
                        target.shard(),
                        target.tabletUid(),
                        request.workflow(),
                        target.dbName())));
  }
}
