package dev.shunt.cli.vdiff;

import dev.shunt.cli.render.TerminalProgress;
import dev.shunt.cli.vtctld.Format;
import dev.shunt.cli.vtctld.GlobalOptions.GoDuration;
import dev.shunt.cli.vtctld.Reads;
import dev.shunt.cli.vtctld.TabletTypeConverter;
import io.vitess.proto.Topodata.TabletType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;
import vttime.Vttime;

/** {@code vdiff … create [UUID]}. */
@Command(name = "create", description = "Begins a diff.")
@Reads({Reads.Group.CALLS, Reads.Group.MESSAGES, Reads.Group.ISSUES, Reads.Group.COMMANDS})
final class VDiffCreateVerb extends VDiffCommand.Action {
  @Parameters(paramLabel = "UUID", arity = "0..1", description = "Id (default: a new one).")
  @Nullable String uuid;

  @Option(
      names = "--auto-retry",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Try again after a passing error (default: true).")
  boolean autoRetry = true;

  @Option(
      names = "--auto-start",
      hidden = true,
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Start at once (default: true).")
  boolean autoStart = true;

  @Option(
      names = "--debug-query",
      arity = "0..1",
      fallbackValue = "true",
      description = "With a query that fetches the row, for each sample.")
  boolean debugQuery;

  @Option(
      names = "--filtered-replication-wait-time",
      defaultValue = "30s",
      converter = GoDuration.class,
      description = "Longest wait for a stream (default: ${DEFAULT-VALUE}).")
  Duration waitTime = Duration.ofSeconds(30);

  @Option(
      names = "--limit",
      defaultValue = "9223372036854775807",
      description = "Rows of a table to stop after.")
  long limit = Long.MAX_VALUE;

  @Option(
      names = "--max-diff-duration",
      hidden = true,
      defaultValue = "0s",
      converter = GoDuration.class,
      description = "Longest time on one snapshot (default: no limit).")
  Duration maxDuration = Duration.ZERO;

  @Option(
      names = "--max-extra-rows-to-compare",
      defaultValue = "1000",
      description = "Extra rows kept for a second look (default: ${DEFAULT-VALUE}).")
  long maxExtraRows = 1000;

  @Option(
      names = "--max-report-sample-rows",
      defaultValue = "10",
      description = "Differing rows in the report (default: ${DEFAULT-VALUE}).")
  long maxSampleRows = 10;

  @Option(
      names = "--only-pks",
      arity = "0..1",
      fallbackValue = "true",
      description = "Report only primary keys.")
  boolean onlyPks;

  @Option(
      names = "--row-diff-column-truncate-at",
      defaultValue = "128",
      description = "Cut values in samples there (default: ${DEFAULT-VALUE}).")
  long truncateAt = 128;

  @Option(names = "--source-cells", split = ",", description = "Cells to read the source from.")
  List<String> sourceCells = new ArrayList<>();

  @Option(names = "--tables", split = ",", description = "Only these tables.")
  List<String> tables = new ArrayList<>();

  @Option(
      names = "--tablet-types",
      split = ",",
      converter = TabletTypeConverter.class,
      description = "Types of tablets to read from (default: RDONLY,REPLICA,PRIMARY).")
  @Nullable List<TabletType> tabletTypes;

  @Option(
      names = "--tablet-types-in-preference-order",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Prefer the types in that order (default: true).")
  boolean inOrder = true;

  @Option(names = "--target-cells", split = ",", description = "Cells to read the target from.")
  List<String> targetCells = new ArrayList<>();

  @Option(
      names = "--update-table-stats",
      arity = "0..1",
      fallbackValue = "true",
      description = "ANALYZE the tables first.")
  boolean updateStats;

  @Option(
      names = "--wait",
      arity = "0..1",
      fallbackValue = "true",
      description = "Wait until it has ended.")
  boolean wait;

  @Option(
      names = "--wait-update-interval",
      defaultValue = "1m0s",
      converter = GoDuration.class,
      description = "How often to look while waiting (default: ${DEFAULT-VALUE}).")
  Duration interval = Duration.ofMinutes(1);

  @Override
  void act(VtctldGrpc.VtctldBlockingStub vtctld) throws InterruptedException {
    if (limit < 1) {
      throw refuse("--limit must be a positive value");
    }
    if (maxExtraRows < 0) {
      throw refuse("--max-extra-rows-to-compare must not be a negative value");
    }
    String id = uuid == null ? UUID.randomUUID().toString() : uuid(uuid);
    Vtctldata.VDiffCreateResponse answer = vtctld.vDiffCreate(request(id));
    if (wait) {
      await(vtctld, id);
    } else if (target().format == Format.JSON) {
      print(answer);
    } else {
      out()
          .println(
              "VDiff %s scheduled on target shards, use show to view progress"
                  .formatted(answer.getUUID()));
    }
  }

  /** Prints the report each interval, as vtctldclient; on a terminal a bar moves instead. */
  private void await(VtctldGrpc.VtctldBlockingStub vtctld, String id) throws InterruptedException {
    Vtctldata.VDiffShowRequest show =
        Vtctldata.VDiffShowRequest.newBuilder()
            .setWorkflow(target().workflow)
            .setTargetKeyspace(target().keyspace)
            .setArg(id)
            .build();
    try (TerminalProgress progress = TerminalProgress.onTerminal("VDiff")) {
      long look = progress.visible() ? Math.min(interval.toMillis(), 500) : interval.toMillis();
      while (true) {
        Thread.sleep(look);
        DiffSummary summary = DiffSummary.of(target(), id, vtctld.vDiffShow(show));
        progress.at(summary.percentage());
        if (summary.ended()) {
          progress.end();
          printer(false).print(summary);
          return;
        }
        if (!progress.visible()) {
          printer(false).print(summary);
        }
      }
    }
  }

  private Vtctldata.VDiffCreateRequest request(String id) {
    List<TabletType> types =
        tabletTypes == null
            ? List.of(TabletType.RDONLY, TabletType.REPLICA, TabletType.PRIMARY)
            : tabletTypes;
    return Vtctldata.VDiffCreateRequest.newBuilder()
        .setWorkflow(target().workflow)
        .setTargetKeyspace(target().keyspace)
        .setUuid(id)
        .addAllSourceCells(sourceCells.stream().map(String::strip).toList())
        .addAllTargetCells(targetCells.stream().map(String::strip).toList())
        .addAllTabletTypes(types)
        .setTabletSelectionPreference(
            inOrder ? TabletSelectionPreference.INORDER : TabletSelectionPreference.ANY)
        .addAllTables(tables.stream().map(String::strip).toList())
        .setLimit(limit)
        .setFilteredReplicationWaitTime(proto(waitTime))
        .setDebugQuery(debugQuery)
        .setOnlyPKs(onlyPks)
        .setUpdateTableStats(updateStats)
        .setMaxExtraRowsToCompare(maxExtraRows)
        .setWait(wait)
        .setWaitUpdateInterval(proto(interval))
        .setAutoRetry(autoRetry)
        .setMaxReportSampleRows(maxSampleRows)
        .setMaxDiffDuration(proto(maxDuration))
        .setRowDiffColumnTruncateAt(truncateAt)
        .setAutoStart(autoStart)
        .build();
  }

  private static Vttime.Duration proto(Duration duration) {
    return Vttime.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }
}
