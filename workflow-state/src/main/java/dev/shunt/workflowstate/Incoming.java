package dev.shunt.workflowstate;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Materialized;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.Relayed;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.WorkflowKey;
import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Tells records that can be handled from those that cannot. */
final class Incoming {
  /** What is larger could not be passed on within Kafka's limit. */
  static final int LARGEST_VALUE = 2 * 1024 * 1024;

  private static final int LONGEST_KEY = 512;

  private final MessageDeserializer deserializer;
  private final IntSupplier partitions;

  /**
   * @param partitions how many partitions each topic has
   */
  Incoming(MessageDeserializer deserializer, IntSupplier partitions) {
    this.deserializer = deserializer;
    this.partitions = partitions;
  }

  /** What a record is. */
  sealed interface Read {
    /** A record that fits its topic and its key. */
    record Understood(WorkflowKey key, Message message) implements Read {}

    /** Any other. */
    record Unreadable(String reason) implements Read {}
  }

  /**
   * Reads a record.
   *
   * <p>One that lies in a partition of another workflow is told apart here, as the state of its own
   * workflow is not at hand there: everything would look as if nothing were known of it.
   *
   * @throws dev.shunt.schemas.registry.RegistryException when the schema registry can't be reached:
   *     the record may be fine
   */
  Read read(String topic, int partition, byte @Nullable [] key, byte @Nullable [] value) {
    if (value == null) {
      return new Read.Unreadable("the record has no value");
    }
    if (value.length > LARGEST_VALUE) {
      return new Read.Unreadable(
          "the value has %d bytes, more than %d".formatted(value.length, LARGEST_VALUE));
    }
    if (key != null && key.length > LONGEST_KEY) {
      return new Read.Unreadable("the key has more than " + LONGEST_KEY + " bytes");
    }
    Message message;
    try {
      message = deserializer.decode(value);
    } catch (UndecodableException e) {
      return new Read.Unreadable("the value " + e.getMessage());
    }
    WorkflowKey named = keyOf(topic, message);
    if (named == null) {
      return new Read.Unreadable(
          "a %s does not belong on %s".formatted(message.getClass().getSimpleName(), topic));
    }
    String text = key == null ? "" : new String(key, StandardCharsets.UTF_8);
    if (!text.equals(named.toString())) {
      return new Read.Unreadable(
          "the record's key is not that of the workflow in its value, " + named);
    }
    int proper = named.partition(partitions.getAsInt());
    if (partition != proper) {
      return new Read.Unreadable(
          ("the record lies in partition %d of %s and the key %s belongs into partition %d of %d:"
                  + " let the producer choose by murmur2 of the key (librdkafka:"
                  + " partitioner=murmur2_random)")
              .formatted(partition, topic, named, proper, partitions.getAsInt()));
    }
    return new Read.Understood(named, message);
  }

  private static @Nullable WorkflowKey keyOf(String topic, Message message) {
    return switch (message) {
      case Command command when topic.equals(Topics.COMMANDS) -> WorkflowKey.of(command.header());
      case Event event when topic.equals(Topics.EVENTS) -> WorkflowKey.of(event.header());
      case StreamEvent event when topic.equals(Topics.STREAMS) ->
          new WorkflowKey(event.keyspace(), event.workflow());
      case Command _, Event _, StreamEvent _, Materialized _, Relayed _ -> null;
    };
  }
}
