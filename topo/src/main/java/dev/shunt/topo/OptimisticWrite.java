package dev.shunt.topo;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.shunt.topo.TopoStore.Change;
import dev.shunt.topo.TopoStore.Entry;
import dev.shunt.topo.TopoStore.Guard;
import dev.shunt.topo.TopoStore.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * One try of an optimistic write: reads records, remembers their versions, collects the changes;
 * the commit takes place only when every record that was read is unchanged.
 */
final class OptimisticWrite {
  private static final int TRIES = 1000;

  private final TopoStore store;
  private final Map<String, Optional<Entry>> read = new LinkedHashMap<>();
  private final Map<String, Optional<ByteString>> written = new LinkedHashMap<>();

  private OptimisticWrite(TopoStore store) {
    this.store = store;
  }

  /** Runs the change, again whenever another writer came between, until it is written. */
  static <T> T run(TopoStore store, List<Guard> guards, Function<OptimisticWrite, T> change) {
    for (int i = 0; ; i++) {
      OptimisticWrite write = new OptimisticWrite(store);
      T result = change.apply(write);
      switch (store.commit(guards, write.expected(), write.changes())) {
        case Outcome.Committed committed -> {
          return result;
        }
        case Outcome.GuardLost(Guard guard) -> throw StoreTopo.lost(guard);
        case Outcome.Conflict() -> {
          if (i >= TRIES) {
            throw StoreTopo.contended(write.read.keySet());
          }
        }
      }
    }
  }

  /** Writes what the function makes of a record that may not be there. */
  static <T extends Message> T put(
      TopoStore store, String path, Parser<T> parser, Function<Optional<T>, T> change) {
    return run(
        store,
        List.of(),
        write -> {
          T changed = change.apply(write.entry(path).map(entry -> Records.parse(entry, parser)));
          write.written.put(path, Optional.of(Records.bytes(changed)));
          return changed;
        });
  }

  /**
   * Writes what the function makes of a record that may not be there, also when that is what it
   * was.
   *
   * @param held asked between the reading and the writing, throws when nothing may be written
   */
  static <T extends Message> T putWhile(
      TopoStore store,
      String path,
      Parser<T> parser,
      Runnable held,
      Function<Optional<T>, T> change) {
    for (int i = 0; ; i++) {
      Optional<Entry> stored = store.get(path);
      T changed = change.apply(stored.map(entry -> Records.parse(entry, parser)));
      held.run();
      long version = stored.map(Entry::version).orElse(0L);
      Outcome outcome =
          store.commit(
              List.of(),
              Map.of(path, version),
              List.of(new Change.Put(path, Records.bytes(changed))));
      if (outcome instanceof Outcome.Committed) {
        return changed;
      }
      if (i >= TRIES) {
        throw StoreTopo.contended(List.of(path));
      }
    }
  }

  /** Changes a record; empty when it is not there. */
  <T extends Message> Optional<T> change(String path, Parser<T> parser, UnaryOperator<T> change) {
    return entry(path)
        .map(entry -> {
          T changed = change.apply(Records.parse(entry, parser));
          written.put(path, Optional.of(Records.bytes(changed)));
          return changed;
        });
  }

  /** Changes a record that reads as empty when it is not there and is removed when it is empty. */
  <T extends Message> void changeOrRemove(String path, T empty, UnaryOperator<T> change) {
    @SuppressWarnings("unchecked")
    Parser<T> parser = (Parser<T>) empty.getParserForType();
    T changed = change.apply(entry(path).map(entry -> Records.parse(entry, parser)).orElse(empty));
    ByteString bytes = Records.bytes(changed);
    written.put(path, bytes.isEmpty() ? Optional.empty() : Optional.of(bytes));
  }

  /** Removes a record; nothing when it is not there. */
  void remove(String path) {
    if (entry(path).isPresent()) {
      written.put(path, Optional.empty());
    }
  }

  /** The record with the changes of this try. */
  private Optional<Entry> entry(String path) {
    Optional<Entry> stored = read.computeIfAbsent(path, store::get);
    Optional<ByteString> changed = written.get(path);
    if (changed == null) {
      return stored;
    }
    long version = stored.map(Entry::version).orElse(0L);
    return changed.map(value -> new Entry(path, value, version));
  }

  private Map<String, Long> expected() {
    Map<String, Long> expected = new TreeMap<>();
    read.forEach((path, entry) -> expected.put(path, entry.map(Entry::version).orElse(0L)));
    return expected;
  }

  private List<Change> changes() {
    List<Change> changes = new ArrayList<>();
    written.forEach((path, value) -> {
      Optional<Entry> stored =
          Objects.requireNonNull(read.get(path), () -> path + " is written without being read");
      Optional<ByteString> before = stored.map(Entry::value);
      if (!value.equals(before)) {
        changes.add(
            value
                .<Change>map(bytes -> new Change.Put(path, bytes))
                .orElseGet(() -> new Change.Delete(path)));
      }
    });
    return changes;
  }
}
