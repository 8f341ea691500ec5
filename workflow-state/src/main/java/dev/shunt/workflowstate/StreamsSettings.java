package dev.shunt.workflowstate;

import dev.shunt.schemas.Topics;
import dev.shunt.service.KafkaSettings;
import java.time.Duration;
import java.util.Properties;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Kafka Streams properties. */
final class StreamsSettings {
  /** Between two tries of a request that a broker refuses for the moment. */
  static final int RETRY_MILLIS = 5;

  /**
   * While reports come without a pause, others see what comes of them so often: a commit for each
   * of many batches would take more than their fold.
   */
  private static final long FOLD_COMMIT_MILLIS = 100;

  private static final Duration FOLD_PAUSE = Duration.ofMillis(20);

  /** Shorter than what a service takes to answer at once, longer than records of a burst. */
  private static final Duration ADMISSION_PAUSE = Duration.ofMillis(3);

  /** In intervals of commits: what an admission says of itself mostly has its outcome within. */
  private static final int LEFT_OVER = 5;

  /** How long a poll of an application that is at work waits for records. */
  private static final long LONGEST_POLL_MILLIS = 5;

  private StreamsSettings() {}

  /** Of admission: exactly once, low latency, and a successor within the session timeout. */
  static Properties admission(WorkflowStateConfig config) {
    return exactlyOnce(config, config.applicationId());
  }

  /** Half of the interval is for records, so that what is left over rarely waits for it. */
  static CommitPace admissionPace(WorkflowStateConfig config, LongSupplier clock) {
    Duration interval = config.commitInterval();
    long leftOver =
        Math.min(interval.toMillis() * LEFT_OVER, config.kafka().sessionTimeoutMillis() / 2);
    return new CommitPace(
        ADMISSION_PAUSE, 2, interval.dividedBy(2), Duration.ofMillis(leftOver), clock);
  }

  static CommitPace streamFoldPace(WorkflowStateConfig config, LongSupplier clock) {
    Duration gap = Duration.ofMillis(foldCommitMillis(config));
    return new CommitPace(FOLD_PAUSE, 0, gap, gap, clock);
  }

  /** Of the fold of stream reports: as admission, but many batches in a transaction. */
  static Properties streamFold(WorkflowStateConfig config) {
    return exactlyOnce(config, streamFoldId(config));
  }

  private static long foldCommitMillis(WorkflowStateConfig config) {
    return Math.max(FOLD_COMMIT_MILLIS, config.commitInterval().toMillis());
  }

  /** Group and prefix of the internal topics of the fold of stream reports. */
  static String streamFoldId(WorkflowStateConfig config) {
    return config.applicationId() + "-streams";
  }

  private static Properties exactlyOnce(WorkflowStateConfig config, String applicationId) {
    KafkaSettings kafka = config.kafka();
    Properties all = base(kafka, applicationId, config.stateDirectory());
    all.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    // Commits are asked for, see Commits. One of the interval may be in the way of an outcome, so
    // it
    // is as long as a transaction may be.
    all.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, (long) kafka.sessionTimeoutMillis());
    // A longer poll would hold back the commit; PatientClients makes it longer when none is due.
    all.put(StreamsConfig.POLL_MS_CONFIG, LONGEST_POLL_MILLIS);
    all.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, config.standbyReplicas());
    // Where the transaction before is not quite at its end the broker refuses the first request of
    // the next one, and then all behind it, as out of order; none is behind it here, and the
    // refused one soon comes again.
    all.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION), 1);
    all.put(StreamsConfig.producerPrefix(ProducerConfig.RETRY_BACKOFF_MS_CONFIG), RETRY_MILLIS);
    // A dead instance's open transaction hides everything behind it until it times out.
    all.put(
        StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
        kafka.sessionTimeoutMillis());
    return all;
  }

  /** Once through the log, as fast as it goes; nothing is kept. */
  static Properties replay(KafkaSettings kafka, String applicationId, String stateDirectory) {
    Properties all = base(kafka, applicationId, stateDirectory);
    all.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    all.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100L);
    all.put(StreamsConfig.POLL_MS_CONFIG, 20L);
    all.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), "read_committed");
    return all;
  }

  private static Properties base(KafkaSettings kafka, String applicationId, String stateDirectory) {
    Properties all = new Properties();
    all.putAll(kafka.admin());
    all.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
    all.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory);
    all.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, kafka.replicationFactor());
    all.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0L);
    // The logs are folded the same however they interleave, so none is waited for: by default a
    // task takes no command while the transaction of another log is not read to its end.
    all.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
    all.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
    all.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
        kafka.sessionTimeoutMillis());
    all.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG),
        Math.max(200, kafka.sessionTimeoutMillis() / 5));
    all.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    all.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.RETRY_BACKOFF_MS_CONFIG),
        KafkaSettings.RETRY_BACKOFF_MILLIS);
    // A partition that is restored later than others is not read before this is over.
    all.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG), 500);
    all.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 0);
    all.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
        Topics.MAX_MESSAGE_BYTES);
    all.put(
        StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG),
        Integer.toString(Topics.MAX_MESSAGE_BYTES));
    return all;
  }
}
