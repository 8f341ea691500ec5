package dev.shunt.cli.log;

import dev.shunt.cli.render.OneLine;
import dev.shunt.client.EventRecord;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandDuplicate;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.CommandWaiting;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.SignalKind;
import dev.shunt.schemas.SignalSent;
import dev.shunt.schemas.SignalTaken;
import dev.shunt.schemas.StepFailed;
import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.StepUndone;
import dev.shunt.schemas.TrafficSwitched;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.schemas.WorkflowCompleted;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.schemas.WorkflowDeleted;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** An event as one line for people: when, which workflow, what, who reports it. */
final class EventLine {
  private EventLine() {}

  static String of(EventRecord record) {
    Event event = record.event();
    return OneLine.of(
        "%s %d/%d %s.%s %s: %s (command %s, by %s)"
            .formatted(
                Instant.ofEpochMilli(event.header().at()),
                record.partition(),
                record.offset(),
                event.header().keyspace(),
                event.header().workflow(),
                event.getClass().getSimpleName(),
                detail(event),
                event.header().commandId(),
                event.header().by()));
  }

  private static String detail(Event event) {
    return switch (event) {
      case CommandAdmitted e ->
          "%s for %s%s, issued by %s%s"
              .formatted(
                  e.commandType(),
                  e.service(),
                  e.dryRun() ? " (dry run)" : "",
                  e.issuer(),
                  e.reason().isEmpty() ? "" : " because " + e.reason());
      case CommandRefused e ->
          "%s issued by %s: %s: %s".formatted(e.commandType(), e.issuer(), e.code(), e.message());
      case CommandDuplicate e -> "%s sent again by %s".formatted(e.commandType(), e.issuer());
      case CommandWaiting e ->
          "%s issued by %s waits for %s".formatted(e.commandType(), e.issuer(), e.behind());
      case CommandSucceeded e ->
          "%s in %s: %s".formatted(e.commandType(), millis(e.durationMicros()), e.summary());
      case CommandFailed e -> "%s: %s: %s".formatted(e.commandType(), e.code(), e.message());
      case StepStarted e -> e.step() + " " + e.detail();
      case StepFinished e ->
          "%s in %s %s".formatted(e.step(), millis(e.durationMicros()), e.detail());
      case StepFailed e ->
          "%s after %s: %s".formatted(e.step(), millis(e.durationMicros()), e.error());
      case StepUndone e -> "%s in %s".formatted(e.step(), millis(e.durationMicros()));
      case WorkflowCreated e ->
          "%s of %s from %s".formatted(e.workflowType(), e.tables(), e.sourceKeyspace());
      case TrafficSwitched e ->
          "%s %s, writes at the %s, paused for %s"
              .formatted(
                  e.direction(),
                  e.tabletTypes(),
                  e.writesSwitched() ? "target" : "source",
                  millis(e.writePauseMicros()));
      case WorkflowCompleted e -> e.keptData() ? "source tables kept" : "source tables removed";
      case WorkflowDeleted e -> e.keptData() ? "target tables kept" : "target tables removed";
      case VDiffStarted e -> "%s of %s on %s".formatted(e.uuid(), e.tables(), e.shards());
      case VDiffTableFinished e ->
          "%s table %s on %s: %d rows, %d equal"
              .formatted(
                  e.uuid(),
                  e.result().table(),
                  e.result().shard(),
                  e.result().processedRows(),
                  e.result().matchingRows());
      case VDiffFinished e ->
          "%s %s, %d rows, %s%s"
              .formatted(
                  e.uuid(),
                  e.state(),
                  e.rowsCompared(),
                  e.hasMismatch() ? "with differences" : "no differences",
                  e.error().isEmpty() ? "" : ": " + e.error());
      case SignalSent e ->
          "%s to command %s for %s, issued by %s%s"
              .formatted(
                  signal(e.signal(), e.settings()),
                  e.target(),
                  e.service(),
                  e.issuer(),
                  e.reason().isEmpty() ? "" : " because " + e.reason());
      case SignalTaken e ->
          "%s (signal %s)".formatted(signal(e.signal(), e.settings()), e.signalId());
    };
  }

  private static String signal(SignalKind signal, Map<String, String> settings) {
    return settings.isEmpty() ? signal.name() : signal + " " + new TreeMap<>(settings);
  }

  private static String millis(long micros) {
    return micros / 1000 + " ms";
  }
}
