package dev.shunt.saga;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Open tasks of the partitions that this instance owns, and their runs: at most one a workflow.
 *
 * <pre>
 *   open ──due──▶ running ──FINISHED──▶ told ──tombstone──▶ gone
 *    ▲               │ AGAIN              │ no tombstone for long
 *    └────backoff────┴────────────────────┘
 * </pre>
 */
final class TaskBoard {
  private static final Logger log = LoggerFactory.getLogger(TaskBoard.class);
  private static final Duration UNTOLD = Duration.ofSeconds(30);

  private static final class Entry {
    final int partition;
    @Nullable Task task;
    @Nullable Running running;
    int attempts;
    long notBefore = System.nanoTime();

    Entry(int partition) {
      this.partition = partition;
    }
  }

  private record Running(Task task, StopSignal stop, Thread thread) {}

  private final TaskHandler handler;
  private final SagaSettings settings;
  private final Map<String, Entry> entries = new HashMap<>();
  private final Set<Integer> ready = new HashSet<>();

  TaskBoard(TaskHandler handler, SagaSettings settings) {
    this.handler = handler;
    this.settings = settings;
  }

  /** The newest record of a key: a task, or null for its tombstone. */
  synchronized void put(int partition, String key, @Nullable Task task) {
    Entry entry = entries.computeIfAbsent(key, k -> new Entry(partition));
    boolean same =
        task != null && entry.task != null && entry.task.commandId().equals(task.commandId());
    if (same) {
      return;
    }
    entry.task = task;
    entry.attempts = 0;
    entry.notBefore = System.nanoTime();
    if (entry.running != null) {
      entry.running.stop().request();
    } else if (task == null) {
      entries.remove(key);
    }
  }

  /** The partition has been read up to its end: what is open there may be run. */
  synchronized void ready(int partition) {
    ready.add(partition);
  }

  /** Starts what is open, due and not running. What falls due later starts by itself. */
  synchronized void startDue() {
    long now = System.nanoTime();
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
  }

  private void start(String key, Entry entry, Task task) {
    StopSignal stop = new StopSignal();
    Thread thread =
        Thread.ofVirtual()
            .name("task-" + key + "-" + task.commandId())
            .unstarted(() -> run(key, entry, task, stop));
    entry.running = new Running(task, stop, thread);
    thread.start();
  }

  private void run(String key, Entry entry, Task task, StopSignal stop) {
    TaskHandler.Result result = TaskHandler.Result.AGAIN;
    stop.attach();
    try {
      result = handler.handle(task, stop);
    } catch (RuntimeException | Error e) {
      log.atError().addKeyValue("workflow", key).setCause(e).log("run of a task broke");
    } finally {
      stop.detach();
      ended(key, entry, task, result);
    }
  }

  private synchronized void ended(String key, Entry entry, Task task, TaskHandler.Result result) {
    entry.running = null;
    if (entry.task == null) {
      entries.remove(key, entry);
      return;
    }
    Duration wait = Duration.ZERO; // another task of the workflow waits for this run's end
    if (entry.task.commandId().equals(task.commandId())) {
      entry.attempts++;
      wait =
          switch (result) {
            case FINISHED -> UNTOLD;
            case AGAIN -> settings.backoff(entry.attempts);
            case STOPPED -> Duration.ZERO;
          };
      entry.notBefore = System.nanoTime() + wait.toNanos();
    }
    CompletableFuture.delayedExecutor(wait.toNanos(), TimeUnit.NANOSECONDS).execute(this::startDue);
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
    synchronized (this) {
      entries.values().forEach(entry -> all.add(entry.partition));
      all.addAll(ready);
    }
    drop(all, patience);
  }

  private synchronized List<Running> forget(Set<Integer> partitions) {
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
    ready.removeAll(partitions);
    return stopped;
  }

  private static boolean await(List<Running> runs, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      for (Running running : runs) {
        long left = Math.max(0, deadline - System.nanoTime());
        if (!running.thread().join(Duration.ofNanos(left))) {
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
