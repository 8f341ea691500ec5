package dev.shunt.workflowstate;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Materialized;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.Relayed;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.StreamSummary;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.WorkflowKey;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Tells records that can be handled from those that cannot. */
final class Incoming {
  /** What is larger could not be passed on within Kafka's limit. */
  static final int LARGEST_VALUE = 2 * 1024 * 1024;

  /**
   * A batch of reports, of which one alone may have {@link #LARGEST_VALUE}; bytes that are no text
   * take up to three times as many when they are written again.
   */
  static final int LARGEST_BATCH = 3 * LARGEST_VALUE + 1024;

  /** A summary of streams, which has room for more names than a command. */
  private static final int LARGEST_SUMMARY = 4 * 1024 * 1024;

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
    Optional<String> unusable = unusable(key, value, largest(topic));
    if (unusable.isPresent() || value == null) {
      return new Read.Unreadable(unusable.orElseThrow());
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
    Optional<String> misplaced = misplaced(named, topic, partition, key, partitions.getAsInt());
    if (misplaced.isPresent()) {
      return new Read.Unreadable(misplaced.get());
    }
    return new Read.Understood(named, message);
  }

  private static int largest(String topic) {
    return switch (topic) {
      case Topics.STREAM_BATCHES -> LARGEST_BATCH;
      case Topics.STREAM_SUMMARIES -> LARGEST_SUMMARY;
      default -> LARGEST_VALUE;
    };
  }

  /** Why a record can't be read whatever is in it; empty when it has a value. */
  static Optional<String> unusable(byte @Nullable [] key, byte @Nullable [] value, int largest) {
    if (value == null) {
      return Optional.of("the record has no value");
    }
    if (value.length > largest) {
      return Optional.of("the value has %d bytes, more than %d".formatted(value.length, largest));
    }
    return key != null && key.length > LONGEST_KEY
        ? Optional.of("the key has more than " + LONGEST_KEY + " bytes")
        : Optional.empty();
  }

  /** Why a record is not where the records of its workflow are, if it isn't. */
  static Optional<String> misplaced(
      WorkflowKey named, String topic, int partition, byte @Nullable [] key, int partitions) {
    if (!text(key).equals(named.toString())) {
      return Optional.of("the record's key is not that of the workflow in its value, " + named);
    }
    int proper = named.partition(partitions);
    return partition == proper
        ? Optional.empty()
        : Optional.of(
            ("the record lies in partition %d of %s and the key %s belongs into partition %d of %d:"
                    + " let the producer choose by murmur2 of the key (librdkafka:"
                    + " partitioner=murmur2_random)")
                .formatted(partition, topic, named, proper, partitions));
  }

  /** A key as text; empty when there is none. */
  static String text(byte @Nullable [] key) {
    return key == null ? "" : new String(key, StandardCharsets.UTF_8);
  }

  private static @Nullable WorkflowKey keyOf(String topic, Message message) {
    return switch (message) {
      case Command command when topic.equals(Topics.COMMANDS) -> WorkflowKey.of(command.header());
      case Event event when topic.equals(Topics.EVENTS) -> WorkflowKey.of(event.header());
      case StreamEvent event when topic.equals(Topics.STREAMS) -> WorkflowKey.of(event);
      case StreamBatch batch when topic.equals(Topics.STREAM_BATCHES) -> WorkflowKey.of(batch);
      case StreamSummary summary when topic.equals(Topics.STREAM_SUMMARIES) ->
          WorkflowKey.of(summary);
      case Command _, Event _, StreamEvent _, Materialized _, Relayed _ -> null;
    };
  }
}
