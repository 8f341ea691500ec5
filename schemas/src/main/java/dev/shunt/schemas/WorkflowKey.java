package dev.shunt.schemas;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/**
 * Names a workflow: the key of most topics.
 *
 * @param keyspace target keyspace, without a dot
 * @param workflow name within it
 */
public record WorkflowKey(String keyspace, String workflow) implements Comparable<WorkflowKey> {
  /** Reads {@code keyspace.workflow}; IllegalArgumentException when there is no dot. */
  public static WorkflowKey parse(String text) {
    int dot = text.indexOf('.');
    if (dot <= 0 || dot == text.length() - 1) {
      throw new IllegalArgumentException("not a workflow key (keyspace.workflow): " + text);
    }
    return new WorkflowKey(text.substring(0, dot), text.substring(dot + 1));
  }

  /** Key of the workflow that a command is for. */
  public static WorkflowKey of(CommandHeader header) {
    return new WorkflowKey(header.keyspace(), header.workflow());
  }

  /** Key of the workflow that an event is about. */
  public static WorkflowKey of(EventHeader header) {
    return new WorkflowKey(header.keyspace(), header.workflow());
  }

  /** Key of the workflow that a report is about. */
  public static WorkflowKey of(StreamEvent event) {
    return new WorkflowKey(event.keyspace(), event.workflow());
  }

  /** Key of the workflow that a report is about. */
  public static WorkflowKey of(StreamHead head) {
    return new WorkflowKey(head.keyspace(), head.workflow());
  }

  /** Key of the workflow that reports are about. */
  public static WorkflowKey of(StreamBatch batch) {
    return new WorkflowKey(batch.keyspace(), batch.workflow());
  }

  /** Key of the workflow whose streams it is about. */
  public static WorkflowKey of(StreamSummary summary) {
    return new WorkflowKey(summary.keyspace(), summary.workflow());
  }

  /**
   * The partition in which all records of the workflow lie, on a topic with that many partitions:
   * the one that Kafka's Java producer chooses (murmur2 of the key).
   */
  public int partition(int partitions) {
    byte[] key = toString().getBytes(StandardCharsets.UTF_8);
    return Utils.toPositive(Utils.murmur2(key)) % partitions;
  }

  @Override
  public int compareTo(WorkflowKey other) {
    int byKeyspace = keyspace.compareTo(other.keyspace);
    return byKeyspace != 0 ? byKeyspace : workflow.compareTo(other.workflow);
  }

  /** {@code keyspace.workflow}. */
  @Override
  public String toString() {
    return keyspace + "." + workflow;
  }
}
