package dev.shunt.workflowstate;

import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandDuplicate;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.CommandWaiting;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.Rejected;
import dev.shunt.schemas.SchemaRegistration;
import dev.shunt.schemas.ShardStatus;
import dev.shunt.schemas.SignalSent;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamSummary;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.ClusterTopics;
import dev.shunt.service.InstanceId;
import dev.shunt.service.Service;
import dev.shunt.time.Time;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;

/**
 * Admits commands and keeps the state of every workflow. Any number of instances may run; each
 * takes a share of the partitions. Stream reports are gathered and folded apart from admission: how
 * many there are is nothing to commands.
 */
public final class WorkflowStateService implements Service {
  private static final Duration START_WITHIN = Duration.ofSeconds(60);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(10);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(10);

  /** What admission, the fold of stream reports and the gatherer write. */
  private static final List<Class<? extends Message>> WRITTEN =
      List.of(
          StreamBatch.class,
          StreamSummary.class,
          WorkflowStatus.class,
          ShardStatus.class,
          Rejected.class,
          CommandAdmitted.class,
          CommandDuplicate.class,
          CommandFailed.class,
          CommandRefused.class,
          CommandSucceeded.class,
          CommandWaiting.class,
          SignalSent.class);

  private final WorkflowStateConfig config;
  private final SchemaRegistry registry;
  private final StreamsApplication admission;
  private final StreamsApplication streamFold;
  private final ReportGatherer reports;
  private final OpenTransactionWatch openTransactions;
  private final Time time = Time.system();

  /** How many the topics have; known from the start on. */
  private volatile int partitions = Topics.PARTITIONS;

  /**
   * Makes it; {@link #start} has it take part.
   *
   * @param registry stays the caller's
   */
  public WorkflowStateService(WorkflowStateConfig config, SchemaRegistry registry) {
    this.config = config;
    this.registry = registry;
    CommitPace admissionPace = StreamsSettings.admissionPace(config, time::nanoTime);
    this.admission =
        new StreamsApplication(
            "admission",
            AdmissionTopology.create(
                registry, InstanceId.next("workflow-state"), () -> partitions, admissionPace),
            StreamsSettings.admission(config),
            admissionPace,
            time);
    CommitPace foldPace = StreamsSettings.streamFoldPace(config, time::nanoTime);
    this.streamFold =
        new StreamsApplication(
            "stream-fold",
            StreamFoldTopology.create(registry, () -> partitions, foldPace),
            StreamsSettings.streamFold(config),
            foldPace,
            time);
    this.reports =
        new ReportGatherer(
            () -> GathererClients.consumer(config),
            GathererClients.producers(config),
            registry,
            () -> partitions,
            time);
    this.openTransactions =
        new OpenTransactionWatch(
            config.kafka().admin(), config.applicationId(), LOOK_EVERY, LOOK_EVERY, time);
  }

  @Override
  public String name() {
    return "workflow-state";
  }

  /**
   * Creates missing topics, registers the schemas and starts; returns when this instance has its
   * share of the partitions. IllegalStateException when that takes more than a minute, or the
   * registry does not take a schema, SetupRefusedException when the topics have not as many
   * partitions as the cluster's record says.
   */
  @Override
  public void start() {
    partitions = ClusterTopics.ensure(config.kafka(), name());
    try (Admin admin = Admin.create(config.kafka().admin())) {
      InheritedOffsets.take(admin, config);
    }
    SchemaRegistration.register(registry, WRITTEN);
    openTransactions.start();
    reports.start();
    admission.start();
    streamFold.start();
    try {
      awaitRunning(admission);
      awaitRunning(streamFold);
      if (!time.await(reports.joined(), START_WITHIN)) {
        throw new IllegalStateException(
            "workflow-state has no share of %s after %d s"
                .formatted(Topics.STREAMS, START_WITHIN.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting workflow-state", e);
    }
  }

  private void awaitRunning(StreamsApplication application) throws InterruptedException {
    if (!application.awaitRunning(START_WITHIN)) {
      throw new IllegalStateException(
          "workflow-state did not start within %d s: %s"
              .formatted(
                  START_WITHIN.toSeconds(),
                  openTransactions
                      .longest()
                      .orElse(application.name() + " is " + application.state())));
    }
  }

  /** Stops and leaves the groups, so that others take over at once. */
  @Override
  public void close() {
    openTransactions.close();
    reports.close();
    admission.hurry();
    streamFold.hurry();
    streamFold.close(STOP_WITHIN);
    admission.close(STOP_WITHIN);
  }
}
