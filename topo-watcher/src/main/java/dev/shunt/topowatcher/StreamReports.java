package dev.shunt.topowatcher;

import dev.shunt.cluster.StreamReading;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.StreamRemoved;
import dev.shunt.schemas.StreamReported;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Decides which reports about streams are worth a record. A new stream or another state is reported
 * at once, progress at most once in the progress interval, passing time alone at most once in the
 * heartbeat interval. A stream that its tablet no longer has is reported as removed, also one that
 * only the materialised statuses know (it vanished while nobody relayed).
 */
final class StreamReports {
  /** A stream on a tablet. */
  record StreamKey(WorkflowKey workflow, String tablet, long id) {}

  private static final class Reported {
    private StreamStatus sent;
    private long sentAt;
    private StreamStatus latest;

    private Reported(StreamStatus first, long now) {
      this.sent = first;
      this.latest = first;
      this.sentAt = now;
    }
  }

  private final long progressMillis;
  private final long heartbeatMillis;
  private final Map<StreamKey, Reported> streams = new HashMap<>();
  private final Set<String> synced = new HashSet<>();
  private Set<StreamKey> suspects = Set.of();

  private final InstantSource clock;

  /**
   * Knows of none.
   *
   * @param clock stamps the reports; the {@code now} of the calls says when they are due:
   *     milliseconds of a clock that never steps
   */
  StreamReports(Duration progress, Duration heartbeat, InstantSource clock) {
    this.clock = clock;
    this.progressMillis = progress.toMillis();
    this.heartbeatMillis = heartbeat.toMillis();
  }

  /** What is to be written for all that a tablet has. */
  List<RelayRecord> accept(Inbound.Snapshot snapshot, long now) {
    String tablet = snapshot.tablet().alias();
    synced.add(tablet);
    List<RelayRecord> records = new ArrayList<>();
    Set<StreamKey> present = new HashSet<>();
    for (var workflow : snapshot.workflows()) {
      WorkflowKey key = new WorkflowKey(snapshot.tablet().keyspace(), workflow.getWorkflow());
      for (var stream : workflow.getStreamsList()) {
        StreamKey id = new StreamKey(key, tablet, stream.getId());
        present.add(id);
        StreamStatus status =
            StreamReading.status(
                snapshot.tablet().shard(),
                snapshot.tablet().tablet().getAlias(),
                workflow,
                stream,
                snapshot.copyStates());
        records.addAll(report(id, status, now));
      }
    }
    streams.keySet().stream()
        .filter(id -> id.tablet().equals(tablet) && !present.contains(id))
        .toList()
        .forEach(id -> records.add(remove(id)));
    return records;
  }

  private List<RelayRecord> report(StreamKey id, StreamStatus status, long now) {
    Reported reported = streams.get(id);
    if (reported == null) {
      streams.put(id, new Reported(status, now));
      return List.of(reported(id, status));
    }
    reported.latest = status;
    return dueOf(id, reported, now);
  }

  private List<RelayRecord> dueOf(StreamKey id, Reported reported, long now) {
    if (now < dueAt(reported)) {
      return List.of();
    }
    reported.sent = reported.latest;
    reported.sentAt = now;
    return List.of(reported(id, reported.latest));
  }

  /** When the latest that is known of a stream is to be reported; never when it was. */
  private long dueAt(Reported reported) {
    StreamStatus latest = reported.latest;
    StreamStatus sent = reported.sent;
    if (latest.equals(sent)) {
      return Long.MAX_VALUE;
    }
    if (!StatusComparison.withoutProgress(latest).equals(StatusComparison.withoutProgress(sent))) {
      return reported.sentAt;
    }
    boolean progress =
        !StatusComparison.withoutTimes(latest).equals(StatusComparison.withoutTimes(sent));
    return reported.sentAt + (progress ? progressMillis : heartbeatMillis);
  }

  /** When the next of what is held back is due; MAX_VALUE when nothing is. */
  long nextDue() {
    return streams.values().stream().mapToLong(this::dueAt).min().orElse(Long.MAX_VALUE);
  }

  /** What was held back and is due by now. */
  List<RelayRecord> due(long now) {
    List<RelayRecord> records = new ArrayList<>();
    streams.forEach((id, reported) -> records.addAll(dueOf(id, reported, now)));
    return records;
  }

  /** A tablet is no longer a primary: its streams are not streams of a shard any more. */
  List<RelayRecord> tabletGone(String tablet) {
    synced.remove(tablet);
    return streams.keySet().stream().filter(id -> id.tablet().equals(tablet)).toList().stream()
        .map(this::remove)
        .toList();
  }

  /**
   * Compares the materialised statuses with what there is; a stream that is missed twice in a row
   * is reported as removed. Tablets that have not answered yet are left alone.
   *
   * @param expected whether an answer of a tablet is still to be expected, by its alias
   */
  List<RelayRecord> reconcile(
      Map<WorkflowKey, WorkflowStatus> statuses, Predicate<String> expected) {
    Map<StreamKey, StreamStatus> missed = new HashMap<>();
    statuses.forEach((key, status) -> {
      for (StreamStatus stream : status.streams()) {
        StreamKey id = new StreamKey(key, stream.tablet(), stream.id());
        boolean answered = synced.contains(stream.tablet()) || !expected.test(stream.tablet());
        if (answered && !streams.containsKey(id)) {
          missed.put(id, stream);
        }
      }
    });
    List<RelayRecord> records = new ArrayList<>();
    Set<StreamKey> next = new HashSet<>();
    missed.forEach((id, stream) -> {
      if (suspects.contains(id)) {
        // Reported now; reported again only if it is still known after another two looks.
        records.add(removed(id, stream.shard()));
      } else {
        next.add(id);
      }
    });
    suspects = next;
    return records;
  }

  private RelayRecord remove(StreamKey id) {
    Reported reported = streams.remove(id);
    return removed(id, reported == null ? "" : reported.latest.shard());
  }

  private RelayRecord removed(StreamKey id, String shard) {
    return record(
        id,
        new StreamRemoved(
            id.workflow().keyspace(),
            id.workflow().workflow(),
            clock.millis(),
            shard,
            id.tablet(),
            id.id()));
  }

  private RelayRecord reported(StreamKey id, StreamStatus status) {
    return record(
        id,
        new StreamReported(
            id.workflow().keyspace(), id.workflow().workflow(), clock.millis(), status));
  }

  private static RelayRecord record(StreamKey id, StreamEvent event) {
    return new RelayRecord(Topics.STREAMS, id.workflow().toString(), event);
  }
}
