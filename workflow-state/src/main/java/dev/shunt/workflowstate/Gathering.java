package dev.shunt.workflowstate;

import dev.shunt.schemas.StreamHead;
import dev.shunt.schemas.StreamId;
import dev.shunt.schemas.WorkflowKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The reports of one partition that admission has not got yet: the last one of each stream.
 *
 * <p>A workflow is due at once when one of its streams is new, gone, or in another state than was
 * reported before; else a second after it was taken last. Progress alone is taken in the order in
 * which it came, so many workflows at a time: where there are more than admission can fold in a
 * second, each comes less often.
 *
 * <p>What was reported before the process started is not known, so every stream is new then.
 */
final class Gathering {
  /** Between two batches of one workflow while there is nothing but progress. */
  static final Duration PROGRESS_EVERY = Duration.ofSeconds(1);

  /**
   * Into how many target shards the reports may be that are taken of a workflow at a time. The
   * streams of each have one record, all of which is written anew.
   */
  static final int MOST_SHARDS = 16;

  /** Of these records together, as far as their streams are known; one is always taken. */
  static final long MOST_REWRITTEN = 8L * 1024 * 1024;

  /** Those of which a stream is known or a report waits. */
  private final Map<WorkflowKey, Workflow> workflows = new HashMap<>();

  /** Those with reports that wait, by the first of them. */
  private final Map<WorkflowKey, Workflow> waiting = new LinkedHashMap<>();

  /** Up to where the partition is read before anything is due; see {@link #caughtUp}. */
  private final long catchUpTo;

  private boolean caughtUp;
  private long position;

  /** Up to where the partition has been read, once something has been. */
  private @Nullable OffsetAndMetadata read;

  /**
   * @param end end of the partition when it was assigned. A predecessor may have published what it
   *     read up to there, so nothing older than that may be published again
   */
  Gathering(long end) {
    catchUpTo = end;
    caughtUp = end == 0;
  }

