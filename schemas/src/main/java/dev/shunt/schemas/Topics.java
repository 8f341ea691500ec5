package dev.shunt.schemas;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Every topic: its name, whether it has one partition or many, and how long it keeps what.
 *
 * <p>The {@link #CO_PARTITIONED} topics have equally many partitions and the key of the workflow,
 * or one that begins with it ({@link TaskKey}, {@link StatusKey}), as their key, so that the
 * records of one workflow meet in one Kafka Streams task. How many, the record on {@link #CLUSTER}
 * says.
 */
public final class Topics {
  /** The cluster's own record, for ever; only the first one counts. */
  public static final String CLUSTER = "shunt.cluster";

  /** Commands, for ever. */
  public static final String COMMANDS = "shunt.commands";

  /** Admitted commands for the copy service; a key's tombstone says that its task has ended. */
  public static final String TASKS_COPY = "shunt.tasks.copy";

  /** Admitted commands for the switcher service, as {@link #TASKS_COPY}. */
  public static final String TASKS_SWITCH = "shunt.tasks.switch";

  /** Admitted commands for the vdiff service, as {@link #TASKS_COPY}. */
  public static final String TASKS_VDIFF = "shunt.tasks.vdiff";

  /** What happened, for ever: the audit log. */
  public static final String EVENTS = "shunt.events";

  /** What tablets report of their streams, seven days. */
  public static final String STREAMS = "shunt.streams";

  /** The last reports of streams, gathered by workflow to be folded, seven days. */
  public static final String STREAM_BATCHES = "shunt.streams.batches";

  /** What admission is to know of a workflow's streams, when that changes; the last of each. */
  public static final String STREAM_SUMMARIES = "shunt.streams.summaries";

  /** Changes of the topology, the last one of each path. */
  public static final String TOPO = "shunt.topo";

  /** The state of each workflow without its streams: the topic others subscribe to. */
  public static final String WORKFLOWS = "shunt.workflows";

  /**
   * The streams of each workflow, a record for each target shard that has any; see {@link
   * StatusKey} and {@link StatusJoiner}.
   */
  public static final String SHARDS = "shunt.workflows.shards";

  /** What could not be read or handled, thirty days. */
  public static final String REJECTED = "shunt.rejected";

  /** What the embedded schema registry keeps. */
  public static final String SCHEMAS = "_schemas";

  /** Partitions of each co-partitioned topic of a new cluster, unless its settings say another. */
  public static final int PARTITIONS = 16;

  /** As {@link #PARTITIONS}, where one broker within the process is all there is. */
  public static final int EMBEDDED_PARTITIONS = 4;

  /** Most partitions of a co-partitioned topic that settings may ask for. */
  public static final int MOST_PARTITIONS = 1024;

  /** Largest record of any topic, bytes; the fold keeps each record of a status below it. */
  public static final int MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

  private static final Map<String, String> FOR_EVER =
      Map.of("cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1");

  /**
   * Kafka never compacts the active segment, and with its defaults a segment of a quiet topic stays
   * active for a week: small segments that roll by time, and a low dirty ratio.
   */
  private static final Map<String, String> COMPACTED =
      Map.of(
          "cleanup.policy", "compact",
          "segment.ms", millis(Duration.ofMinutes(10)),
          "segment.bytes", Integer.toString(16 * 1024 * 1024),
          "min.cleanable.dirty.ratio", "0.1",
          "max.compaction.lag.ms", millis(Duration.ofHours(1)),
          "delete.retention.ms", millis(Duration.ofDays(1)));

  private static final List<TopicDefinition> ALL =
      List.of(
          single(CLUSTER, FOR_EVER),
          coPartitioned(COMMANDS, FOR_EVER),
          coPartitioned(TASKS_COPY, COMPACTED),
          coPartitioned(TASKS_SWITCH, COMPACTED),
          coPartitioned(TASKS_VDIFF, COMPACTED),
          coPartitioned(EVENTS, FOR_EVER),
          coPartitioned(STREAMS, keptFor(Duration.ofDays(7))),
          coPartitioned(STREAM_BATCHES, keptFor(Duration.ofDays(7))),
          coPartitioned(STREAM_SUMMARIES, COMPACTED),
          single(TOPO, COMPACTED),
          coPartitioned(WORKFLOWS, COMPACTED),
          coPartitioned(SHARDS, COMPACTED),
          single(REJECTED, keptFor(Duration.ofDays(30))),
          single(SCHEMAS, COMPACTED));

  /** Topics that must have equally many partitions. */
  public static final Set<String> CO_PARTITIONED =
      ALL.stream()
          .filter(TopicDefinition::coPartitioned)
          .map(TopicDefinition::name)
          .collect(Collectors.toUnmodifiableSet());

  private Topics() {}

  /** Definitions of all topics. */
  public static List<TopicDefinition> all() {
    return ALL;
  }

  /** The definition of one topic; IllegalArgumentException for any other name. */
  public static TopicDefinition definition(String name) {
    return ALL.stream()
        .filter(topic -> topic.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("not a topic of Shunt: " + name));
  }

  private static TopicDefinition coPartitioned(String name, Map<String, String> kept) {
    return new TopicDefinition(name, true, withLimit(kept));
  }

  private static TopicDefinition single(String name, Map<String, String> kept) {
    return new TopicDefinition(name, false, withLimit(kept));
  }

  private static Map<String, String> withLimit(Map<String, String> kept) {
    Map<String, String> configs = new TreeMap<>(kept);
    configs.put("max.message.bytes", Integer.toString(MAX_MESSAGE_BYTES));
    return configs;
  }

  private static Map<String, String> keptFor(Duration time) {
    return Map.of(
        "cleanup.policy", "delete", "retention.ms", millis(time), "retention.bytes", "-1");
  }

  private static String millis(Duration time) {
    return Long.toString(time.toMillis());
  }
}
