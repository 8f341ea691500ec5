package dev.shunt.workflowstate;

import dev.shunt.schemas.OutcomeKind;
import dev.shunt.schemas.WorkflowKey;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** The ids of all commands that came, each with how it ended. Ids are told apart per workflow. */
final class SeenCommands {
  private final KeyValueStore<String, byte[]> store;

  SeenCommands(KeyValueStore<String, byte[]> store) {
    this.store = store;
  }

  boolean contains(WorkflowKey key, String commandId) {
    return store.get(entry(key, commandId)) != null;
  }

  /** How it ended; null while it has not, or when it never came. */
  @Nullable OutcomeKind outcome(WorkflowKey key, String commandId) {
    byte[] value = store.get(entry(key, commandId));
    if (value == null || value[0] == 0) {
      return null;
    }
    return switch (value[0]) {
      case 'S' -> OutcomeKind.SUCCEEDED;
      case 'F' -> OutcomeKind.FAILED;
      case 'R' -> OutcomeKind.REFUSED;
      default -> OutcomeKind.UNKNOWN;
    };
  }

  void came(WorkflowKey key, String commandId) {
    store.put(entry(key, commandId), new byte[] {0});
  }

  void ended(WorkflowKey key, String commandId, OutcomeKind outcome) {
    byte letter =
        (byte)
            switch (outcome) {
              case SUCCEEDED -> 'S';
              case FAILED -> 'F';
              case REFUSED -> 'R';
              case UNKNOWN -> 'U';
            };
    store.put(entry(key, commandId), new byte[] {letter});
  }

  private static String entry(WorkflowKey key, String commandId) {
    return key + "\0" + commandId;
  }
}
