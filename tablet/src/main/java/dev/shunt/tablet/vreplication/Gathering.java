package dev.shunt.tablet.vreplication;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.KeyspaceShard;
import binlogdata.Binlogdata.ShardGtid;
import dev.shunt.mysql.Position;
import dev.shunt.schemas.StreamState;
import dev.shunt.tablet.vreplication.stream.RedirectTable.Beginning;
import dev.shunt.tablet.vreplication.stream.StreamRow;
import dev.shunt.workflow.sharding.KeyRange;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Streams of one workflow that have come to one journal, each from another shard, and what is to
 * become of them. They go on together: before all have come the others still bring what is older.
 *
 * @param arrived their positions as they arrived, by id
 */
record Gathering(String workflow, Journal journal, Map<Integer, String> arrived) {
  private static final String IMPOSSIBLE = "cannot redirect on journal: ";

  Gathering {
    arrived = Map.copyOf(arrived);
  }

  /** What is to be done. */
  sealed interface Decision {
    /** Streams that arrived are gone, were halted or moved on: the gathering goes on without. */
    record Left(Set<Integer> ids) implements Decision {}

    /** Some have still to come. */
    record Wait(String message) implements Decision {}

    /** They can't go on: they are stopped. */
    record Stop(String message) implements Decision {}

    /** Streams from other shards take their place. */
    record Follow(List<StreamRow> old, List<Beginning> beginnings) implements Decision {}
  }

  /**
   * Decides.
   *
   * @param rows all streams of the workflow as they stand
   */
  Decision decide(List<StreamRow> rows) {
    Set<Integer> left = new TreeSet<>(arrived.keySet());
    rows.stream().filter(this::stands).map(StreamRow::id).forEach(left::remove);
    if (!left.isEmpty()) {
      return new Decision.Left(left);
    }
    List<StreamRow> participants =
        rows.stream().filter(this::reads).sorted(Comparator.comparingInt(StreamRow::id)).toList();
    List<KeyspaceShard> missing = missing(participants);
    List<StreamRow> behind = rows.stream().filter(row -> willRead(row, missing)).toList();
    if (!behind.isEmpty()) {
      return new Decision.Wait(
          name() + ": waits for stream(s) to follow a journal before it, from " + describe(behind));
    }
    Optional<String> impossible = obstacle(rows, participants, missing);
    if (impossible.isPresent()) {
      return new Decision.Stop(IMPOSSIBLE + impossible.get());
    }
    List<StreamRow> awaited =
        participants.stream().filter(row -> !arrived.containsKey(row.id())).toList();
    if (!awaited.isEmpty()) {
      return new Decision.Wait(name() + ": waits for stream(s) from " + describe(awaited));
    }
    if (participants.stream().map(Gathering::withoutShard).distinct().count() > 1) {
      return new Decision.Stop(
          IMPOSSIBLE + "the streams of this workflow differ in what they read");
    }
    return new Decision.Follow(participants, beginnings());
  }

  /** The journal, for messages. */
  String name() {
    return "at journal " + journal.getId();
  }

  private boolean stands(StreamRow row) {
    return row.runs() && row.position().equals(arrived.get(row.id()));
  }

  /** Whether a stream reads a shard that takes part in the journal. */
  private boolean reads(StreamRow row) {
    return takingPart().contains(shard(row));
  }

