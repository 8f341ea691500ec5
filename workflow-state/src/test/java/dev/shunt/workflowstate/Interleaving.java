package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.CommandWaiting;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.SignalKind;
import dev.shunt.schemas.SignalTaken;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowDeleted;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.workflow.lifecycle.Evolver;
import dev.shunt.workflow.lifecycle.ServiceName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Commands of one workflow and runs of their tasks, in an order that a seed chooses, with a log
 * that admission reads late; and what must hold whatever the order is.
 */
final class Interleaving {
  private static final int COMMANDS = 30;
  private static final String SERVICE = "service";

  private final LateLog log;
  private final long seed;
  private final WorkflowKey key;
  private final Random random;
  private final int first;
  private final Map<String, Command> sent = new LinkedHashMap<>();
  private final Map<String, Running> runs = new LinkedHashMap<>();
  private final Set<String> takenSignals = new HashSet<>();

  /** A run of a task, which may be replaced by another one of a higher fence. */
  private static final class Running {
    final Command command;
    long fence = 10;
    int step;
    boolean ended;

    Running(Command command) {
      this.command = command;
    }
  }

  Interleaving(LateLog log, long seed, WorkflowKey key) {
    this.log = log;
    this.seed = seed;
    this.key = key;
    this.random = new Random(seed);
    this.first = log.events().size();
  }

  /** To the end of all commands. */
  void play() {
    while (sent.size() < COMMANDS) {
      int choice = random.nextInt(100);
      if (choice < 12) {
        send();
      } else if (choice < 60) {
        boolean unused = log.readBack();
      } else if (choice < 77) {
        commit();
      } else if (choice < 98) {
        runSomething();
      } else {
        log.advance(Duration.ofMillis(400));
      }
    }
    for (int i = 0; i < 10_000 && !(runs.isEmpty() && log.idle()); i++) {
      log.settle();
      watch();
      runSomething();
    }
    log.settle();
  }

  private void send() {
    String id = seed + "-" + sent.size();
    String target = anyId();
    Command command =
        switch (random.nextInt(12)) {
          case 0 -> Records.create(key, id);
          case 1, 2, 3 -> Records.switchTraffic(key, id, 1000);
          case 4, 5 -> Records.delete(key, id, null);
          case 6 -> Records.deleteBefore(key, id, log.now() + 500);
          case 7, 8 -> Records.diff(key, id);
          case 9 -> Records.cancel(key, id, target, random.nextBoolean());
          case 10 -> Records.signal(key, id, target, SignalKind.PAUSE);
          default -> sent.isEmpty() ? Records.create(key, id) : sent.get(target); // twice
        };
    sent.put(command.header().commandId(), command);
    log.send(command);
  }

  /** One that is carried out, or one of the last. */
  private String anyId() {
    if (!runs.isEmpty() && random.nextBoolean()) {
      return List.copyOf(runs.keySet()).get(random.nextInt(runs.size()));
    }
    int last = sent.size() - 1;
    return seed + "-" + Math.max(0, last - random.nextInt(6));
  }

  private void commit() {
    log.commit();
    watch();
  }

  /** Services see which tasks there are. */
  private void watch() {
    List<String> changes =
        log.tasks().entrySet().stream()
            .filter(task -> task.getKey().endsWith(" " + key))
            .map(task -> task.getValue().header().commandId())
            .toList();
    assertThat(changes).as("seed %d: changes that have a task", seed).hasSizeLessThan(2);
    log.tasks().values().stream()
        .filter(task -> !(task instanceof CommandSignal))
        .forEach(task -> runs.computeIfAbsent(task.header().commandId(), id -> new Running(task)));
    runs.values().removeIf(run -> !log.tasks().containsValue(run.command) && stopped(run));
  }

  /** Its task has gone; it may tell something more before it notices. */
  private boolean stopped(Running run) {
    if (!run.ended && random.nextBoolean()) {
      log.append(new StepStarted(header(run), "late", ""));
    }
    return true;
  }

  private void runSomething() {
    List<Running> open = new ArrayList<>(runs.values().stream().filter(run -> !run.ended).toList());
    if (!open.isEmpty()) {
      goOn(open.get(random.nextInt(open.size())));
    }
  }

  private void goOn(Running run) {
    if (random.nextInt(12) == 0) { // another one takes over, and this one tells something more
      EventHeader old = header(run);
      run.fence += 10;
      run.step = 0;
      log.append(new StepStarted(header(run), "taken-over", ""));
      log.append(new StepStarted(old, "overtaken", ""));
      return;
    }
    takeSignals(run);
    if (run.step++ == 0) {
      log.append(begin(run));
    } else if (random.nextInt(3) == 0) {
      end(run);
    } else {
      log.append(new StepStarted(header(run), "step-" + run.step, ""));
    }
  }

