package dev.shunt.command.sending;

import dev.shunt.command.reading.LiveStatus;
import dev.shunt.command.reading.WorkflowStates;
import dev.shunt.command.refusing.Refusals;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.Outcome;
import dev.shunt.schemas.StreamState;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import vtctldata.Vtctldata;

/**
 * The RPCs that change a workflow. Each becomes one command; the answer is made of its outcome. An
 * answer is given only once this process's own table shows the outcome, so that the caller's next
 * read sees it.
 */
public final class WriteCalls {
  private static final Duration OWN_TABLE = Duration.ofSeconds(5);

  private final CommandFactory factory;
  private final CommandGateway gateway;
  private final WorkflowStates workflows;
  private final LiveStatus live;
  private final Duration defaultTimeout;

  /**
   * Makes the calls.
   *
   * @param defaultTimeout how long an outcome is waited for when the caller sets no deadline
   */
  public WriteCalls(
      CommandGateway gateway,
      WorkflowStates workflows,
      LiveStatus live,
      InstantSource clock,
      Duration defaultTimeout) {
    this.factory = new CommandFactory(clock);
    this.gateway = gateway;
    this.workflows = workflows;
    this.live = live;
    this.defaultTimeout = defaultTimeout;
  }

  /** MoveTablesCreate: answers with the new workflow's status. */
  public Vtctldata.WorkflowStatusResponse create(Vtctldata.MoveTablesCreateRequest request) {
    return create(factory.create(request, Caller.current()));
  }

  /** ReshardCreate: answers with the new workflow's status. */
  public Vtctldata.WorkflowStatusResponse reshard(Vtctldata.ReshardCreateRequest request) {
    return create(factory.reshard(request, Caller.current()));
  }

  private Vtctldata.WorkflowStatusResponse create(Command command) {
    Summary.attach(execute(command).summary());
    return live.status(
        Vtctldata.WorkflowStatusRequest.newBuilder()
            .setKeyspace(command.header().keyspace())
            .setWorkflow(command.header().workflow())
            .build());
  }

  /** MoveTablesComplete. */
  public Vtctldata.MoveTablesCompleteResponse complete(
      Vtctldata.MoveTablesCompleteRequest request) {
    Reply.Succeeded done = execute(factory.complete(request, Caller.current()));
    return Vtctldata.MoveTablesCompleteResponse.newBuilder()
        .setSummary(done.summary())
        .addAllDryRunResults(done.lines())
        .build();
  }

  /** WorkflowSwitchTraffic, both directions. */
  public Vtctldata.WorkflowSwitchTrafficResponse switchTraffic(
      Vtctldata.WorkflowSwitchTrafficRequest request) {
    Reply.Succeeded done = execute(factory.switchTraffic(request, Caller.current()));
    return Vtctldata.WorkflowSwitchTrafficResponse.newBuilder()
        .setSummary(done.summary())
        .setStartState(done.attributes().getOrDefault("start_state", ""))
        .setCurrentState(done.attributes().getOrDefault("current_state", ""))
        .addAllDryRunResults(done.lines())
        .build();
  }

  /** WorkflowUpdate: start, stop and change. */
  public Vtctldata.WorkflowUpdateResponse update(Vtctldata.WorkflowUpdateRequest request) {
    Reply.Succeeded done = execute(factory.update(request, Caller.current()));
    awaitReports(request.getKeyspace(), request.getTabletRequest().getWorkflow());
    Vtctldata.WorkflowUpdateResponse.Builder answer =
        Vtctldata.WorkflowUpdateResponse.newBuilder().setSummary(done.summary());
    TabletDetails.of(done.attributes())
        .forEach((tablet, changed) ->
            answer.addDetails(
                Vtctldata.WorkflowUpdateResponse.TabletInfo.newBuilder()
                    .setTablet(TabletDetails.alias(tablet))
                    .setChanged(changed)));
    return answer.build();
  }

  /** WorkflowDelete: cancels a workflow. */
  public Vtctldata.WorkflowDeleteResponse delete(Vtctldata.WorkflowDeleteRequest request) {
    Reply.Succeeded done = execute(factory.delete(request, Caller.current()));
    Vtctldata.WorkflowDeleteResponse.Builder answer =
        Vtctldata.WorkflowDeleteResponse.newBuilder().setSummary(done.summary());
    TabletDetails.of(done.attributes())
        .forEach((tablet, deleted) ->
            answer.addDetails(
                Vtctldata.WorkflowDeleteResponse.TabletInfo.newBuilder()
                    .setTablet(TabletDetails.alias(tablet))
                    .setDeleted(deleted)));
    return answer.build();
  }

