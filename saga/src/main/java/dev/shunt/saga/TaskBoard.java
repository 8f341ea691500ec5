package dev.shunt.saga;

import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Open tasks of the partitions that this instance owns, and their runs: at most one a key.
 *
 * <pre>
 *   open ──due──▶ running ──FINISHED──▶ told ──tombstone──▶ gone
 *    ▲               │ AGAIN              │ no tombstone for long
 *    └────backoff────┴────────────────────┘
 * </pre>
 */
final class TaskBoard {
  private static final Logger log = LoggerFactory.getLogger(TaskBoard.class);
  private static final Duration UNREPORTED = Duration.ofSeconds(30);

  private static final class Entry {
    final int partition;
    @Nullable Task task;
    @Nullable Running running;
    int attempts;
    long notBefore;

    Entry(int partition, long notBefore) {
      this.partition = partition;
      this.notBefore = notBefore;
    }
  }

  /** A signal, with the partition of its record. */
  private record Sent(int partition, CommandSignal signal) {}

  /** A run; its end is the last that it does. */
  private record Running(Task task, StopSignal stop, CompletableFuture<Boolean> end) {}

  private final TaskHandler handler;
  private final Time time;
  private final SagaSettings settings;

  /** Guards all that follow. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Map<String, Entry> entries = new HashMap<>();

  /** Signals that are not known to be taken, by the keys of their records. */
  private final Map<String, Sent> signals = new LinkedHashMap<>();

  private final Set<Integer> ready = new HashSet<>();

  TaskBoard(TaskHandler handler, Time time, SagaSettings settings) {
    this.handler = handler;
    this.time = time;
    this.settings = settings;
  }

  /** The newest record of a key: a task, or null for its tombstone or that of a signal. */
  void put(int partition, String key, @Nullable Task task) {
    lock.lock();
    try {
      if (task == null && signals.remove(key) != null) {
        return;
      }
      keep(partition, key, task);
    } finally {
      lock.unlock();
    }
  }

  /** A signal for a task: its run gets it, or the one that follows. */
  void signal(int partition, String key, CommandSignal signal) {
    lock.lock();
    try {
      signals.put(key, new Sent(partition, signal));
      for (Entry entry : entries.values()) {
        if (entry.running != null && isFor(signal, entry.running.task())) {
          entry.running.stop().signals().offer(signal);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ids of commands tell them apart within a workflow only. */
  private static boolean isFor(CommandSignal signal, Task task) {
    return signal.target().equals(task.commandId())
        && WorkflowKey.of(signal.header()).equals(task.key());
  }

  private void keep(int partition, String key, @Nullable Task task) {
    long now = time.nanoTime();
    Entry entry = entries.computeIfAbsent(key, k -> new Entry(partition, now));
    boolean same =
        task != null && entry.task != null && entry.task.commandId().equals(task.commandId());
    if (same) {
      return;
    }
    entry.task = task;
    entry.attempts = 0;
    entry.notBefore = now;
    if (entry.running != null) {
      entry.running.stop().request();
    } else if (task == null) {
      entries.remove(key);
    }
  }

  /** The partition has been read up to its end: what is open there may be run. */
  void ready(int partition) {
    lock.lock();
    try {
      ready.add(partition);
    } finally {
      lock.unlock();
    }
  }

  /** Starts what is open, due and not running. What falls due later starts by itself. */
  void startDue() {
    lock.lock();
    try {
      long now = time.nanoTime();
      for (Map.Entry<String, Entry> pair : entries.entrySet()) {
        Entry entry = pair.getValue();
        Task task = entry.task;
        if (task != null
            && entry.running == null
            && ready.contains(entry.partition)
            && now - entry.notBefore >= 0) {
          start(pair.getKey(), entry, task);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void start(String key, Entry entry, Task task) {
    Running running = new Running(task, new StopSignal(), new CompletableFuture<>());
    entry.running = running;
    for (Sent sent : signals.values()) {
      if (isFor(sent.signal(), task)) {
        running.stop().signals().offer(sent.signal());
      }
    }
    Thread unused =
        Thread.ofVirtual()
            .name("task-" + key + "-" + task.commandId())
            .start(() -> run(key, entry, running));
  }

  private void run(String key, Entry entry, Running running) {
    TaskHandler.Result result = TaskHandler.Result.AGAIN;
    running.stop().attach();
    try {
      result = handler.handle(running.task(), running.stop());
    } catch (RuntimeException | Error e) {
      log.atError().addKeyValue("workflow", key).setCause(e).log("run of a task broke");
    } finally {
      try {
        running.stop().detach();
        ended(key, entry, running.task(), result);
      } finally {
        running.end().complete(true); // whoever waits for it waits for the end of a thread
      }
    }
  }

  private void ended(String key, Entry entry, Task task, TaskHandler.Result result) {
    lock.lock();
    try {
      entry.running = null;
      if (entry.task == null) {
        entries.remove(key, entry);
      } else {
        startAfter(untilNext(entry, entry.task, task, result));
      }
    } finally {
      lock.unlock();
    }
  }

  /** How long an entry waits before it is run again. */
  private Duration untilNext(Entry entry, Task next, Task ended, TaskHandler.Result result) {
    if (!next.commandId().equals(ended.commandId())) {
      return Duration.ZERO; // another task of the workflow waits for this run's end
    }
    entry.attempts++;
    Duration wait =
        switch (result) {
          case FINISHED -> UNREPORTED;
          case AGAIN -> settings.backoff(entry.attempts);
          case STOPPED -> Duration.ZERO;
        };
    entry.notBefore = time.nanoTime() + wait.toNanos();
    return wait;
  }

  private void startAfter(Duration wait) {
    Thread unused =
        Thread.ofVirtual()
            .name("tasks-due")
            .start(() -> {
              try {
                time.sleep(wait);
                startDue();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  /**
   * Gives partitions up: asks their runs to stop and waits for them, after {@code patience} by
   * force, and for at most as long again.
   */
  void drop(Set<Integer> partitions, Duration patience) {
    List<Running> stopped = forget(partitions);
    stopped.forEach(running -> running.stop().request());
    if (!await(stopped, patience)) {
      stopped.forEach(running -> running.stop().force());
      if (!await(stopped, patience)) {
        log.atWarn().log("runs did not stop in time; their fences keep them from acting");
      }
    }
  }

  /** Gives everything up. */
  void dropAll(Duration patience) {
    Set<Integer> all = new HashSet<>();
    lock.lock();
    try {
      entries.values().forEach(entry -> all.add(entry.partition));
      all.addAll(ready);
    } finally {
      lock.unlock();
    }
    drop(all, patience);
  }

  private List<Running> forget(Set<Integer> partitions) {
    lock.lock();
    try {
      return runsOfForgotten(partitions);
    } finally {
      lock.unlock();
    }
  }

  private List<Running> runsOfForgotten(Set<Integer> partitions) {
    Predicate<Entry> concerned = entry -> partitions.contains(entry.partition);
    List<Running> stopped = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (concerned.test(entry)) {
        entry.task = null;
        if (entry.running != null) {
          stopped.add(entry.running);
        }
      }
    }
    entries.values().removeIf(entry -> concerned.test(entry) && entry.running == null);
    signals.values().removeIf(sent -> partitions.contains(sent.partition()));
    ready.removeAll(partitions);
    return stopped;
  }

  private boolean await(List<Running> runs, Duration patience) {
    long deadline = time.nanoTime() + patience.toNanos();
    try {
      for (Running running : runs) {
        if (!time.await(running.end(), Duration.ofNanos(deadline - time.nanoTime()))) {
          return false;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return true;
  }
}
