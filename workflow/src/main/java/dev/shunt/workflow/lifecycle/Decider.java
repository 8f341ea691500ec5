package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandCancel;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.ReshardCreate;
import dev.shunt.schemas.SignalKind;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.WorkflowUpdate;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.Refusal.Code;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides, from the state alone, what becomes of a command. What needs a look at the world (a table
 * that is missing, a lag that is too high, traffic that somebody else may have switched) is refused
 * by the service that carries the command out.
 *
 * <p>One command that changes the workflow is carried out at a time, and beside it a few that only
 * read; these wait for the workflow to be created.
 */
public final class Decider {
  /** Each holds snapshots open on source and target. */
  static final int MOST_BESIDE = 8;

  /** The state of a workflow keeps those that were not taken yet. */
  static final int MOST_SIGNALS = 10;

  private Decider() {}

  /**
   * The decision. Refusals for the fields' sake come first, then waiting, then what the state
   * forbids: it may be another one when the wait is over.
   *
   * @param status state of the workflow; null when nothing is known of it
   */
  public static Decision decide(@Nullable WorkflowStatus status, Command command) {
    Optional<Refusal> senseless = senseless(command);
    if (senseless.isPresent()) {
      return new Decision.Refuse(senseless.get());
    }
    InFlight ahead = ahead(status, command);
    if (ahead != null) {
      return new Decision.Wait(ahead.commandId());
    }
    return stale(status, command.header())
        .or(() -> forbidden(status, command))
        .<Decision>map(Decision.Refuse::new)
        .orElseGet(() -> new Decision.Admit(ServiceName.of(command)));
  }

  /**
   * Why a command of which nothing is begun must not be, whoever admitted it: what admission
   * refuses of the command alone, or its time.
   *
   * @param now milliseconds since the epoch
   */
  public static Optional<Refusal> beforeItBegins(Command command, long now) {
    return CommandFields.check(command).or(() -> late(command.header(), now));
  }

  /** Why a command is not begun any more; empty when it may be. */
  public static Optional<Refusal> late(CommandHeader header, long now) {
    return header.late(now)
        ? Optional.of(
            Refusal.of(
                Code.DEADLINE_EXCEEDED,
                "the command was to begin before %s and could not; nothing was done: send it again",
                Instant.ofEpochMilli(header.beginBefore())))
        : Optional.empty();
  }

  /**
   * What becomes of a cancel.
   *
   * @param status state of the workflow; null when nothing is known of it
   * @param waits whether its target waits
   */
  public static Cancellation cancel(
      @Nullable WorkflowStatus status, CommandCancel cancel, boolean waits) {
    if (waits) {
      return new Cancellation.TakeBack();
    }
    InFlight running = status == null ? null : status.inFlight(cancel.target()).orElse(null);
    if (running == null) {
      return new Cancellation.Refuse(
          Refusal.of(
              Code.NOT_FOUND,
              "no command %s waits or is carried out for workflow %s.%s",
              cancel.target(),
              cancel.header().keyspace(),
              cancel.header().workflow()));
    }
    if (!cancel.abandon()) {
      return new Cancellation.Refuse(
          Refusal.failedPrecondition(
              "command %s is being carried out%s and ends by itself; to leave it where it is,"
                  + " abandon it",
              running.commandId(),
              running.step().isEmpty() ? "" : " (step " + running.step() + ")"));
    }
    if (takesAway(running)) {
      return new Cancellation.Refuse(
          Refusal.failedPrecondition(
              "command %s takes tables and rules away and can't be left half way; it waits in step"
                  + " %s and goes on when that can hold",
              running.commandId(), running.step()));
    }
    return new Cancellation.Abandon(running);
  }

  /**
   * Why a signal is not let through; empty when it is.
   *
   * @param status state of the workflow; null when nothing is known of it
   * @param waits whether its target waits
   */
  public static Optional<Refusal> signal(
      @Nullable WorkflowStatus status, CommandSignal signal, boolean waits) {
    String target = signal.target();
    if (waits) {
      return Optional.of(
          Refusal.failedPrecondition("command %s waits: it can be taken back (cancel)", target));
    }
    InFlight running = status == null ? null : status.inFlight(target).orElse(null);
    if (running == null) {
      return Optional.of(
          Refusal.of(
              Code.NOT_FOUND,
              "no command %s is carried out for workflow %s.%s",
              target,
              signal.header().keyspace(),
              signal.header().workflow()));
    }
    Set<SignalKind> taken =
        CommandKind.ofType(running.commandType()).map(CommandKind::signals).orElse(Set.of());
    if (!taken.contains(signal.signal())) {
      return Optional.of(
          Refusal.failedPrecondition(
              "a %s can't be asked to %s while it is carried out",
              running.commandType(), signal.signal()));
    }
    if (running.signals().size() >= MOST_SIGNALS) {
      return Optional.of(tooManySignals(running));
    }
    return stale(status, signal.header());
  }

  /** Why one more signal is refused. */
  public static Refusal tooManySignals(InFlight running) {
    return Refusal.of(
        Code.ABORTED,
        "command %s has not taken %d earlier signals yet; send this one again later",
        running.commandId(),
        running.signals().size());
  }

  /** Whether it has begun to remove what no other command could remove behind it. */
  private static boolean takesAway(InFlight running) {
    return CommandKind.ofType(running.commandType()).filter(CommandKind::takesAway).isPresent()
        && !running.dryRun()
        && !running.step().isEmpty()
        && !running.step().startsWith("wait for ");
  }

