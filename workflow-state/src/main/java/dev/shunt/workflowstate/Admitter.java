package dev.shunt.workflowstate;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandCancel;
import dev.shunt.schemas.CommandDuplicate;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.CommandWaiting;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.OutcomeKind;
import dev.shunt.schemas.Signal;
import dev.shunt.schemas.SignalSent;
import dev.shunt.schemas.TaskKey;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.lifecycle.Cancellation;
import dev.shunt.workflow.lifecycle.CommandKind;
import dev.shunt.workflow.lifecycle.Decider;
import dev.shunt.workflow.lifecycle.Decision;
import dev.shunt.workflow.lifecycle.Evolver;
import dev.shunt.workflow.lifecycle.ServiceName;
import dev.shunt.workflow.lifecycle.StatusSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the commands of a workflow act one after another.
 *
 * <p>A command that comes is put at the end of the workflow's queue, then the queue is worked off
 * as far as the state allows. An admission is not acted on here: its event goes to the log, and
 * nothing more is decided until it has been read back and folded. So whatever is decided is decided
 * on a state that the log alone explains.
 */
final class Admitter {
  private static final Logger log = LoggerFactory.getLogger(Admitter.class);

  private static final String SIGNAL_TYPE = CommandSignal.class.getSimpleName();

  /** Beyond that many waiting commands of one workflow, more are refused. */
  static final int LONGEST_QUEUE = 100;

  /** The queue of a workflow is one record, which must stay below Kafka's limit. */
  private static final long LARGEST_QUEUE_BYTES = 4L * 1024 * 1024;

  private final KeyValueStore<String, byte[]> admissions;
  private final SeenCommands seen;
  private final StatusStore statuses;
  private final MessageDeserializer deserializer;
  private final Output output;
  private final String instance;
  private final LongSupplier clock;

  Admitter(
      KeyValueStore<String, byte[]> admissions,
      SeenCommands seen,
      StatusStore statuses,
      MessageDeserializer deserializer,
      Output output,
      String instance,
      LongSupplier clock) {
    this.admissions = admissions;
    this.seen = seen;
    this.statuses = statuses;
    this.deserializer = deserializer;
    this.output = output;
    this.instance = instance;
    this.clock = clock;
  }

  /** A command came. */
  void came(WorkflowKey key, Command command, Admission.Queued record) {
    String id = record.commandId();
    Optional<Refusal> unusable = Decider.unusableId(command);
    if (unusable.isPresent()) {
      output.event(refused(command, unusable.get()), record.traceparent());
      return;
    }
    if (seen.contains(key, id)) {
      output.event(
          new CommandDuplicate(
              header(command.header()),
              type(command),
              command.header().issuer(),
              seen.outcome(key, id)),
          record.traceparent());
      return;
    }
    seen.came(key, id);
    Admission admission = load(key);
    Optional<Refusal> never = Decider.beforeItBegins(command, clock.getAsLong());
    if (never.isPresent()) {
      refuse(key, command, record, never.get());
      return;
    }
    if (command instanceof CommandCancel cancel) {
      cancel(key, admission, cancel, record);
      return;
    }
    if (command instanceof CommandSignal signal) {
      signal(key, admission, signal, record);
      return;
    }
    Optional<Refusal> full = full(key, admission, record);
    if (full.isPresent()) {
      refuse(key, command, record, full.get());
      return;
    }
    List<Admission.Queued> queue = new ArrayList<>(admission.queue());
    String last = queue.isEmpty() ? "" : queue.getLast().commandId();
    queue.add(record);
    if (workOff(key, admission, admission.withQueue(queue)).stream().anyMatch(record::equals)) {
      output.event(
          waiting(command, last.isEmpty() ? ahead(key, admission) : last), record.traceparent());
    }
  }

  /** Who is carried out, or about to be. */
  private String ahead(WorkflowKey key, Admission admission) {
    WorkflowStatus status = statuses.get(key);
    return status == null || status.allInFlight().isEmpty()
        ? admission.awaiting()
        : status.allInFlight().getFirst().commandId();
  }

