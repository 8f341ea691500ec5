package dev.shunt.topowatcher;

import dev.shunt.schemas.TopoChange;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.util.List;
import java.util.Map;

/** The log that is relayed to. */
interface RelayLog extends AutoCloseable {
  /** Makes the topics and starts to follow the statuses of workflows. */
  void start();

  /** Becomes the only one who can write; whoever did before fails from now on. */
  Writer takeOver();

  /** The last change of each topology record that was ever relayed, by key. */
  Map<String, TopoChange> topoChanges();

  /** The statuses of all workflows as they are known by now. */
  Map<WorkflowKey, WorkflowStatus> statuses();

  @Override
  void close();

  /** Writes for as long as nobody else took over. */
  interface Writer extends AutoCloseable {
    /**
     * Writes all records or none.
     *
     * @throws org.apache.kafka.common.KafkaException when it could not, or when another took over
     */
    void write(List<RelayRecord> records);

    @Override
    void close();
  }
}
