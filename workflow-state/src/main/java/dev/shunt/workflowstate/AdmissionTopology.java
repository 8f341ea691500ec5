package dev.shunt.workflowstate;

import dev.shunt.schemas.StatusKey;
import dev.shunt.schemas.TaskKey;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.workflow.lifecycle.ServiceName;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The topologies: admission with the fold, and the fold alone for replays.
 *
 * <pre>
 *   shunt.commands ─────────┐                    ┌─► shunt.tasks.copy, .switch, .vdiff
 *   shunt.events ───────────┼─► AdmissionProcessor ─► shunt.events (read back), shunt.workflows
 *   shunt.streams.batches ──┘                    └─► shunt.rejected
 * </pre>
 */
final class AdmissionTopology {
  static final String STATUSES = "statuses";
  static final String ADMISSIONS = "admissions";
  static final String COMMAND_IDS = "command-ids";

  /** Of an earlier version: workflows whose state is in the store and not on its topic yet. */
  static final String UNTOLD = "untold";

  static final String TO_EVENTS = "to-events";
  static final String TO_WORKFLOWS = "to-workflows";
  static final String TO_REJECTED = "to-rejected";

  /** Task topic of each service. */
  static final Map<ServiceName, String> TASK_TOPICS =
      Map.of(
          ServiceName.COPY, Topics.TASKS_COPY,
          ServiceName.SWITCH, Topics.TASKS_SWITCH,
          ServiceName.VDIFF, Topics.TASKS_VDIFF);

  private static final String SOURCE = "records";
  private static final String PROCESSOR = "admission";

  private AdmissionTopology() {}

  static String toTasks(ServiceName service) {
    return "to-tasks-" + service.text();
  }

  /**
   * Admission and fold.
   *
   * @param instance who tells the events of admission
   * @param partitions how many partitions each co-partitioned topic has; asked once a record comes
   */
  static Topology create(SchemaRegistry registry, String instance, IntSupplier partitions) {
    return create(registry, instance, partitions, Topics.EVENTS);
  }

  /** The same, whose events go elsewhere; somebody else has to bring them to be read back. */
  static Topology create(
      SchemaRegistry registry, String instance, IntSupplier partitions, String events) {
    Topology topology = new Topology();
    source(topology, SOURCE, Topics.COMMANDS, Topics.EVENTS, Topics.STREAM_BATCHES);
    topology.addProcessor(
        PROCESSOR, () -> new AdmissionProcessor(registry, instance, partitions), SOURCE);
    for (String store : new String[] {STATUSES, ADMISSIONS, COMMAND_IDS, UNTOLD}) {
      topology.addStateStore(persistent(store), PROCESSOR);
    }
    sink(topology, TO_EVENTS, events, PROCESSOR);
    statusSink(topology, Topics.WORKFLOWS);
    sink(topology, TO_REJECTED, Topics.REJECTED, PROCESSOR);
    TASK_TOPICS.forEach((service, topic) ->
        partitionedSink(topology, toTasks(service), topic, TaskKey::workflowOf));
    return topology;
  }

  /** The fold alone, into another status topic. */
  static Topology replay(SchemaRegistry registry, String output, int partitions) {
    Topology topology = new Topology();
    source(topology, SOURCE, Topics.EVENTS, Topics.STREAMS);
    topology.addProcessor(PROCESSOR, () -> new ReplayProcessor(registry, partitions), SOURCE);
    topology.addStateStore(inMemory(STATUSES), PROCESSOR);
    statusSink(topology, output);
    return topology;
  }

  private static void statusSink(Topology topology, String topic) {
    partitionedSink(topology, TO_WORKFLOWS, topic, key -> StatusKey.parse(key).workflow());
  }

  /**
   * Into the partition of the workflow, where its events lie as well, whatever else a key says.
   *
   * @param workflows the workflow of a key; IllegalArgumentException when it names none
   */
  private static void partitionedSink(
      Topology topology, String name, String topic, Function<String, WorkflowKey> workflows) {
    StreamPartitioner<byte[], byte[]> ofWorkflow =
        (unused, key, value, partitions) -> {
          try {
            WorkflowKey workflow = workflows.apply(new String(key, StandardCharsets.UTF_8));
            return Optional.of(Set.of(workflow.partition(partitions)));
          } catch (IllegalArgumentException e) {
            return Optional.empty(); // nobody can name it: as the producer chooses
          }
        };
    topology.addSink(
        name, topic, new ByteArraySerializer(), new ByteArraySerializer(), ofWorkflow, PROCESSOR);
  }

  private static void source(Topology topology, String name, String... topics) {
    topology.addSource(name, new ByteArrayDeserializer(), new ByteArrayDeserializer(), topics);
  }

  private static void sink(Topology topology, String name, String topic, String parent) {
    topology.addSink(name, topic, new ByteArraySerializer(), new ByteArraySerializer(), parent);
  }

  private static StoreBuilder<KeyValueStore<String, byte[]>> persistent(String name) {
    return Stores.keyValueStoreBuilder(
        Stores.persistentKeyValueStore(name), Serdes.String(), Serdes.ByteArray());
  }

  private static StoreBuilder<KeyValueStore<String, byte[]>> inMemory(String name) {
    return Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray())
        .withLoggingDisabled();
  }
}
