package dev.shunt.workflow.lifecycle;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Rule;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.schemas.StreamSources;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.workflow.streams.TextProto;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the streams of a workflow read. So the sources of a workflow follow from those of the
 * streams that come and go, and no other stream is looked at.
 */
final class SourceTally {
  private final Map<String, Long> keyspaces;
  private final Map<String, Long> shards;
  private final Map<String, Long> tables;
  private final Map<String, Long> types;

  /** Upper bound of the bytes of all names but those of types. */
  private long bytes;

  /** What streams of late were read as: those of a workflow have few different sources. */
  private final Map<String, Names> read = new HashMap<>();

  /** Begins with what was counted before. */
  SourceTally(StreamSources sources) {
    keyspaces = new HashMap<>(sources.keyspaces());
    shards = new HashMap<>(sources.shards());
    tables = new HashMap<>(sources.tables());
    types = new HashMap<>(sources.types());
    bytes = size(keyspaces.keySet()) + size(shards.keySet()) + size(tables.keySet());
  }

  /** What one stream counts for. */
  private record Names(Set<String> keyspaces, Set<String> shards, Set<String> tables) {
    private static final Names NONE = new Names(Set.of(), Set.of(), Set.of());
  }

  /** Whether two streams count alike. */
  static boolean alike(StreamStatus one, StreamStatus other) {
    return one.workflowType() == other.workflowType() && one.source().equals(other.source());
  }

  void add(StreamStatus stream) {
    count(stream, 1);
  }

  /** What was not counted is not missed: another version may have read less in the same source. */
  void remove(StreamStatus stream) {
    count(stream, -1);
  }

  private void count(StreamStatus stream, long by) {
    Names names = names(stream);
    bytes += count(keyspaces, names.keyspaces(), by);
    bytes += count(shards, names.shards(), by);
    bytes += count(tables, names.tables(), by);
    var unused = count(types, type(stream), by);
  }

  /** Upper bound of the bytes of all names with one stream more. */
  long sizeWith(StreamStatus stream) {
    return bytes + sizeOfNew(stream);
  }

  private long sizeOfNew(StreamStatus stream) {
    Names names = names(stream);
    return sizeOfNew(keyspaces, names.keyspaces())
        + sizeOfNew(shards, names.shards())
        + sizeOfNew(tables, names.tables());
  }

  private static long sizeOfNew(Map<String, Long> counted, Set<String> names) {
    return size(names.stream().filter(name -> !counted.containsKey(name)).toList());
  }

  private static long size(Collection<String> names) {
    return names.stream().mapToLong(StatusSize::ofCounted).sum();
  }

  StreamSources sources() {
    return new StreamSources(keyspaces, shards, tables, types);
  }

  /** Returns by how many bytes the names have grown. */
  private static long count(Map<String, Long> counted, Collection<String> names, long by) {
    long bytes = 0;
    for (String name : names) {
      long now = counted.getOrDefault(name, 0L) + by;
      if (now > 0) {
        bytes += counted.put(name, now) == null ? StatusSize.ofCounted(name) : 0;
      } else {
        bytes -= counted.remove(name) == null ? 0 : StatusSize.ofCounted(name);
      }
    }
    return bytes;
  }

  private Names names(StreamStatus stream) {
    return read.computeIfAbsent(stream.source(), SourceTally::read);
  }

  private static Names read(String text) {
    BinlogSource source = text.isEmpty() ? null : source(text);
    if (source == null) {
      return Names.NONE;
    }
    Set<String> tables = new HashSet<>();
    source.getFilter().getRulesList().stream().map(Rule::getMatch).forEach(tables::add);
    return new Names(Set.of(source.getKeyspace()), Set.of(source.getShard()), tables);
  }

  private static @Nullable BinlogSource source(String text) {
    try {
      return TextProto.binlogSource(text);
    } catch (IllegalArgumentException _) {
      // What a tablet reports need not be readable; the rest of the status still is.
      return null;
    }
  }

  /** None where the number has no name. */
  private static List<String> type(StreamStatus stream) {
    VReplicationWorkflowType type = VReplicationWorkflowType.forNumber(stream.workflowType());
    return type == null ? List.of() : List.of(type.name());
  }
}