  /** Why a command can't be told from others by its id; empty when it can. */
  public static Optional<Refusal> unusableId(Command command) {
    return CommandFields.checkId(command.header());
  }

  /** Why a command makes no sense whatever the state; empty when it does. */
  public static Optional<Refusal> senseless(Command command) {
    return CommandFields.check(command);
  }

  private static @Nullable InFlight ahead(@Nullable WorkflowStatus status, Command command) {
    if (status == null) {
      return null;
    }
    if (CommandKind.of(command).filter(CommandKind::reads).isEmpty()) {
      return status.inFlight();
    }
    if (status.phase() == Phase.CREATING && status.inFlight() != null) {
      return status.inFlight();
    }
    List<InFlight> beside = status.inFlightDiffs();
    // Which diff it is stands on the log once it has begun, and there is one of each id. Of one
    // that an earlier version began it does not: that runs alone.
    Optional<InFlight> unknown =
        beside.stream().filter(running -> !hasBegun(status, running)).findFirst();
    if (unknown.isPresent()) {
      return unknown.get();
    }
    return beside.size() < MOST_BESIDE ? null : beside.getFirst();
  }

  private static boolean hasBegun(WorkflowStatus status, InFlight diff) {
    return status.diffs().stream().anyMatch(known -> known.commandId().equals(diff.commandId()));
  }

  private static Optional<Refusal> stale(@Nullable WorkflowStatus status, CommandHeader header) {
    long version = status == null ? 0 : status.version();
    if (header.expectedVersion() == null || header.expectedVersion() == version) {
      return Optional.empty();
    }
    return Optional.of(
        Refusal.of(
            Code.ABORTED,
            "workflow %s.%s is at version %d, the command expects version %d",
            header.keyspace(),
            header.workflow(),
            version,
            header.expectedVersion()));
  }

  private static Optional<Refusal> forbidden(@Nullable WorkflowStatus status, Command command) {
    CommandHeader header = command.header();
    LifecycleState standing = LifecycleState.of(status);
    return switch (command) {
      case MoveTablesCreate _, ReshardCreate _ -> create(standing, header);
      case MoveTablesComplete _ -> complete(standing, header);
      case WorkflowDelete _ -> delete(standing, header);
      case WorkflowUpdate update -> update(standing, update);
      case SwitchTraffic _ -> switchTraffic(standing, header);
      case VDiffCreate diff -> diff(standing, diff);
      case CommandCancel _, CommandSignal _ -> Optional.empty();
    };
  }

  private static Optional<Refusal> create(LifecycleState standing, CommandHeader header) {
    return switch (standing) {
      case LifecycleState.Absent _, LifecycleState.Ended _ -> Optional.empty();
      case LifecycleState.Observed _, LifecycleState.Creating _, LifecycleState.Active _ ->
          Optional.of(
              Refusal.of(
                  Code.ALREADY_EXISTS,
                  "workflow %s already exists in keyspace %s",
                  header.workflow(),
                  header.keyspace()));
    };
  }

  /** Whether traffic is switched is asked where it goes, by the service; reports come later. */
  private static Optional<Refusal> complete(LifecycleState standing, CommandHeader header) {
    return missing(standing, header);
  }

  private static Optional<Refusal> delete(LifecycleState standing, CommandHeader header) {
    return missing(standing, header);
  }

  private static Optional<Refusal> update(LifecycleState standing, WorkflowUpdate update) {
    CommandHeader header = update.header();
    return standing instanceof LifecycleState.Absent
        ? Optional.of(
            Refusal.failedPrecondition(
                "the %s workflow does not exist in the %s keyspace",
                header.workflow(), header.keyspace()))
        : Optional.empty();
  }

  private static Optional<Refusal> switchTraffic(LifecycleState standing, CommandHeader header) {
    return missing(standing, header);
  }

  private static Optional<Refusal> diff(LifecycleState standing, VDiffCreate diff) {
    boolean known =
        switch (standing) {
          case LifecycleState.Absent _ -> false;
          case LifecycleState.Creating(WorkflowStatus status) -> hasDiff(status, diff);
          case LifecycleState.Active(WorkflowStatus status) -> hasDiff(status, diff);
          case LifecycleState.Observed(WorkflowStatus status) -> hasDiff(status, diff);
          case LifecycleState.Ended(WorkflowStatus status) -> hasDiff(status, diff);
        };
    return missing(standing, diff.header())
        .or(() ->
            known
                ? Optional.of(
                    Refusal.of(
                        Code.ALREADY_EXISTS,
                        "vdiff %s already exists for workflow %s.%s",
                        diff.uuid(),
                        diff.header().keyspace(),
                        diff.header().workflow()))
                : Optional.empty());
  }

  private static boolean hasDiff(WorkflowStatus status, VDiffCreate diff) {
    return status.diffs().stream().anyMatch(known -> known.uuid().equals(diff.uuid()));
  }

  private static Optional<Refusal> missing(LifecycleState standing, CommandHeader header) {
    return standing instanceof LifecycleState.Absent
        ? Optional.of(
            Refusal.of(
                Code.NOT_FOUND,
                "no streams found in keyspace %s for %s",
                header.keyspace(),
                header.workflow()))
        : Optional.empty();
  }
}
