package dev.shunt.saga;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandDuplicate;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.CommandWaiting;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.SignalSent;
import dev.shunt.schemas.SignalTaken;
import dev.shunt.schemas.StepFailed;
import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.StepUndone;
import dev.shunt.schemas.TrafficSwitched;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.schemas.WorkflowCompleted;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.schemas.WorkflowDeleted;
import dev.shunt.service.Sentences;
import dev.shunt.tabletclient.Fence;
import dev.shunt.time.Time;
import dev.shunt.topo.LockHolder;
import dev.shunt.topo.TopoLock;
import dev.shunt.workflow.plan.PlanAction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a task under the workflow's lock: what its steps need to act, to publish events and to
 * know that they may go on. Used by the run's own thread; the lock and the fence by any.
 */
public final class Run {
  private static final Logger log = LoggerFactory.getLogger(Run.class);

  private final Task task;
  private RunHistory history;
  private volatile TopoLock lock;

  /** Token of the lock under which the run began: by it a run is older than the one behind it. */
  private final long token;

  private final Function<Run, TopoLock> lockAgain;
  private boolean released;
  private final String lockName;
  private final StopSignal stop;
  private final String instance;
  private final Time clock;
  private final SagaSettings settings;
  private final long startedNanos;
  private final Outbox outbox;
  private final List<AutoCloseable> resources = new ArrayList<>();
  private @Nullable Thread publishing;
  private boolean quiet;
  private boolean begun;
  private String step = "";

  /** Whether it was published that it waits for a lock; by the thread that waits. */
  private volatile boolean waits;

  private String forwardStep = "";
  private final Reasons reasons = new Reasons(this);

  /**
   * A run of a task.
   *
   * @param lock held; its token is the fence, and stays that of the run's events
   * @param lockAgain takes the lock anew, for a run that gave it back, which publishes what it
   *     waits for
   * @param lockName name of the lock
   * @param instance name of this process in events
   */
  public Run(
      Task task,
      RunHistory history,
      TopoLock lock,
      Function<Run, TopoLock> lockAgain,
      String lockName,
      EventSink sink,
      StopSignal stop,
      String instance,
      Time clock,
      SagaSettings settings) {
    this.task = task;
    this.history = history;
    this.lock = lock;
    this.token = lock.token();
    this.lockAgain = lockAgain;
    this.lockName = lockName;
    this.stop = stop;
    this.instance = instance;
    this.clock = clock;
    this.startedNanos = clock.nanoTime();
    this.settings = settings;
    stop.signals().forget(history.signals().stream().map(SignalTaken::signalId).toList());
    this.outbox = new Outbox(event -> sink.send(event, task.traceparent()), task.key().toString());
  }

  /** The task that is run. */
  public Task task() {
    return task;
  }

  /** The command that is carried out. */
  public Command command() {
    return task.command();
  }

  /** What earlier runs of the task published, and what this one has taken back of it. */
  public RunHistory history() {
    return history;
  }

  /** The workflow's lock; guards each write to the topology. */
  public TopoLock lock() {
    return lock;
  }

  /**
   * Gives the lock back before the end of the run: from now on it holds one only {@link #underLock}
   * does something, and others may change the workflow in between.
   */
  void release() {
    if (!released) {
      released = true;
      lock.close();
    }
  }

  /**
   * Does something under the workflow's lock: the one that the run holds, or, if it gave that back,
   * another one that is taken for the time.
   *
   * @throws TaskLocks.LockedException when it can't be had
   */
  public void underLock(Action work) throws Exception {
    if (!released) {
      work.run();
      return;
    }
    waits = false;
    with(lockAgain.apply(this), work);
  }