  /** Takes another command back at once: waiting in line it would come behind that one. */
  private void cancel(
      WorkflowKey key, Admission admission, CommandCancel cancel, Admission.Queued record) {
    Optional<Admission.Queued> target =
        admission.queue().stream()
            .filter(queued -> queued.commandId().equals(cancel.target()))
            .findFirst();
    if (admission.awaiting().equals(cancel.target())) {
      refuse(
          key,
          cancel,
          record,
          Refusal.of(
              Refusal.Code.ABORTED,
              "command %s is just being admitted; send this one again",
              cancel.target()));
      return;
    }
    switch (Decider.cancel(statuses.get(key), cancel, target.isPresent())) {
      case Cancellation.Refuse(Refusal refusal) -> refuse(key, cancel, record, refusal);
      case Cancellation.TakeBack _ -> {
        Admission.Queued queued = target.orElseThrow();
        refuse(
            key,
            command(queued),
            queued,
            Refusal.of(Refusal.Code.CANCELLED, "%s", why("taken back", cancel)));
        List<Admission.Queued> left = new ArrayList<>(admission.queue());
        left.remove(queued);
        succeed(key, cancel, record, "command " + cancel.target() + " was taken back");
        workOff(key, admission, admission.withQueue(left));
      }
      case Cancellation.Abandon(InFlight running) -> {
        // Above every token, as a run may just have shown a higher one than is known here.
        EventHeader header =
            new EventHeader(
                key.keyspace(),
                key.workflow(),
                running.commandId(),
                clock.getAsLong(),
                instance,
                Evolver.ABANDONED);
        output.event(
            new CommandFailed(
                header,
                running.commandType(),
                Refusal.Code.ABORTED.name(),
                why("abandoned", cancel)
                    + "; what it has done stays: the workflow's next switch, cancel or complete"
                    + " takes it from there"),
            record.traceparent());
        succeed(key, cancel, record, "command " + cancel.target() + " was abandoned");
      }
    }
  }

  /**
   * Lets a signal through to a command that is being carried out, or refuses it; it never waits.
   * Its service gets it when it has been folded: others may lie before it on the log, and by then
   * there may be too many.
   */
  private void signal(
      WorkflowKey key, Admission admission, CommandSignal signal, Admission.Queued record) {
    boolean waits =
        admission.awaiting().equals(signal.target())
            || admission.queue().stream()
                .anyMatch(queued -> queued.commandId().equals(signal.target()));
    WorkflowStatus status = statuses.get(key);
    Optional<Refusal> refusal = Decider.signal(status, signal, waits);
    Optional<ServiceName> service =
        Optional.ofNullable(inFlight(status, signal.target())).flatMap(Admitter::serviceOf);
    if (refusal.isPresent() || service.isEmpty()) {
      refuse(key, signal, record, refusal.orElseGet(() -> endedBefore(signal.target())));
      return;
    }
    CommandHeader header = signal.header();
    output.event(
        new SignalSent(
            header(header),
            service.get().text(),
            header.issuer(),
            header.reason(),
            signal.target(),
            signal.signal(),
            signal.settings()),
        record.traceparent());
  }

  /** By its type where it was admitted by a version that did not say. */
  private static Optional<ServiceName> serviceOf(InFlight running) {
    return running.service().isEmpty()
        ? CommandKind.ofType(running.commandType()).map(CommandKind::service)
        : ServiceName.of(running.service());
  }

  private static Refusal endedBefore(String target) {
    return Refusal.failedPrecondition("command %s ended before it took the signal", target);
  }

  private static String why(String what, CommandCancel cancel) {
    CommandHeader header = cancel.header();
    return what
        + " by "
        + header.issuer()
        + (header.reason().isEmpty() ? "" : ": " + header.reason());
  }

  private void succeed(
      WorkflowKey key, CommandCancel cancel, Admission.Queued record, String summary) {
    seen.ended(key, record.commandId(), OutcomeKind.SUCCEEDED);
    output.event(
        new CommandSucceeded(
            header(cancel.header()), type(cancel), summary, List.of(), Map.of(), 0),
        record.traceparent());
  }

  private CommandWaiting waiting(Command command, String behind) {
    CommandHeader header = command.header();
    return new CommandWaiting(
        header(header),
        type(command),
        header.issuer(),
        header.reason(),
        behind,
        header.beginBefore());
  }

  private static Optional<Refusal> full(
      WorkflowKey key, Admission admission, Admission.Queued record) {
    long bytes = record.value().length;
    for (Admission.Queued queued : admission.queue()) {
      bytes += queued.value().length;
    }
    return admission.queue().size() < LONGEST_QUEUE && bytes <= LARGEST_QUEUE_BYTES
        ? Optional.empty()
        : Optional.of(
            Refusal.of(
                Refusal.Code.ABORTED,
                "%d commands wait for workflow %s already; send this one again later",
                admission.queue().size(),
                key));
  }

