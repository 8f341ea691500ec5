package dev.shunt.workflowstate;

import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.SchemaRegistry;
import java.util.function.IntSupplier;
import org.apache.kafka.streams.Topology;

/**
 * The fold of stream reports, an application of its own, so that however many there are no command
 * waits for them. What admission has to know of the streams is published when that changes.
 *
 * <pre>
 *   shunt.streams.batches ──► StreamFoldProcessor ─┬─► shunt.workflows.shards
 *                                                  ├─► shunt.streams.summaries
 *                                                  └─► shunt.rejected
 * </pre>
 */
final class StreamFoldTopology {
  static final String STREAMS = "streams";

  static final String TO_SHARDS = "to-shards";
  static final String TO_SUMMARIES = "to-summaries";
  static final String TO_REJECTED = "to-rejected";

  private static final String SOURCE = "batches";
  private static final String PROCESSOR = "fold";

  private StreamFoldTopology() {}

  /**
   * The fold.
   *
   * @param partitions how many partitions each co-partitioned topic has; asked once a record comes
   * @param pace of commits, for all its tasks
   */
  static Topology create(SchemaRegistry registry, IntSupplier partitions, CommitPace pace) {
    Topology topology = new Topology();
    Topologies.source(topology, SOURCE, Topics.STREAM_BATCHES);
    topology.addProcessor(
        PROCESSOR, () -> new StreamFoldProcessor(registry, partitions, pace), SOURCE);
    topology.addStateStore(Topologies.persistent(STREAMS), PROCESSOR);
    Topologies.statusSink(topology, TO_SHARDS, Topics.SHARDS, PROCESSOR);
    Topologies.sink(topology, TO_SUMMARIES, Topics.STREAM_SUMMARIES, PROCESSOR);
    Topologies.sink(topology, TO_REJECTED, Topics.REJECTED, PROCESSOR);
    return topology;
  }
}