  /**
   * As {@link #underLock(Action)}, and takes signals while a lock has to be waited for.
   *
   * @param goesOn told of each signal that was taken; whether the work is still to be done
   * @return whether it was done; else the wait was broken off for a signal
   */
  public boolean underLock(Action work, Predicate<SignalTaken> goesOn) throws Exception {
    if (!released) {
      work.run();
      return true;
    }
    waits = false;
    AtomicReference<@Nullable TopoLock> taken = new AtomicReference<>();
    Optional<TopoLock> again = Optional.empty();
    try {
      again =
          takingSignals(
              () -> {
                TopoLock got = lockAgain.apply(this);
                taken.set(got);
                return got;
              },
              goesOn);
    } finally {
      TopoLock late = taken.get();
      if (again.isEmpty() && late != null) {
        late.close(); // it came while the wait was broken off
      }
    }
    if (again.isPresent()) {
      with(again.get(), work);
    }
    return again.isPresent();
  }

  private void with(TopoLock taken, Action work) throws Exception {
    try (taken) {
      lock = taken;
      released = false;
      stopWhenLost(taken);
      if (waits) {
        emit(new StepStarted(header(), step, "has the lock"));
      }
      work.run();
    } finally {
      released = true;
    }
  }

  /** Something that may fail. */
  @FunctionalInterface
  public interface Action {
    void run() throws Exception;
  }

  /** Goes along with each tablet call that changes something: of the lock that is held now. */
  public Fence fence() {
    return new Fence(lockName, lock.token(), lock.epoch());
  }

  /** Closes a resource when the run ends, however it ends; closing it twice must do no harm. */
  public void closeAtEnd(AutoCloseable resource) {
    resources.add(resource);
  }

  /** Closes what was to be closed at the end of the run. */
  void closeResources() {
    for (AutoCloseable resource : resources.reversed()) {
      try {
        resource.close();
      } catch (Exception e) {
        log.atWarn().addKeyValue("workflow", task.key()).setCause(e).log("could not close");
      }
    }
    resources.clear();
  }

  /** Time of now, and of the run's waits. */
  public Time clock() {
    return clock;
  }

  /** Header of an event of now. A lock that was taken since makes the run no younger. */
  public EventHeader header() {
    CommandHeader command = task.header();
    return new EventHeader(
        command.keyspace(),
        command.workflow(),
        command.commandId(),
        clock.millis(),
        instance,
        token);
  }

  /**
   * Tells the log; within a quiet section, after its end or before another try. What the log does
   * not take is sent again with the next event, and the next {@link #flush()} throws when it is not
   * taken then either.
   */
  public void emit(Event event) {
    outbox.hold(event);
    if (!quiet) {
      var untaken = outbox.send();
      logUntaken(untaken);
    }
  }

  private void logUntaken(@Nullable RuntimeException why) {
    if (why != null) {
      log.atWarn()
          .addKeyValue("workflow", task.key())
          .addKeyValue("events", outbox.unsent())
          .setCause(why)
          .log("events are not taken by the log, to be sent again");
    }
  }

  /**
   * Begins (true) or ends (false) a section in which nothing waits for Kafka, and nothing is sent
   * to it unless something has to be tried again.
   */
  void quiet(boolean on) {
    if (on == quiet) {
      return;
    }
    if (on) {
      outbox.flush();
    }
    quiet = on;
    stop.quiet(on);
    if (!on) {
      logUntaken(outbox.send());
    }
  }

  /** Ends the run, whatever became of it: closes what it holds, publishes what is still to be. */
  void end() {
    closeResources();
    quiet(false);
    logUntaken(outbox.send());
  }

  /**
   * Makes sure that what was published is on the log; nothing within a quiet section.
   *
   * @throws IllegalStateException when an event could not be written
   */
  public void flush() {
    if (!quiet) {
      outbox.flush();
    }
  }

  /**
   * Throws when the run was asked to stop or the lock that it holds is gone; within a quiet
   * section, when the lock is known to be gone: nobody is asked there.
   */
  public void check() {
    stop.check();
    if (!quiet && !released) {
      lock.check();
    }
  }

