package dev.shunt.workflowstate;

import dev.shunt.schemas.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownMemberIdException;

/** What groups of this version take over from the one group of versions before. */
final class InheritedOffsets {
  private InheritedOffsets() {}

  /**
   * Has the groups begin where versions before stopped, whose admission read the reports itself, or
   * folded the batches of them: what lies before that is folded, and is older than what comes of it
   * again. Does nothing with a group that has offsets of its own.
   *
   * @throws org.apache.kafka.common.KafkaException when the cluster refuses
   */
  static void take(Admin admin, WorkflowStateConfig config) {
    take(admin, config, Topics.STREAMS, GathererClients.group(config));
    take(admin, config, Topics.STREAM_BATCHES, StreamsSettings.streamFoldId(config));
  }

  private static void take(Admin admin, WorkflowStateConfig config, String topic, String group) {
    if (!offsets(admin, group, topic).isEmpty()) {
      return;
    }
    Map<TopicPartition, OffsetAndMetadata> before = offsets(admin, config.applicationId(), topic);
    if (before.isEmpty()) {
      return;
    }
    try {
      admin.alterConsumerGroupOffsets(group, before).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof UnknownMemberIdException)) { // else somebody reads already
        throw new KafkaException("the offsets of " + group + " can't be set", e.getCause());
      }
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private static Map<TopicPartition, OffsetAndMetadata> offsets(
      Admin admin, String group, String topic) {
    try {
      Map<TopicPartition, OffsetAndMetadata> reports = new HashMap<>();
      admin
          .listConsumerGroupOffsets(group)
          .partitionsToOffsetAndMetadata()
          .get()
          .forEach((partition, offset) -> {
            if (partition.topic().equals(topic) && offset != null) {
              reports.put(partition, offset);
            }
          });
      return reports;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return Map.of();
      }
      throw new KafkaException("the offsets of " + group + " can't be read", e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
