package dev.shunt.workflowstate;

import dev.shunt.schemas.StatusKey;
import dev.shunt.schemas.WorkflowKey;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** Parts of topologies: sources, sinks and stores of bytes. */
final class Topologies {
  private Topologies() {}

  static void source(Topology topology, String name, String... topics) {
    topology.addSource(name, new ByteArrayDeserializer(), new ByteArrayDeserializer(), topics);
  }

  /** Into the partition that a producer chooses by the key. */
  static void sink(Topology topology, String name, String topic, String parent) {
    topology.addSink(name, topic, new ByteArraySerializer(), new ByteArraySerializer(), parent);
  }

  /** For records with a {@link StatusKey}. */
  static void statusSink(Topology topology, String name, String topic, String parent) {
    sinkByWorkflow(topology, name, topic, key -> StatusKey.parse(key).workflow(), parent);
  }

  /**
   * Into the partition of the workflow, where its events lie as well, whatever else a key says.
   *
   * @param workflows the workflow of a key; IllegalArgumentException when it names none
   */
  static void sinkByWorkflow(
      Topology topology,
      String name,
      String topic,
      Function<String, WorkflowKey> workflows,
      String parent) {
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
        name, topic, new ByteArraySerializer(), new ByteArraySerializer(), ofWorkflow, parent);
  }

  /** A store on disk, with a changelog. */
  static StoreBuilder<KeyValueStore<String, byte[]>> persistent(String name) {
    return Stores.keyValueStoreBuilder(
        Stores.persistentKeyValueStore(name), Serdes.String(), Serdes.ByteArray());
  }

  /** A store that ends with its process. */
  static StoreBuilder<KeyValueStore<String, byte[]>> inMemory(String name) {
    return Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray())
        .withLoggingDisabled();
  }
}
