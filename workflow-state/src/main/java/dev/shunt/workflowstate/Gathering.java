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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The reports of one partition that are not published yet: the last one of each stream.
 *
 * <p>A workflow is due at once when one of its streams is new, gone, or in another state than was
 * reported before; else a second after it was taken last. Progress alone is taken in the order in
 * which it came, of so many target shards at a time, as the streams of each are written whole:
 * where there are more than can be folded in a second, each comes less often.
 *
 * <p>What waits of a workflow when it is due is a round: each of its shards is taken once, however
 * much comes meanwhile, before any is taken again.
 *
 * <p>What was reported before the process started is not known, so every stream is new then.
 */
final class Gathering {
  /** Between two batches of one workflow while there is nothing but progress. */
  static final Duration PROGRESS_EVERY = Duration.ofSeconds(1);

  /**
   * Of the streams together that the fold writes of one batch, and of all batches that are taken at
   * a time, bytes. A shard counts with what it is known to have.
   */
  static final long MOST_REWRITTEN = 8L * 1024 * 1024;

  /** Shards of a batch: of one there may be more streams than have reported. */
  static final int MOST_SHARDS = 16;

  /** What a shard counts that was not taken before. */
  private static final long UNKNOWN = MOST_REWRITTEN / MOST_SHARDS;

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

  /**
   * The reports of a workflow that are to be published together.
   *
   * @param shards into how many target shards these are
   */
  record Due(WorkflowKey key, int shards, List<Report> reports) {}

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

    /** Whether it was taken: what was reported before the process started is not known else. */
    private boolean taken;

    long rewritten() {
      return taken ? bytes : Math.max(bytes, UNKNOWN);
    }

    /** Returns what the stream was shown as before. */
    private @Nullable Shown show(StreamId stream, @Nullable Shown shown) {
      Shown before = shown == null ? streams.remove(stream) : streams.put(stream, shown);
      bytes += (shown == null ? 0 : shown.bytes) - (before == null ? 0 : before.bytes);
      return before;
    }
  }

  private static final class Workflow {
    private final Map<String, Shard> shards = new HashMap<>();

    /** Those with reports that wait. */
    private final SequencedMap<String, Shard> waiting = new LinkedHashMap<>();

    /** Those of them that are to be taken in the round that has begun. */
    private final Set<String> round = new LinkedHashSet<>();

    private boolean roundOfChange;

    /** Not behind the first report that waits. */
    private @Nullable OffsetAndMetadata first;

    private boolean changed;
    private @Nullable Long takenAt;

    /** Whether what is due is more than progress. */
    boolean isChange() {
      return changed || (!round.isEmpty() && roundOfChange);
    }

    boolean isDue(long now) {
      return !round.isEmpty()
          || changed
          || takenAt == null
          || now - takenAt >= PROGRESS_EVERY.toNanos();
    }

    boolean isEmpty() {
      return shards.isEmpty();
    }

    /** At least one report, and no more than so many shards and bytes, in batches. */
    Taking take(WorkflowKey key, long now, int mostShards, long mostBytes, long mostRewritten) {
      if (round.isEmpty()) {
        round.addAll(waiting.keySet());
        roundOfChange = changed;
        changed = false;
      }
      Taking taking = new Taking(key, mostBytes, mostRewritten);
      Iterator<String> names = round.iterator();
      for (int count = 0; count < mostShards && names.hasNext(); count++) {
        String name = names.next();
        Shard shard = Objects.requireNonNull(waiting.get(name));
        if (!taking.take(shard)) {
          break;
        }
        names.remove();
        waiting.remove(name);
        if (shard.streams.isEmpty()) {
          shards.remove(name);
        }
      }
      if (round.isEmpty()) {
        takenAt = now;
      }
      first =
          waiting.values().stream()
              .map(shard -> shard.reports.firstEntry().getValue())
              .min(Comparator.comparingLong(Report::offset))
              .map(Report::place)
              .orElse(null);
      taking.endBatch();
      return taking;
    }
  }

  /** Reports of a workflow that are being taken. */
  private static final class Taking {
    private final WorkflowKey key;
    private final long mostBytes;
    private final long mostRewritten;
    private final List<Due> due = new ArrayList<>();
    private List<Report> reports = new ArrayList<>();
    private int shards;
    private long rewritten;
    private long rewrittenInAll;
    private long bytes;

    Taking(WorkflowKey key, long mostBytes, long mostRewritten) {
      this.key = key;
      this.mostBytes = mostBytes;
      this.mostRewritten = mostRewritten;
    }

    /** Takes the reports into a shard; false when there is no room for all of them. */
    boolean take(Shard shard) {
      boolean first = due.isEmpty() && reports.isEmpty();
      if (!first && rewrittenInAll + shard.bytes > mostRewritten) {
        return false;
      }
      if (shards == MOST_SHARDS || (shards > 0 && rewritten + shard.rewritten() > MOST_REWRITTEN)) {
        endBatch();
      }
      int before = reports.size();
      Iterator<Report> all = shard.reports.values().iterator();
      boolean room = true;
      while (room && all.hasNext()) {
        Report report = all.next();
        bytes += report.value().length;
        room = bytes <= mostBytes || (due.isEmpty() && reports.isEmpty());
        if (room) {
          reports.add(report);
          all.remove();
        }
      }
      if (reports.size() > before) {
        shards++;
        rewritten += shard.rewritten();
        rewrittenInAll += shard.bytes;
        shard.taken = true;
      }
      return room;
    }

    void endBatch() {
      if (!reports.isEmpty()) {
        due.add(new Due(key, shards, reports));
      }
      reports = new ArrayList<>();
      shards = 0;
      rewritten = 0;
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
   * @param most into at most so many target shards where only progress is known, and twice as many
   *     where more is
   * @param mostBytes bytes of reports, beyond which the rest waits for the next time; one report is
   *     always taken
   */
  List<Due> take(long now, int most, long mostBytes) {
    List<Due> due = new ArrayList<>();
    Map<WorkflowKey, Workflow> left = new LinkedHashMap<>();
    long bytes = 0;
    long rewritten = 0;
    int progress = 0;
    int changes = 0;
    Iterator<Map.Entry<WorkflowKey, Workflow>> all = waiting.entrySet().iterator();
    while (caughtUp && all.hasNext() && bytes < mostBytes && rewritten < MOST_REWRITTEN) {
      Map.Entry<WorkflowKey, Workflow> next = all.next();
      Workflow workflow = next.getValue();
      boolean change = workflow.isChange();
      int room = change ? 2 * most - changes : most - progress;
      if (room <= 0 || !workflow.isDue(now)) {
        continue;
      }
      Taking taken =
          workflow.take(next.getKey(), now, room, mostBytes - bytes, MOST_REWRITTEN - rewritten);
      int shards = 0;
      for (Due one : taken.due) {
        bytes += one.reports().stream().mapToLong(report -> report.value().length).sum();
        shards += one.shards();
        due.add(one);
      }
      rewritten += taken.rewrittenInAll;
      changes += change ? shards : 0;
      progress += change ? 0 : shards;
      all.remove();
      if (!workflow.waiting.isEmpty()) {
        left.put(next.getKey(), workflow);
      } else if (workflow.isEmpty()) {
        workflows.remove(next.getKey());
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
        if (workflow.changed || workflow.takenAt == null || !workflow.round.isEmpty()) {
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