  /** An event was folded that may have freed the way. */
  void folded(
      WorkflowKey key,
      Event event,
      @Nullable WorkflowStatus before,
      @Nullable WorkflowStatus after) {
    if (before != null) {
      for (InFlight was : before.allInFlight()) {
        InFlight now = inFlight(after, was.commandId());
        if (now == null) {
          ended(key, was, before, after);
        } else {
          signalsTaken(key, was, now);
        }
      }
    }
    if (event instanceof SignalSent sent) {
      signalFolded(key, sent, after);
    }
    Admission admission = load(key);
    boolean awaited =
        admission.isAwaiting()
            && admission.awaiting().equals(event.header().commandId())
            && isAdmissionOrEnd(event);
    workOff(key, admission, awaited ? admission.awaiting("") : admission);
  }

  /**
   * Whether the state behind an event of a command has its admission in it, or needs it no more.
   * That the command waits, or came twice, may lie before the admission on the log.
   */
  private static boolean isAdmissionOrEnd(Event event) {
    return event instanceof CommandAdmitted
        || event instanceof CommandSucceeded
        || event instanceof CommandFailed
        || event instanceof CommandRefused;
  }

  private void signalFolded(WorkflowKey key, SignalSent sent, @Nullable WorkflowStatus after) {
    if (waits(after, sent)) {
      ServiceName.of(sent.service()).ifPresent(service -> output.signal(service, sent));
      return;
    }
    InFlight target = inFlight(after, sent.target());
    signalRefused(
        key,
        sent.header().commandId(),
        sent.issuer(),
        sent.service(),
        target == null ? endedBefore(sent.target()) : Decider.tooManySignals(target));
  }

