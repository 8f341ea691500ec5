package dev.shunt.workflowstate;

import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * When a changed state is told: at once, unless only the progress of streams changed; that is told
 * together with all other progress at the next tick. What is still to be told survives a restart.
 */
final class StatusEmitter {
  private static final byte[] MARK = {1};

  private final KeyValueStore<String, byte[]> untold;
  private final Consumer<WorkflowKey> tell;
  private final Set<String> marked = new HashSet<>();

  StatusEmitter(KeyValueStore<String, byte[]> untold, Consumer<WorkflowKey> tell) {
    this.untold = untold;
    this.tell = tell;
    try (KeyValueIterator<String, byte[]> all = untold.all()) {
      while (all.hasNext()) {
        KeyValue<String, byte[]> next = all.next();
        marked.add(next.key);
      }
    }
  }

  /** Something other than progress changed. */
  void changed(WorkflowKey key) {
    if (marked.remove(key.toString())) {
      untold.delete(key.toString());
    }
    tell.accept(key);
  }

  /** A stream report changed the state. */
  void reported(WorkflowKey key, @Nullable WorkflowStatus before, @Nullable WorkflowStatus after) {
    if (!sameButProgress(before, after)) {
      changed(key);
    } else if (marked.add(key.toString())) {
      untold.put(key.toString(), MARK);
    }
  }

  /** Tells all progress there is. */
  void tick() {
    for (String key : new ArrayList<>(marked)) {
      changed(WorkflowKey.parse(key));
    }
  }

  private static boolean sameButProgress(
      @Nullable WorkflowStatus before, @Nullable WorkflowStatus after) {
    if (before == null || after == null || before.streams().size() != after.streams().size()) {
      return false;
    }
    List<StreamStatus> old = before.streams();
    for (int i = 0; i < old.size(); i++) {
      if (!sameButProgress(old.get(i), after.streams().get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameButProgress(StreamStatus before, StreamStatus after) {
    return before.shard().equals(after.shard())
        && before.tablet().equals(after.tablet())
        && before.id() == after.id()
        && before.state().equals(after.state())
        && before.message().equals(after.message());
  }
}
