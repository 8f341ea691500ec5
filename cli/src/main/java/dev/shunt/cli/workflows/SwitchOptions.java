package dev.shunt.cli.workflows;

import dev.shunt.cli.vtctld.GlobalOptions.GoDuration;
import dev.shunt.cli.vtctld.TabletTypeConverter;
import io.vitess.proto.Topodata.TabletType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import vttime.Vttime;

/** Flags of both directions of a switch, with vtctldclient's defaults. */
final class SwitchOptions {
  @Option(
      names = {"-c", "--cells"},
      split = ",",
      description = "Only reads of these cells.")
  List<String> cells = new ArrayList<>();

  @Option(
      names = "--dry-run",
      arity = "0..1",
      fallbackValue = "true",
      description = "Only print what would be done.")
  boolean dryRun;

  @Option(
      names = "--enable-reverse-replication",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Replicate back afterwards, so that it can be undone (default: true).")
  boolean reverseReplication = true;

  @Option(
      names = "--force",
      arity = "0..1",
      fallbackValue = "true",
      description =
          "Go on though not every tablet could be refreshed, and though the last diff found"
              + " differences where that is refused.")
  boolean force;

  @Option(
      names = "--max-replication-lag-allowed",
      defaultValue = "30s",
      converter = GoDuration.class,
      description = "Refuse when a stream lags more (default: ${DEFAULT-VALUE}).")
  Duration maxLag = Duration.ofSeconds(30);

  @Option(names = "--shards", hidden = true, split = ",", description = "Shards of a partial move.")
  List<String> shards = new ArrayList<>();

  @Option(
      names = "--tablet-types",
      split = ",",
      converter = TabletTypeConverter.class,
      description = "PRIMARY for writes, REPLICA and RDONLY for reads (default: all).")
  @Nullable List<TabletType> tabletTypes;

  @Option(
      names = "--timeout",
      defaultValue = "30s",
      converter = GoDuration.class,
      description = "Longest wait for streams to catch up (default: ${DEFAULT-VALUE}).")
  Duration timeout = Duration.ofSeconds(30);

  List<TabletType> tabletTypes() {
    return tabletTypes == null
        ? List.of(TabletType.PRIMARY, TabletType.REPLICA, TabletType.RDONLY)
        : tabletTypes;
  }

  static Vttime.Duration proto(Duration duration) {
    return Vttime.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }
}
