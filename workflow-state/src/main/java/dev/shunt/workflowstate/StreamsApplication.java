package dev.shunt.workflowstate;

import dev.shunt.time.Time;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An application of Kafka Streams that goes on whatever fails in it. */
final class StreamsApplication {
  private static final Logger log = LoggerFactory.getLogger(StreamsApplication.class);

  private final String name;
  private final Time time;
  private final PatientClients clients;
  private final KafkaStreams streams;
  private final CompletableFuture<State> settled = new CompletableFuture<>();

  /**
   * @param name for people
   * @param pace of its commits
   */
  StreamsApplication(
      String name, Topology topology, Properties settings, CommitPace pace, Time time) {
    this.name = name;
    this.time = time;
    this.clients = new PatientClients(pace);
    this.streams = new KafkaStreams(topology, settings, clients);
    streams.setStateListener((now, before) -> {
      log.atInfo()
          .addKeyValue("application", name)
          .addKeyValue("state", now)
          .log("state of an application has changed");
      if (now == State.RUNNING || now == State.ERROR || now == State.NOT_RUNNING) {
        settled.complete(now);
      }
    });
    streams.setUncaughtExceptionHandler(failure -> {
      log.atError()
          .addKeyValue("application", name)
          .setCause(failure)
          .log("a thread of an application has failed, it is replaced");
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    });
  }

  String name() {
    return name;
  }

  void start() {
    streams.start();
  }

  /** Waits until it has its share of the partitions; false when it has not within that time. */
  boolean awaitRunning(Duration wait) throws InterruptedException {
    return time.await(settled, wait) && streams.state().isRunningOrRebalancing();
  }

  State state() {
    return streams.state();
  }

  /** Lets a poll that waits return, so that a close finds it ended. */
  void hurry() {
    clients.hurry();
  }

  /** Stops and leaves the group, so that others take over at once. */
  void close(Duration wait) {
    hurry();
    streams.close(
        CloseOptions.timeout(wait)
            .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
  }
}
