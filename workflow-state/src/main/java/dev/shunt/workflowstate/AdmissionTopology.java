package dev.shunt.workflowstate;

import dev.shunt.schemas.TaskKey;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.workflow.lifecycle.ServiceName;
import java.util.Map;
import java.util.function.IntSupplier;
import org.apache.kafka.streams.Topology;

/**
 * Admission with the fold of events; and, for replays, the folds of events and of stream reports
 * alone. That of stream reports beside admission is {@link StreamFoldTopology}.
 *
 * <pre>
 *   shunt.commands ───────────┐                    ┌─► shunt.tasks.copy, .switch, .vdiff
 *   shunt.events ─────────────┼─► AdmissionProcessor ─► shunt.events (read back), shunt.workflows
 *   shunt.streams.summaries ──┘                    └─► shunt.rejected
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
   * @param instance who publishes the events of admission
   * @param partitions how many partitions each co-partitioned topic has; asked once a record comes
   * @param pace of commits, for all its tasks
   */
  static Topology create(
      SchemaRegistry registry, String instance, IntSupplier partitions, CommitPace pace) {
    return create(registry, instance, partitions, pace, Topics.EVENTS);
  }

  /** The same, whose events go elsewhere; somebody else has to bring them to be read back. */
  static Topology create(
      SchemaRegistry registry,
      String instance,
      IntSupplier partitions,
      CommitPace pace,
      String events) {
    Topology topology = new Topology();
    Topologies.source(topology, SOURCE, Topics.COMMANDS, Topics.EVENTS, Topics.STREAM_SUMMARIES);
    topology.addProcessor(
        PROCESSOR, () -> new AdmissionProcessor(registry, instance, partitions, pace), SOURCE);
    for (String store : new String[] {STATUSES, ADMISSIONS, COMMAND_IDS, UNTOLD}) {
      topology.addStateStore(Topologies.persistent(store), PROCESSOR);
    }
    Topologies.sink(topology, TO_EVENTS, events, PROCESSOR);
    Topologies.statusSink(topology, TO_WORKFLOWS, Topics.WORKFLOWS, PROCESSOR);
    Topologies.sink(topology, TO_REJECTED, Topics.REJECTED, PROCESSOR);
    TASK_TOPICS.forEach((service, topic) ->
        Topologies.sinkByWorkflow(
            topology, toTasks(service), topic, TaskKey::workflowOf, PROCESSOR));
    return topology;
  }

  /** The folds alone, into another status topic. */
  static Topology replay(SchemaRegistry registry, String output, int partitions) {
    Topology topology = new Topology();
    Topologies.source(topology, SOURCE, Topics.EVENTS, Topics.STREAMS);
    topology.addProcessor(PROCESSOR, () -> new ReplayProcessor(registry, partitions), SOURCE);
    topology.addStateStore(Topologies.inMemory(STATUSES), PROCESSOR);
    topology.addStateStore(Topologies.inMemory(StreamFoldTopology.STREAMS), PROCESSOR);
    Topologies.statusSink(topology, TO_WORKFLOWS, output, PROCESSOR);
    return topology;
  }
}