  /** Refuses what waits behind its time; nothing else may come that would have it looked at. */
  boolean tick() {
    List<String> late = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> all = admissions.all()) {
      all.forEachRemaining(entry -> {
        boolean any =
            Admission.of(entry.value).queue().stream()
                .anyMatch(queued -> command(queued).header().late(clock.getAsLong()));
        if (any) {
          late.add(entry.key);
        }
      });
    }
    for (String text : late) {
      WorkflowKey key = WorkflowKey.parse(text);
      Admission admission = load(key);
      var unused = workOff(key, admission, admission);
    }
    return !late.isEmpty();
  }

  private static boolean waits(@Nullable WorkflowStatus status, SignalSent sent) {
    InFlight target = inFlight(status, sent.target());
    return target != null
        && target.signals().stream()
            .anyMatch(signal -> signal.id().equals(sent.header().commandId()));
  }

  private static @Nullable InFlight inFlight(@Nullable WorkflowStatus status, String commandId) {
    return status == null ? null : status.inFlight(commandId).orElse(null);
  }

  /**
   * A command has ended: its task goes, and so do signals that it has not taken.
   *
   * @param before the state in which it was carried out
   */
  private void ended(
      WorkflowKey key, InFlight was, WorkflowStatus before, @Nullable WorkflowStatus after) {
    Optional<ServiceName> service = serviceOf(was);
    if (service.isPresent()) {
      List<InFlight> diffs = before.inFlightDiffs();
      boolean beside = diffs.contains(was);
      // Versions that had no lanes put the task of a diff there, the only one and so the oldest.
      if (!beside || was.equals(diffs.getFirst())) {
        output.taskEnded(service.get(), TaskKey.ofChange(key));
      }
      if (beside) {
        output.taskEnded(service.get(), TaskKey.beside(key, was.commandId()));
      }
    } else { // of a later version, whose services know that it has ended
      log.atError()
          .addKeyValue("workflow", key)
          .addKeyValue("command", was.commandId())
          .addKeyValue("type", was.commandType())
          .log("a command of an unknown service has ended; its task stays on its topic");
    }
    for (Signal left : was.signals()) {
      signalRefused(
          key,
          left.id(),
          left.issuer(),
          service.map(ServiceName::text).orElse(""),
          endedBefore(was.commandId()));
    }
    if (after != null
        && after.lastOutcome() != null
        && after.lastOutcome().commandId().equals(was.commandId())) {
      seen.ended(key, was.commandId(), after.lastOutcome().kind());
    }
  }

  private void signalsTaken(WorkflowKey key, InFlight was, InFlight now) {
    for (Signal taken : was.signals()) {
      if (!now.signals().contains(taken)) {
        serviceOf(was)
            .ifPresent(service -> output.taskEnded(service, TaskKey.ofSignal(key, taken.id())));
        seen.ended(key, taken.id(), OutcomeKind.SUCCEEDED);
        output.event(
            new CommandSucceeded(
                header(key, taken.id()),
                SIGNAL_TYPE,
                "command %s has taken %s".formatted(was.commandId(), taken.signal()),
                List.of(),
                Map.of(),
                0),
            "");
      }
    }
  }

  private void signalRefused(
      WorkflowKey key, String id, String issuer, String service, Refusal refusal) {
    ServiceName.of(service).ifPresent(name -> output.taskEnded(name, TaskKey.ofSignal(key, id)));
    seen.ended(key, id, OutcomeKind.REFUSED);
    output.event(
        new CommandRefused(
            header(key, id), SIGNAL_TYPE, issuer, "", refusal.code().name(), refusal.message()),
        "");
  }

  /** Returns what is left waiting. */
  private List<Admission.Queued> workOff(WorkflowKey key, Admission stored, Admission given) {
    WorkflowStatus status = statuses.get(key);
    Admission admission = given;
    List<Admission.Queued> waiting = new ArrayList<>();
    boolean changeWaits = false;
    for (Admission.Queued queued : given.queue()) {
      Command command = command(queued);
      Optional<Refusal> late = Decider.late(command.header(), clock.getAsLong());
      if (late.isPresent()) {
        refuse(key, command, queued, late.get());
        continue;
      }
      boolean diff = CommandKind.of(command).filter(CommandKind::reads).isPresent();
      // A diff waits for whatever is ahead of it, a change for other changes only.
      boolean blocked = admission.isAwaiting() || (diff ? !waiting.isEmpty() : changeWaits);
      switch (blocked ? new Decision.Wait("") : Decider.decide(status, command)) {
        case Decision.Wait _ -> {
          waiting.add(queued);
          changeWaits |= !diff;
        }
        case Decision.Admit(ServiceName service) -> {
          output.event(admitted(command, service), queued.traceparent());
          output.task(
              service,
              diff ? TaskKey.beside(key, queued.commandId()) : TaskKey.ofChange(key),
              queued);
          admission = admission.awaiting(queued.commandId());
        }
        case Decision.Refuse(Refusal refusal) -> refuse(key, command, queued, refusal);
      }
    }
    Admission left = admission.withQueue(waiting);
    if (!left.equals(stored)) {
      store(key, left);
    }
    return waiting;
  }

  private Command command(Admission.Queued queued) {
    if (deserializer.decode(queued.value()) instanceof Command command) {
      return command;
    }
    throw new IllegalStateException("the queue of commands holds something else");
  }

  private void refuse(WorkflowKey key, Command command, Admission.Queued record, Refusal refusal) {
    seen.ended(key, record.commandId(), OutcomeKind.REFUSED);
    output.event(refused(command, refusal), record.traceparent());
  }

  /** As much of issuer and reason as anybody reads: they may be why it is refused. */
  private CommandRefused refused(Command command, Refusal refusal) {
    return new CommandRefused(
        header(command.header()),
        type(command),
        StatusSize.sentence(command.header().issuer()),
        StatusSize.sentence(command.header().reason()),
        refusal.code().name(),
        refusal.message());
  }

  private CommandAdmitted admitted(Command command, ServiceName service) {
    CommandHeader header = command.header();
    return new CommandAdmitted(
        header(header),
        type(command),
        service.text(),
        header.issuer(),
        header.reason(),
        header.dryRun());
  }

  private EventHeader header(CommandHeader command) {
    return header(WorkflowKey.of(command), command.commandId());
  }

  private EventHeader header(WorkflowKey key, String commandId) {
    return new EventHeader(
        key.keyspace(), key.workflow(), commandId, clock.getAsLong(), instance, 0);
  }

  private static String type(Command command) {
    return command.getClass().getSimpleName();
  }

  private Admission load(WorkflowKey key) {
    return Admission.of(admissions.get(key.toString()));
  }

  private void store(WorkflowKey key, Admission admission) {
    byte[] bytes = admission.toBytes();
    if (bytes == null) {
      admissions.delete(key.toString());
    } else {
      admissions.put(key.toString(), bytes);
    }
  }
}
