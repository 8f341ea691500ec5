package dev.shunt.cluster;

import binlogdata.Binlogdata.VReplicationWorkflowSubType;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shunt.workflow.migration.Materialization;
import dev.shunt.workflow.migration.Migration;
import dev.shunt.workflow.migration.OtherMigration;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.TableMigration;
import java.util.Collection;
import java.util.List;

/** Finds what a workflow moves from what its tablets say of its streams. */
public final class MigrationReading {
  private static final ObjectMapper JSON = new ObjectMapper();

  private MigrationReading() {}

  /**
   * The migration as the streams go.
   *
   * @param source keyspace that they read
   * @param target keyspace that they write
   * @param tables what their rules match
   * @param sourceShards shards that they read
   * @param targetShards shards that they write
   * @param type type that all streams share
   * @param subType subtype that all streams share
   * @param options options that all streams share, JSON or empty
   */
  public static Migration of(
      String source,
      String target,
      Collection<String> tables,
      Collection<String> sourceShards,
      Collection<String> targetShards,
      int type,
      int subType,
      String options) {
    VReplicationWorkflowType known = VReplicationWorkflowType.forNumber(type);
    return switch (known) {
      case MoveTables -> ofTables(source, target, tables, subType, options);
      case Reshard -> ofShards(source, target, sourceShards, targetShards);
      case Materialize, CreateLookupIndex -> new Materialization(source, target, known.name());
      case Migrate -> new OtherMigration(source, target, "Migrate from another cluster");
      case OnlineDDL -> new OtherMigration(source, target, "change of a table's definition");
      case null -> unknown(source, target, type);
      case UNRECOGNIZED -> unknown(source, target, type);
    };
  }

  private static Migration unknown(String source, String target, int type) {
    return new OtherMigration(source, target, "workflow of the unknown type " + type);
  }

  private static Migration ofTables(
      String source, String target, Collection<String> tables, int subType, String options) {
    if (subType == VReplicationWorkflowSubType.Partial_VALUE) {
      return new OtherMigration(source, target, "MoveTables of some shards only");
    }
    if (ofTenant(options)) {
      return new OtherMigration(source, target, "MoveTables of one tenant");
    }
    return new TableMigration(source, target, List.copyOf(tables));
  }

  /** What Vitess calls a Reshard stays in its keyspace, and no shard is on both sides. */
  private static Migration ofShards(
      String source,
      String target,
      Collection<String> sourceShards,
      Collection<String> targetShards) {
    return source.equals(target) && sourceShards.stream().noneMatch(targetShards::contains)
        ? new ShardMigration(target, List.copyOf(sourceShards), List.copyOf(targetShards))
        : new OtherMigration(source, target, "Reshard");
  }

  /** Options that nobody can read are none that Shunt wrote. */
  private static boolean ofTenant(String options) {
    if (options.isEmpty()) {
      return false;
    }
    try {
      return !JSON.readTree(options).path("tenant_id").asText("").isEmpty();
    } catch (JsonProcessingException e) {
      return options.contains("tenant_id");
    }
  }
}
