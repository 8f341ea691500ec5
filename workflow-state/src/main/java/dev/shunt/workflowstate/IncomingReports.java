package dev.shunt.workflowstate;

import dev.shunt.schemas.StreamHead;
import dev.shunt.schemas.StreamHeadReader;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.registry.SchemaRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Separates stream reports that can be folded from others, by their heads. */
final class IncomingReports {
  private static final int MOST_KNOWN = 100_000;

  private final StreamHeadReader heads;
  private final IntSupplier partitions;

  /** Workflows that records have been found to be rightly placed of, by partition and key. */
  private final Map<Place, WorkflowKey> known = new HashMap<>();

  /**
   * @param partitions how many partitions each topic has
   */
  IncomingReports(SchemaRegistry registry, IntSupplier partitions) {
    this.heads = new StreamHeadReader(registry);
    this.partitions = partitions;
  }

  private record Place(int partition, String key) {}

  /** What a record is. */
  sealed interface Read {
    /** A report that fits its key. */
    record Understood(WorkflowKey key, StreamHead head) implements Read {}

    /** Anything else. */
    record Unreadable(String reason) implements Read {}
  }

  /**
   * Reads a record of {@link Topics#STREAMS}, as {@link Incoming#read} does others.
   *
   * @throws dev.shunt.schemas.registry.RegistryException when the schema registry can't be reached:
   *     the record may be fine
   */
  Read read(int partition, byte @Nullable [] key, byte @Nullable [] value) {
    Optional<String> unusable = Incoming.unusable(key, value, Incoming.LARGEST_VALUE);
    if (unusable.isPresent() || value == null) {
      return new Read.Unreadable(unusable.orElseThrow());
    }
    StreamHead head;
    try {
      head = heads.read(value);
    } catch (UndecodableException e) {
      return new Read.Unreadable("the value " + e.getMessage());
    }
    if (head == null) {
      return new Read.Unreadable("the value is no report of a stream");
    }
    Place place = new Place(partition, Incoming.text(key));
    WorkflowKey before = known.get(place);
    if (before != null
        && before.keyspace().equals(head.keyspace())
        && before.workflow().equals(head.workflow())) {
      return new Read.Understood(before, head);
    }
    WorkflowKey named = WorkflowKey.of(head);
    Optional<String> misplaced =
        Incoming.misplaced(named, Topics.STREAMS, partition, key, partitions.getAsInt());
    if (misplaced.isPresent()) {
      return new Read.Unreadable(misplaced.get());
    }
    if (known.size() >= MOST_KNOWN) {
      known.clear();
    }
    known.put(place, named);
    return new Read.Understood(named, head);
  }
}