  /** The shards that take part, without what else a later Vitess may say of them. */
  private Set<KeyspaceShard> takingPart() {
    return journal.getParticipantsList().stream()
        .map(each -> shard(each.getKeyspace(), each.getShard()))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static KeyspaceShard shard(StreamRow row) {
    return shard(row.source().getKeyspace(), row.source().getShard());
  }

  private static KeyspaceShard shard(String keyspace, String shard) {
    return KeyspaceShard.newBuilder().setKeyspace(keyspace).setShard(shard).build();
  }

  /** Those that take part and that no stream of the workflow reads. */
  private List<KeyspaceShard> missing(List<StreamRow> participants) {
    Set<KeyspaceShard> missing = takingPart();
    participants.forEach(row -> missing.remove(shard(row)));
    return List.copyOf(missing);
  }

  /**
   * Whether a stream reads what some of those shards came from: it is still to come to the journal
   * by which they did, as of two switches in a row a quick stream may be at the second one already.
   */
  private boolean willRead(StreamRow row, List<KeyspaceShard> missing) {
    return !reads(row)
        && !arrived.containsKey(row.id())
        && row.state() != StreamState.ERROR
        && missing.stream()
            .anyMatch(shard ->
                shard.getKeyspace().equals(row.source().getKeyspace())
                    && overlap(shard.getShard(), row.source().getShard()));
  }

  private static boolean overlap(String one, String other) {
    try {
      return KeyRange.parse(one).intersects(KeyRange.parse(other));
    } catch (IllegalArgumentException _) {
      return false; // the name of one is no range
    }
  }

  /** What keeps the streams from going on for good. */
  private Optional<String> obstacle(
      List<StreamRow> rows, List<StreamRow> participants, List<KeyspaceShard> missing) {
    for (KeyspaceShard participant : takingPart()) {
      List<Integer> streams =
          participants.stream()
              .filter(row -> shard(row).equals(participant))
              .map(StreamRow::id)
              .toList();
      if (streams.size() > 1) {
        return Optional.of(
            "streams %s of this workflow all read %s:%s"
                .formatted(streams, participant.getKeyspace(), participant.getShard()));
      }
    }
    if (!missing.isEmpty()) {
      return Optional.of(
          "not all sources are present in this workflow: missing "
              + missing.stream()
                  .map(shard -> shard.getKeyspace() + ":" + shard.getShard())
                  .collect(Collectors.joining(", ")));
    }
    return obstacleOfArrived(rows).or(() -> obstacleAhead(rows));
  }

  private Optional<String> obstacleOfArrived(List<StreamRow> rows) {
    for (StreamRow row : rows) {
      if (arrived.containsKey(row.id()) && !reads(row)) {
        return Optional.of(
            "it does not list the source %s:%s among those that take part"
                .formatted(row.source().getKeyspace(), row.source().getShard()));
      }
      if (arrived.containsKey(row.id()) && !row.stopPosition().isEmpty()) {
        return Optional.of("stream " + row.id() + " is to stop at " + row.stopPosition());
      }
    }
    return Optional.empty();
  }

  /** What the journal names is read by nobody, and not what it was written to. */
  private Optional<String> obstacleAhead(List<StreamRow> rows) {
    if (journal.getShardGtidsCount() == 0) {
      return Optional.of("it names no shards to go on from");
    }
    Set<KeyspaceShard> seen = new LinkedHashSet<>();
    for (ShardGtid target : journal.getShardGtidsList()) {
      KeyspaceShard shard = shard(target.getKeyspace(), target.getShard());
      String name = target.getKeyspace() + ":" + target.getShard();
      if (!seen.add(shard) || takingPart().contains(shard)) {
        return Optional.of("it names " + name + " more than once");
      }
      if (Position.ofAnyForm(target.getGtid()).isEmpty()) {
        return Optional.of("it names no position of " + name + ": '" + target.getGtid() + "'");
      }
      if (rows.stream().anyMatch(row -> shard(row).equals(shard))) {
        return Optional.of("this workflow reads " + name + " already");
      }
    }
    return Optional.empty();
  }

  private static String describe(List<StreamRow> rows) {
    return rows.stream().map(Gathering::describe).collect(Collectors.joining(", "));
  }

  private static String describe(StreamRow row) {
    String from = row.source().getKeyspace() + "/" + row.source().getShard();
    return row.runs() ? from : "%s (stream %d is %s)".formatted(from, row.id(), row.state().text());
  }

  private static BinlogSource withoutShard(StreamRow row) {
    return row.source().toBuilder().clearKeyspace().clearShard().build();
  }

  private List<Beginning> beginnings() {
    return journal.getShardGtidsList().stream()
        .map(target ->
            new Beginning(
                target.getKeyspace(),
                target.getShard(),
                Position.ofAnyForm(target.getGtid()).orElseThrow()))
        .toList();
  }
}
