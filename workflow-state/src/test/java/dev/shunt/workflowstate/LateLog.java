package dev.shunt.workflowstate;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.registry.InMemoryRegistry;
import dev.shunt.service.KafkaSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * Admission as it is on a broker: what it emits is on the log, and its tasks are seen, once a
 * transaction is committed; its own events come back later still, behind those of others that were
 * on the log before.
 */
final class LateLog implements AutoCloseable {
  /** Name of admission in its events. */
  static final String ADMISSION = "admission";

  private static final String SENT = "events-sent";

  private final InMemoryRegistry registry = new InMemoryRegistry();
  private final MessageSerializer serializer = new MessageSerializer(registry);
  private final MessageDeserializer deserializer = new MessageDeserializer(registry);
  private final TopologyTestDriver driver;
  private final List<Event> events = new ArrayList<>();
  private final Map<String, Command> tasks = new LinkedHashMap<>();
  private final List<String> handedOut = new ArrayList<>();
  private long now = 1_000_000;
  private int read;

  LateLog(Path state) {
    WorkflowStateConfig config =
        new WorkflowStateConfig(
            KafkaSettings.defaults(), "test", state.toString(), 0, Duration.ofMillis(20));
    driver =
        new TopologyTestDriver(
            AdmissionTopology.create(registry, ADMISSION, () -> 1, Records.pace(), SENT),
            StreamsSettings.admission(config),
            Instant.ofEpochMilli(now));
  }

  /** A command comes. */
  void send(Command command) {
    pipe(Topics.COMMANDS, WorkflowKey.of(command.header()), command);
  }

  /** A service puts an event on the log. */
  void append(Event event) {
    events.add(event);
  }

  /** What admission did since the last one takes place. */
  void commit() {
    for (byte[] value : output(SENT).readValuesToList()) {
      events.add((Event) deserializer.decode(value));
    }
    for (String topic : AdmissionTopology.TASK_TOPICS.values()) {
      for (KeyValue<String, byte[]> task : output(topic).readKeyValuesToList()) {
        String place = topic + " " + task.key;
        if (task.value == null) {
          tasks.remove(place);
        } else {
          Command command = (Command) deserializer.decode(task.value);
          tasks.put(place, command);
          handedOut.add(command.header().commandId());
        }
      }
    }
  }

  /** Admission reads the next event of the log; false when it has read all. */
  boolean readBack() {
    if (read == events.size()) {
      return false;
    }
    Event event = events.get(read++);
    pipe(Topics.EVENTS, WorkflowKey.of(event.header()), event);
    return true;
  }

  /** Until admission has read all and there is nothing that it has still to commit. */
  void settle() {
    do {
      commit();
    } while (readBack());
  }

  /** The log. */
  List<Event> events() {
    return events;
  }

  /** Open tasks and signals, by topic and key; the ones of each topic as they came. */
  Map<String, Command> tasks() {
    return tasks;
  }

  /** Ids of all tasks and signals that services have seen, those that are gone as well. */
  List<String> handedOut() {
    return handedOut;
  }

  /** Milliseconds since the epoch. */
  long now() {
    return now;
  }

  void advance(Duration time) {
    now += time.toMillis();
    driver.advanceWallClockTime(time);
  }

  /** Whether nothing waits, neither in a queue nor to be read back. */
  boolean idle() {
    try (KeyValueIterator<String, byte[]> all =
        driver.<String, byte[]>getKeyValueStore(AdmissionTopology.ADMISSIONS).all()) {
      return !all.hasNext();
    }
  }

  /** How many records admission could not handle since this was asked before. */
  int rejected() {
    return output(Topics.REJECTED).readValuesToList().size();
  }

  private void pipe(String topic, WorkflowKey key, Message message) {
    driver
        .createInputTopic(topic, new StringSerializer(), new ByteArraySerializer())
        .pipeInput(key.toString(), Objects.requireNonNull(serializer.serialize(null, message)));
  }

  private TestOutputTopic<String, byte[]> output(String topic) {
    return driver.createOutputTopic(topic, new StringDeserializer(), new ByteArrayDeserializer());
  }

  @Override
  public void close() {
    driver.close();
  }
}
