package dev.shunt.cli.workflows;

import dev.shunt.cli.vtctld.TabletTypeConverter;
import io.vitess.proto.Topodata.TabletType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags of MoveTables create, with vtctldclient's defaults. */
final class CreateOptions {
  @Option(
      names = {"-a", "--all-cells"},
      arity = "0..1",
      fallbackValue = "true",
      description = "Copy from tablets of any cell.")
  boolean allCells;

  @Option(
      names = "--all-tables",
      arity = "0..1",
      fallbackValue = "true",
      description = "Move every table of the source keyspace.")
  boolean allTables;

  @Option(
      names = "--atomic-copy",
      arity = "0..1",
      fallbackValue = "true",
      description = "Copy all tables from one snapshot, for foreign keys.")
  boolean atomicCopy;

  @Option(
      names = "--auto-start",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Start the workflow after creating it (default: true).")
  boolean autoStart = true;

  @Option(
      names = {"-c", "--cells"},
      split = ",",
      description = "Cells to copy from.")
  List<String> cells = new ArrayList<>();

  @Option(names = "--config-overrides", split = ",", description = "Settings as key=value.")
  Map<String, String> configOverrides = new LinkedHashMap<>();

  @Option(
      names = "--defer-secondary-keys",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Add secondary keys after the rows are copied (default: true).")
  boolean deferSecondaryKeys = true;

  @Option(names = "--exclude-tables", split = ",", description = "Tables to leave out.")
  List<String> excludeTables = new ArrayList<>();

  @Option(
      names = "--global-keyspace",
      defaultValue = "",
      description = "Unsharded keyspace for sequences.")
  String globalKeyspace = "";

  @Option(
      names = "--no-routing-rules",
      arity = "0..1",
      fallbackValue = "true",
      description = "Write no routing rules.")
  boolean noRoutingRules;

  @Option(
      names = "--on-ddl",
      defaultValue = "IGNORE",
      description = "IGNORE, STOP, EXEC or EXEC_IGNORE (default: ${DEFAULT-VALUE}).")
  String onDdl = "IGNORE";

  @Option(
      names = "--sharded-auto-increment-handling",
      defaultValue = "REMOVE",
      description = "LEAVE, REMOVE or REPLACE (default: ${DEFAULT-VALUE}).")
  String autoIncrement = "REMOVE";

  @Option(
      names = "--shards",
      hidden = true,
      split = ",",
      description = "Target shards of a multi-tenant move.")
  List<String> shards = new ArrayList<>();

  @Option(names = "--source-keyspace", defaultValue = "", description = "Where the tables are.")
  String sourceKeyspace = "";

  @Option(names = "--source-shards", split = ",", description = "Only these source shards.")
  List<String> sourceShards = new ArrayList<>();

  @Option(
      names = "--source-time-zone",
      defaultValue = "",
      description = "Time zone of DATETIME values on the source.")
  String sourceTimeZone = "";

  @Option(
      names = "--stop-after-copy",
      arity = "0..1",
      fallbackValue = "true",
      description = "Stop once the rows are copied.")
  boolean stopAfterCopy;

  @Option(names = "--tables", split = ",", description = "Tables to move.")
  List<String> tables = new ArrayList<>();

  @Option(
      names = "--tablet-types",
      split = ",",
      converter = TabletTypeConverter.class,
      description = "Types of tablets to copy from (default: REPLICA,PRIMARY).")
  @Nullable List<TabletType> tabletTypes;

  @Option(
      names = "--tablet-types-in-preference-order",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Prefer the types in that order (default: true).")
  boolean inOrder = true;

  @Option(names = "--tenant-id", hidden = true, defaultValue = "", description = "Tenant to move.")
  String tenantId = "";

  List<TabletType> tabletTypes() {
    return tabletTypes == null ? List.of(TabletType.REPLICA, TabletType.PRIMARY) : tabletTypes;
  }
}