  /** Throws StoppedException when the run was asked to stop; asks nobody, and any thread may. */
  public void checkStop() {
    stop.check();
  }

  /** Throws StoppedException when the lock is known to be gone; asks nobody. */
  public void checkLock() {
    stop.checkLock();
  }

  /** Stops the run when a lock that it holds is lost. */
  public void stopWhenLost(TopoLock held) {
    held.onLost(stop::lockLost);
  }

  /**
   * Tells that the run waits for a lock and who has it, as a step: so that the workflow's status
   * says so too. In a step that can only go forward the step's name stands before it, as nobody may
   * take it for a command that has not begun.
   */
  public void waitsFor(LockHolder holder) {
    waits = true;
    emit(
        new StepStarted(
            header(),
            "%s for the lock of %s, held for %s"
                .formatted(
                    forwardStep.isEmpty() ? "wait" : forwardStep + ", waiting",
                    holder.path(),
                    holder.text()),
            holder.key()));
  }

  /** The step that is carried out, when it can only go forward; empty when it can be undone. */
  void forwardStep(String name) {
    forwardStep = name;
  }

  /** As {@link #waitsFor}, for a topology that does not answer. */
  void waitsForTopology(String reason) {
    waits = true;
    emit(new StepStarted(header(), "wait for the topology, which does not answer", reason));
  }

  /** Whether the run was asked to stop. */
  public boolean stopRequested() {
    return stop.requested();
  }

  /**
   * Takes the signals that wait. Each is on the log before it is told of, so that each run that
   * follows knows of it.
   *
   * @param goesOn told of each that was taken; whether the work goes on
   * @return whether it goes on after all of them
   */
  public boolean takeSignals(Predicate<SignalTaken> goesOn) {
    boolean on = true;
    for (Optional<CommandSignal> next = stop.signals().next();
        next.isPresent();
        next = stop.signals().next()) {
      CommandSignal signal = next.get();
      SignalTaken taken =
          new SignalTaken(
              header(), signal.header().commandId(), signal.signal(), signal.settings());
      emit(taken);
      flush();
      on &= goesOn.test(taken);
    }
    return on;
  }

  /**
   * Waits for a signal, as long as it takes, or stops when asked to; the log says so meanwhile.
   *
   * @param step the step that waits
   */
  public void awaitSignal(PlanAction step) throws InterruptedException {
    stop.check();
    emit(new StepStarted(header(), "wait for a signal to go on", step.stepName()));
    stop.signals().await();
    emit(new StepStarted(header(), step.stepName(), "after a signal"));
  }

  /**
   * Does something on another thread, and takes signals on this one meanwhile. The work has ended
   * when this returns or throws.
   *
   * @param goesOn told of each signal that was taken; whether the work goes on
   * @return what the work returned; empty when it was broken off for a signal
   */
  public <T> Optional<T> takingSignals(Callable<T> work, Predicate<SignalTaken> goesOn)
      throws Exception {
    return stop.signals().during(work, () -> takeSignals(goesOn));
  }

  /** Waits, or stops when asked to. */
  public void pause(Duration time) throws InterruptedException {
    stop.check();
    clock.sleep(time);
  }

  /**
   * Waits before another try of what has to hold. Within a quiet section too what was held back is
   * published, for somebody may have to know why it lasts, without waiting for the log; and a
   * request to stop counts: a successor goes on from what stands.
   */
  public void betweenTries(Duration time) throws InterruptedException {
    publishBeside();
    stop.check();
    if (stop.requested()) {
      throw new StoppedException("asked to stop");
    }
    clock.sleep(time);
  }

  private void publishBeside() {
    boolean idle = publishing == null || !publishing.isAlive();
    if (idle && outbox.unsent() > 0) {
      publishing =
          Thread.ofVirtual().name("tell-" + task.key()).start(() -> logUntaken(outbox.send()));
    }
  }

