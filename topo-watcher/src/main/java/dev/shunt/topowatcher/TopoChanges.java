package dev.shunt.topowatcher;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.TopoChange;
import dev.shunt.topo.RecordKinds;
import dev.shunt.topo.TopoEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Turns topology events into records of shunt.topo, each change once: what the topic holds already
 * is not written again, what it holds and is no longer there is written as deleted. A deletion is a
 * record that says so and then a tombstone, so that readers see it and compaction forgets the key.
 */
final class TopoChanges {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer()
          .preservingProtoFieldNames()
          .omittingInsignificantWhitespace()
          .sortingMapKeys();

  private final Map<String, TopoChange> last;
  private final Set<String> present = new HashSet<>();

  /**
   * @param last what the topic holds, by key
   */
  TopoChanges(Map<String, TopoChange> last) {
    this.last = new HashMap<>(last);
    this.last.values().removeIf(TopoChange::deleted);
  }

  /** Key of a record: {@code cell:path}. */
  static String key(String cell, String path) {
    return cell + ":" + path;
  }

  /** What is to be written for an event. */
  List<RelayRecord> accept(TopoEvent event, long now) {
    Optional<Message> kind = RecordKinds.of(event.path());
    if (kind.isEmpty()) {
      return List.of();
    }
    String key = key(event.cell(), event.path());
    byte[] value = event.value();
    if (value == null) {
      present.remove(key);
      TopoChange before = last.get(key);
      return before == null ? List.of() : deleted(before, event.version(), now);
    }
    present.add(key);
    TopoChange change =
        new TopoChange(
            event.cell(),
            event.path(),
            kind.get().getDescriptorForType().getFullName(),
            json(event.path(), value),
            false,
            event.version(),
            now);
    TopoChange before = last.put(key, change);
    return before != null
            && before.version() == change.version()
            && before.json().equals(change.json())
        ? List.of()
        : List.of(new RelayRecord(Topics.TOPO, key, change));
  }

  /** Of how many records something is kept beside what is on the topic. */
  int present() {
    return present.size();
  }

  /**
   * What is to be written once all records of a cell have been delivered: what vanished meanwhile.
   */
  List<RelayRecord> synced(String cell, long now) {
    List<RelayRecord> records = new ArrayList<>();
    last.values().stream()
        .filter(change -> change.cell().equals(cell))
        .filter(change -> !present.contains(key(change.cell(), change.path())))
        .toList()
        .forEach(change -> records.addAll(deleted(change, change.version(), now)));
    return records;
  }

  /** What is to be written when a whole cell is gone. */
  List<RelayRecord> cellGone(String cell, long now) {
    present.removeIf(key -> key.startsWith(cell + ":"));
    return synced(cell, now);
  }

  private List<RelayRecord> deleted(TopoChange before, long version, long now) {
    String key = key(before.cell(), before.path());
    last.remove(key);
    TopoChange change =
        new TopoChange(before.cell(), before.path(), before.kind(), "", true, version, now);
    return List.of(
        new RelayRecord(Topics.TOPO, key, change), new RelayRecord(Topics.TOPO, key, null));
  }

  private static String json(String path, byte[] value) {
    try {
      return PRINTER.print(RecordKinds.parse(path, value).orElseThrow());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("cannot print " + path, e);
    }
  }
}
