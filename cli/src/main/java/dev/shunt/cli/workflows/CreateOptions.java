package dev.shunt.cli.workflows;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Flags of MoveTables create beside those of its streams, with vtctldclient's defaults. */
final class CreateOptions {
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

  @Option(names = "--tables", split = ",", description = "Tables to move.")
  List<String> tables = new ArrayList<>();

  @Option(names = "--tenant-id", hidden = true, defaultValue = "", description = "Tenant to move.")
  String tenantId = "";
}