  /**
   * How long a step that has to hold is tried before a run that plans anew takes its place: that
   * one finds the primaries of then. Longer where that did not help before, so that the log of a
   * command that waits for hours stays readable.
   */
  public Duration patience(String step) {
    return settings.patience().multipliedBy(Math.min(3, 1L + history.starts(step).size()));
  }

  /** Tells why the command does not go on, unless a run of it has said so before. */
  public void reportOnce(String step, String why) {
    boolean reported =
        history.failures(step).stream()
            .anyMatch(
                earlier -> Sentences.withoutNumbers(earlier).equals(Sentences.withoutNumbers(why)));
    if (!reported) {
      stepFailed(step, why, clock.nanoTime());
    }
  }

  /** Whether this run or an earlier one began a step. */
  boolean begun() {
    return begun || history.begun();
  }

  void stepStarted(Step begins) {
    begun = true;
    step = begins.name();
    emit(new StepStarted(header(), step, begins.effect().detail()));
  }

  void stepFinished(Step step, String detail, long sinceNanos) {
    emit(new StepFinished(header(), step.name(), detail, micros(sinceNanos)));
  }

  void stepFailed(String step, String error, long sinceNanos) {
    emit(new StepFailed(header(), step, error, micros(sinceNanos)));
  }

  /**
   * Tells, once for each new reason, that something within a step has failed and is tried again.
   *
   * @param step the step's name
   * @param sinceNanos when it was begun, by {@link Time#nanoTime()}
   */
  public void triedInVain(String step, Exception why, long sinceNanos) {
    reasons.failed(step, why, sinceNanos);
  }

  void stepUndone(String step, long sinceNanos) {
    StepUndone undone = new StepUndone(header(), step, micros(sinceNanos));
    history = history.with(undone);
    emit(undone);
  }

  /** Tells that the command is refused; waits until it is on the log. */
  public void refused(String code, String message) {
    CommandHeader command = task.header();
    end(
        new CommandRefused(
            header(),
            commandType(),
            command.issuer(),
            command.reason(),
            code,
            OutcomeSize.text(message)));
  }

  /** Tells that the command failed; waits until it is on the log. */
  public void failed(String code, String message) {
    end(new CommandFailed(header(), commandType(), code, OutcomeSize.text(message)));
  }

  /** Tells that the command succeeded; waits until it is on the log. */
  public void succeeded(Success success) {
    end(
        new CommandSucceeded(
            header(),
            commandType(),
            OutcomeSize.text(success.summary()),
            OutcomeSize.lines(success.lines()),
            success.attributes(),
            micros(startedNanos)));
  }

  /** Publishes an outcome that an earlier run published, now under this run's fence. */
  public void repeat(Event outcome) {
    EventHeader header = header();
    end(
        switch (outcome) {
          case CommandSucceeded o ->
              new CommandSucceeded(
                  header,
                  o.commandType(),
                  o.summary(),
                  o.lines(),
                  o.attributes(),
                  o.durationMicros());
          case CommandFailed o -> new CommandFailed(header, o.commandType(), o.code(), o.message());
          case CommandRefused o ->
              new CommandRefused(
                  header, o.commandType(), o.issuer(), o.reason(), o.code(), o.message());
          case CommandAdmitted _,
              CommandDuplicate _,
              CommandWaiting _,
              StepStarted _,
              StepFinished _,
              StepFailed _,
              StepUndone _,
              WorkflowCreated _,
              TrafficSwitched _,
              WorkflowCompleted _,
              WorkflowDeleted _,
              VDiffStarted _,
              VDiffTableFinished _,
              VDiffFinished _,
              SignalSent _,
              SignalTaken _ ->
              throw new IllegalArgumentException("not an outcome: " + outcome);
        });
  }

  private void end(Event outcome) {
    quiet(false);
    outbox.end(outcome);
  }

  private String commandType() {
    return task.command().getClass().getSimpleName();
  }

  private long micros(long sinceNanos) {
    return (clock.nanoTime() - sinceNanos) / 1000;
  }
}