  private void takeSignals(Running run) {
    for (Command task : List.copyOf(log.tasks().values())) {
      if (task instanceof CommandSignal signal
          && signal.target().equals(run.command.header().commandId())
          && random.nextBoolean()
          && takenSignals.add(signal.header().commandId())) {
        log.append(
            new SignalTaken(
                header(run), signal.header().commandId(), signal.signal(), signal.settings()));
      }
    }
  }

  private Event begin(Running run) {
    return run.command instanceof VDiffCreate diff
        ? new VDiffStarted(header(run), diff.uuid(), List.of("corder"), List.of("0"), 0, true)
        : new StepStarted(header(run), "first", "");
  }

  private void end(Running run) {
    run.ended = true;
    EventHeader header = header(run);
    if (random.nextInt(4) == 0) {
      log.append(new CommandFailed(header, "", "INTERNAL", "broke"));
      return;
    }
    if (run.command instanceof MoveTablesCreate) {
      WorkflowCreated created = Records.created(key, header.commandId());
      log.append(
          new WorkflowCreated(
              header,
              created.workflowType(),
              created.sourceKeyspace(),
              created.sourceShards(),
              created.targetShards(),
              created.tables(),
              created.createdTables()));
    } else if (run.command instanceof WorkflowDelete) {
      log.append(new WorkflowDeleted(header, false));
    }
    log.append(new CommandSucceeded(header, "", "done", List.of(), Map.of(), 1));
  }

  private EventHeader header(Running run) {
    String id = run.command.header().commandId();
    return new EventHeader(key.keyspace(), key.workflow(), id, log.now(), SERVICE, run.fence);
  }

  // --- what must hold --------------------------------------------------------------------------

  private List<Event> events() {
    return log.events().subList(first, log.events().size());
  }

  int waited() {
    return (int) events().stream().filter(CommandWaiting.class::isInstance).count();
  }

  int taken() {
    return takenSignals.size();
  }

  int abandoned() {
    return (int)
        events().stream()
            .filter(event ->
                event instanceof CommandFailed && event.header().fence() == Evolver.ABANDONED)
            .count();
  }

  void verify() {
    Map<String, Integer> ends = new HashMap<>();
    Set<String> admitted = new HashSet<>();
    WorkflowStatus status = null;
    for (Event event : events()) {
      String id = event.header().commandId();
      WorkflowStatus next = Evolver.evolve(status, event);
      if (event instanceof CommandAdmitted admission) {
        verifyAdmission(admission, status, next);
        admitted.add(id);
      }
      boolean ended = isInFlight(status, id) && !isInFlight(next, id);
      if (event.header().by().equals(SERVICE) && !ends.containsKey(id)) {
        assertThat(isInFlight(status, id)).as("seed %d: %s counts", seed, event).isTrue();
      }
      boolean without = isOutcome(event) && !admitted.contains(id);
      if (ended || without) {
        ends.merge(id, 1, Integer::sum);
      }
      status = next;
    }
    assertThat(ends.keySet()).as("seed %d: ended", seed).containsAll(sent.keySet());
    assertThat(ends).as("seed %d: ended once", seed).allSatisfy((id, n) -> assertThat(n).isOne());
    assertThat(log.tasks()).as("seed %d: open tasks", seed).isEmpty();
    assertThat(log.idle()).as("seed %d: nothing waits", seed).isTrue();
    assertThat(log.rejected()).as("seed %d: rejected", seed).isZero();
    if (status != null) { // else all were refused
      assertThat(status.allInFlight()).as("seed %d: in flight", seed).isEmpty();
      assertThat(status.waiting()).as("seed %d: waiting", seed).isEmpty();
    }
  }

  private void verifyAdmission(
      CommandAdmitted event, @Nullable WorkflowStatus status, @Nullable WorkflowStatus next) {
    String id = event.header().commandId();
    if (!event.service().equals(ServiceName.VDIFF.text()) && status != null) {
      assertThat(status.inFlight()).as("seed %d: beside %s", seed, id).isNull();
    }
    assertThat(isInFlight(next, id)).as("seed %d: %s is in flight", seed, id).isTrue();
  }

  private static boolean isOutcome(Event event) {
    return event instanceof CommandSucceeded
        || event instanceof CommandFailed
        || event instanceof CommandRefused;
  }

  private static boolean isInFlight(@Nullable WorkflowStatus status, String id) {
    return status != null && status.inFlight(id).isPresent();
  }
}