  /**
   * A report as it came.
   *
   * @param offset where
   * @param leaderEpoch under which leader of its partition it was written, if the record says so
   * @param value its record
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Report(long offset, Optional<Integer> leaderEpoch, byte[] value) {
    /** Where it is read again. */
    OffsetAndMetadata place() {
      return new OffsetAndMetadata(offset, leaderEpoch, "");
    }
  }

  /** The reports of a workflow that are to be published together. */
  record Due(WorkflowKey key, List<Report> reports) {}

  /**
   * What a stream was reported as; a message may be long, so its hash stands for it.
   *
   * @param bytes of the report
   */
  private record Shown(String state, int message, int bytes) {
    static Shown of(StreamHead head, Report report) {
      return new Shown(head.state(), head.message().hashCode(), report.value().length);
    }

    boolean differsFrom(@Nullable Shown other) {
      return other == null || message != other.message || !state.equals(other.state);
    }
  }

  /** The streams of a workflow into one target shard. */
  private static final class Shard {
    private final Map<StreamId, Shown> streams = new HashMap<>();
    private final SequencedMap<StreamId, Report> reports = new LinkedHashMap<>();
    private long bytes;

    /** Returns what the stream was shown as before. */
    private @Nullable Shown show(StreamId stream, @Nullable Shown shown) {
      Shown before = shown == null ? streams.remove(stream) : streams.put(stream, shown);
      bytes += (shown == null ? 0 : shown.bytes) - (before == null ? 0 : before.bytes);
      return before;
    }
  }

  private static final class Workflow {
    private final Map<String, Shard> shards = new HashMap<>();

    /** Those with reports that wait, by the first of them. */
    private final SequencedMap<String, Shard> waiting = new LinkedHashMap<>();

    private @Nullable OffsetAndMetadata first;
    private boolean changed;
    private @Nullable Long takenAt;

    /**
     * At least one report, and no more than so many bytes nor than one fold should have to write
     * anew.
     */
    List<Report> take(long mostBytes) {
      List<Report> taken = new ArrayList<>();
      long bytes = 0;
      long rewritten = 0;
      for (int count = 0; count < MOST_SHARDS && !waiting.isEmpty(); count++) {
        Map.Entry<String, Shard> next = waiting.firstEntry();
        Shard shard = next.getValue();
        rewritten += shard.bytes;
        if (count > 0 && rewritten > MOST_REWRITTEN) {
          break;
        }
        Iterator<Report> all = shard.reports.values().iterator();
        while (all.hasNext()) {
          Report report = all.next();
          bytes += report.value().length;
          if (!taken.isEmpty() && bytes > mostBytes) {
            return taken;
          }
          taken.add(report);
          all.remove();
        }
        waiting.remove(next.getKey());
        if (shard.streams.isEmpty()) {
          shards.remove(next.getKey());
        }
      }
      return taken;
    }

    boolean isDue(long now) {
      return changed || takenAt == null || now - takenAt >= PROGRESS_EVERY.toNanos();
    }

    boolean isEmpty() {
      return shards.isEmpty();
    }
  }

  /** Takes a report. */
  void put(WorkflowKey key, StreamHead head, Report report) {
    Workflow workflow = workflows.computeIfAbsent(key, unused -> new Workflow());
    if (workflow.waiting.isEmpty()) {
      workflow.first = report.place();
      waiting.put(key, workflow);
    }
    StreamId stream = head.stream();
    Shard shard = workflow.shards.computeIfAbsent(stream.shard(), unused -> new Shard());
    workflow.waiting.putIfAbsent(stream.shard(), shard);
    shard.reports.putLast(stream, report);
    if (head.removed()) {
      boolean known = shard.show(stream, null) != null;
      workflow.changed |= known || workflow.takenAt == null;
    } else {
      Shown shown = Shown.of(head, report);
      workflow.changed |= shown.differsFrom(shard.show(stream, shown));
    }
  }

  /** Takes how far the partition has been read, as it is to be committed. */
  void readTo(OffsetAndMetadata next) {
    read = next;
    readTo(next.offset());
  }

  /** Takes how far the partition has been read, which may be where reading begins. */
  void readTo(long offset) {
    position = offset;
    caughtUp |= offset >= catchUpTo;
  }

  /**
   * Whether an offset lies before what has been read. Nothing is read twice unless the partition
   * has lost what it held: then what was caught up with is not what is there.
   */
  boolean isBehind(long offset) {
    return offset < position;
  }

  /** Of how many workflows something is kept. */
  int workflows() {
    return workflows.size();
  }

  /** Whether all is read that a predecessor may have published. Until then nothing is due. */
  boolean caughtUp() {
    return caughtUp;
  }

  /**
   * Takes what is due.
   *
   * @param now monotonic time, nanoseconds
   * @param most at most so many workflows of which only progress is known, and twice as many of
   *     which more is
   * @param mostBytes bytes of reports, beyond which the rest waits for the next time; one report is
   *     always taken
   */
  List<Due> take(long now, int most, long mostBytes) {
    List<Due> due = new ArrayList<>();
    Map<WorkflowKey, Workflow> left = new LinkedHashMap<>();
    long bytes = 0;
    int progress = 0;
    int changes = 0;
    Iterator<Map.Entry<WorkflowKey, Workflow>> all = waiting.entrySet().iterator();
    while (caughtUp && all.hasNext() && bytes < mostBytes) {
      Map.Entry<WorkflowKey, Workflow> next = all.next();
      Workflow workflow = next.getValue();
      if (workflow.changed ? changes++ < 2 * most : workflow.isDue(now) && progress++ < most) {
        List<Report> reports = workflow.take(mostBytes - bytes);
        bytes += reports.stream().mapToLong(report -> report.value().length).sum();
        due.add(new Due(next.getKey(), reports));
        all.remove();
        if (workflow.waiting.isEmpty()) {
          workflow.changed = false;
          workflow.takenAt = now;
          if (workflow.isEmpty()) {
            workflows.remove(next.getKey());
          }
        } else {
          left.put(next.getKey(), workflow);
        }
      }
    }
    waiting.putAll(left); // behind the others, so that one with very many holds up none
    return due;
  }

  /**
   * Nanoseconds until something is due; not positive when something is now, {@link Long#MAX_VALUE}
   * when nothing waits.
   */
  long dueIn(long now) {
    long least = Long.MAX_VALUE;
    if (caughtUp) {
      for (Workflow workflow : waiting.values()) {
        if (workflow.changed || workflow.takenAt == null) {
          return 0;
        }
        least = Math.min(least, workflow.takenAt + PROGRESS_EVERY.toNanos() - now);
      }
    }
    return least;
  }

  /**
   * From where on a successor has to read; empty when that is not to be changed, as nothing has
   * been read or it is not {@link #caughtUp}. It names the leader epoch, so that a successor finds
   * out when the partition has lost what lay before it, even if other records lie there by then.
   */
  Optional<OffsetAndMetadata> resumeAt() {
    if (!caughtUp) {
      return Optional.empty();
    }
    return Stream.concat(
            Stream.ofNullable(read),
            waiting.values().stream().flatMap(workflow -> Stream.ofNullable(workflow.first)))
        .min(Comparator.comparingLong(OffsetAndMetadata::offset));
  }
}