  /** VDiffCreate: answers as soon as the diff is admitted. */
  public Vtctldata.VDiffCreateResponse diff(Vtctldata.VDiffCreateRequest request) {
    VDiffCreate command = factory.diff(request, Caller.current());
    switch (gateway.submit(command, timeout())) {
      case Reply.Rejected rejected -> throw Refusals.of(rejected.code(), rejected.message());
      case Reply.Unheard unheard -> throw unheard(command);
      case Reply.Succeeded done -> {}
      case Reply.Admitted admitted -> {}
    }
    workflows.await(
        WorkflowKey.of(command.header()),
        status -> status.isPresent() && knows(status.get(), command),
        OWN_TABLE);
    return Vtctldata.VDiffCreateResponse.newBuilder().setUUID(command.uuid()).build();
  }

  /**
   * Waits until this process's table shows the streams as they are, so that the caller's next read
   * sees the change; reports of tablets come a moment after the outcome.
   */
  private void awaitReports(String keyspace, String workflow) {
    List<StreamStatus> streams;
    try {
      streams = live.streams(keyspace, workflow);
    } catch (RuntimeException e) {
      return; // the command has done what it should; that a tablet is gone since is another matter
    }
    workflows.await(
        new WorkflowKey(keyspace, workflow),
        status -> status.isPresent() && shows(status.get(), streams),
        OWN_TABLE);
  }

  private static boolean shows(WorkflowStatus status, List<StreamStatus> streams) {
    return streams.stream()
        .allMatch(stream -> status.streams().stream().anyMatch(shown -> isSame(shown, stream)));
  }

  /** As far as a command changes a stream; whether it copies or runs is its own business. */
  private static boolean isSame(StreamStatus one, StreamStatus other) {
    return one.tablet().equals(other.tablet())
        && one.id() == other.id()
        && isStopped(one) == isStopped(other)
        && one.cells().equals(other.cells())
        && one.tabletTypes().equals(other.tabletTypes())
        && one.options().equals(other.options());
  }

  private static boolean isStopped(StreamStatus stream) {
    return stream.streamState() == StreamState.STOPPED;
  }

  private Reply.Succeeded execute(Command command) {
    return switch (gateway.execute(command, timeout())) {
      case Reply.Succeeded done -> {
        workflows.await(
            WorkflowKey.of(command.header()),
            status -> hasOutcome(status, command.header(), done),
            OWN_TABLE);
        yield done;
      }
      case Reply.Rejected rejected -> throw Refusals.of(rejected.code(), rejected.message());
      case Reply.Unheard unheard -> throw unheard(command);
      case Reply.Admitted admitted -> throw unheard(command);
    };
  }

  private static RuntimeException unheard(Command command) {
    return Status.DEADLINE_EXCEEDED
        .withDescription(
            "no outcome of command %s on workflow %s yet; it may still be carried out: look at the"
                    .formatted(command.header().commandId(), WorkflowKey.of(command.header()))
                + " workflow's status, or send the command again with the same id")
        .asRuntimeException();
  }

  /** A status has the last outcome only: that of a diff may have come right behind. */
  private static boolean hasOutcome(
      Optional<WorkflowStatus> status, CommandHeader header, Reply.Succeeded done) {
    InFlight inFlight = status.map(WorkflowStatus::inFlight).orElse(null);
    Outcome last = status.map(WorkflowStatus::lastOutcome).orElse(null);
    boolean ended = inFlight == null || !inFlight.commandId().equals(header.commandId());
    return last != null
        && (last.commandId().equals(header.commandId()) || (ended && last.at() >= done.at()));
  }

  private static boolean knows(WorkflowStatus status, VDiffCreate command) {
    return status.inFlightDiffs().stream()
            .anyMatch(running -> running.commandId().equals(command.header().commandId()))
        || status.diffs().stream().anyMatch(diff -> diff.uuid().equals(command.uuid()));
  }

  private Duration timeout() {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null
        ? defaultTimeout
        : Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
  }
}
