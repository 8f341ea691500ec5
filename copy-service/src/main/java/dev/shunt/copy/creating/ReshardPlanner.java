package dev.shunt.copy.creating;

import dev.shunt.cluster.Claims;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.Tables;
import dev.shunt.saga.Details;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunHistory;
import dev.shunt.saga.Saga;
import dev.shunt.saga.Success;
import dev.shunt.saga.Undos;
import dev.shunt.schemas.ReshardCreate;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.topo.Versioned;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.plan.CreateAction;
import dev.shunt.workflow.plan.CreatePlan;
import dev.shunt.workflow.plan.Plan;
import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.streams.ReshardStreams;
import io.vitess.proto.Topodata;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import vschema.Vschema;

/**
 * Plans the creation of a Reshard workflow. Everything is checked before anything changes; a run
 * that follows an interrupted one takes from the log which tables that one found missing, so that
 * the same count as created.
 */
public final class ReshardPlanner {
  private final Cluster cluster;

  /** Looks at this cluster. */
  public ReshardPlanner(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Checks the command and plans its steps. */
  public Saga plan(ReshardCreate command, Run run) throws Exception {
    String keyspace = command.header().keyspace();
    ShardMigration migration = migration(command);
    Vschema.Keyspace vschema = cluster.vschema(keyspace);
    CreationChecks.cells(cluster, command.cells());
    requireServing(migration);
    List<ShardPrimary> sources = primaries(keyspace, migration.sourceShards());
    List<ShardPrimary> targets = primaries(keyspace, migration.targetShards());
    CreationChecks.sharding(keyspace, vschema, targets.size());
    requireNothingDenied(sources);
    SortedMap<String, String> definitions = definitions(sources);
    Set<String> tables = definitions.keySet();
    requirePlaced(migration, vschema, tables);
    ServerChecks checks = new ServerChecks(cluster);
    checks.sources(sources, tables, List.of());
    checks.wholeSources(sources);
    checks.targets(targets, tables);
    Claims claims = cluster.claims(migration, command.header().workflow());
    boolean untouched = run.history().started(CreateAction.CREATE_STREAMS).isEmpty();
    if (untouched) {
      CreationChecks.nameIsFree(cluster, keyspace, command.header().workflow());
      ReshardCreation.requireAlone(claims);
    }
    TargetTableSetup setup = new TargetTableSetup(cluster);
    Map<String, Set<String>> missing =
        missing(run.history()).orElse(setup.missing(targets, tables));
    if (untouched) {
      if (command.skipSchemaCopy() && !missing.isEmpty()) {
        throw Refusal.failedPrecondition(
                "with skip-schema-copy the target shards must have all tables; they lack %s",
                missing)
            .exception();
      }
      setup.requireEmpty(keyspace, targets, tables, missing);
    }
    ReshardCreation creation =
        new ReshardCreation(
            command,
            sources,
            targets,
            definitions,
            missing,
            setup,
            claims,
            new TargetStreams(
                cluster,
                TargetStreams.Settings.of(command),
                targets,
                ReshardStreams.forward(
                    migration, List.of(), command.onDdl(), command.stopAfterCopy())));
    Plan<CreateAction> plan =
        CreatePlan.of(
            new CreatePlan.Request(
                migration,
                command.header().workflow(),
                missing,
                false,
                command.autoStart(),
                targets.stream().map(ShardPrimary::planned).toList()));
    if (command.header().dryRun()) {
      return Saga.answer(
          CreatePlanner.dryRun(command.header(), plan, run).beware(checks.warnings()));
    }
    return Saga.of(
        plan,
        creation::effect,
        false,
        r -> finish(command, migration, tables, checks.warnings(), r));
  }

  /** What earlier runs may have begun, made of what these recorded. */
  public Undos takingBack(ReshardCreate command, Run run) {
    if (run.history().started(CreateAction.CREATE_STREAMS).isEmpty()) {
      return Undos.NONE;
    }
    List<ShardPrimary> targets =
        primaries(command.header().keyspace(), migration(command).targetShards());
    ReshardCreation creation =
        new ReshardCreation(
            command,
            List.of(),
            targets,
            new TreeMap<>(),
            missing(run.history()).orElse(Map.of()),
            new TargetTableSetup(cluster),
            cluster.claims(migration(command), command.header().workflow()),
            new TargetStreams(cluster, TargetStreams.Settings.of(command), targets, Map.of()));
    return Undos.of(CreatePlan.UNDOS, creation.effects());
  }

  /** The tables of the sources, which all have the same. */
  private SortedMap<String, String> definitions(List<ShardPrimary> sources) throws Exception {
    TreeMap<String, String> all = new TreeMap<>();
    List<Map<String, String>> found =
        Parallel.map(sources, source -> Tables.definitions(cluster.client(source)));
    found.forEach(tables -> tables.forEach(all::putIfAbsent));
    for (int i = 0; i < sources.size(); i++) {
      Set<String> lacking = new TreeSet<>(all.keySet());
      lacking.removeAll(found.get(i).keySet());
      if (!lacking.isEmpty()) {
        throw Refusal.failedPrecondition(
                "source shard %s lacks table(s) that others have: %s; make them there, or drop them"
                    + " from the others",
                sources.get(i).name(), String.join(", ", lacking))
            .exception();
      }
    }
    return all;
  }

  private static void requireNothingDenied(List<ShardPrimary> sources) {
    for (ShardPrimary source : sources) {
      Optional<String> denied = source.deniedTables(Set.of());
      if (denied.isPresent()) {
        throw Refusal.failedPrecondition("%s", denied.get()).exception();
      }
    }
  }

  private static ShardMigration migration(ReshardCreate command) {
    return new ShardMigration(
        command.header().keyspace(), command.sourceShards(), command.targetShards());
  }

  private static Optional<Map<String, Set<String>>> missing(RunHistory history) {
    return history.started(CreateAction.CREATE_TABLES).map(Details::setsByName);
  }

  private List<ShardPrimary> primaries(String keyspace, Collection<String> shards) {
    return shards.stream().map(shard -> cluster.primary(keyspace, shard)).toList();
  }

  /** Sources serve, targets don't. */
  private void requireServing(ShardMigration migration) {
    SortedMap<String, Versioned<Topodata.Shard>> shards =
        cluster.topo().shards(migration.keyspace());
    for (String source : migration.sourceShards()) {
      if (!serves(shards, migration.keyspace(), source)) {
        throw Refusal.failedPrecondition(
                "source shard %s/%s does not serve", migration.keyspace(), source)
            .exception();
      }
    }
    for (String target : migration.targetShards()) {
      if (serves(shards, migration.keyspace(), target)) {
        throw Refusal.failedPrecondition(
                "target shard %s/%s serves already", migration.keyspace(), target)
            .exception();
      }
    }
  }

  private static boolean serves(
      Map<String, Versioned<Topodata.Shard>> shards, String keyspace, String shard) {
    Versioned<Topodata.Shard> record = shards.get(shard);
    if (record == null) {
      throw Refusal.of(Refusal.Code.NOT_FOUND, "there is no shard %s/%s", keyspace, shard)
          .exception();
    }
    return record.value().getIsPrimaryServing();
  }

  /** Where there are several shards, the VSchema must say of each row which one has it. */
  private static void requirePlaced(
      ShardMigration migration, Vschema.Keyspace vschema, Collection<String> tables) {
    boolean everyRow =
        migration.targetShards().stream().allMatch(shard -> KeyRange.ofShard(shard).isFull());
    if (everyRow) {
      return;
    }
    Set<String> reference = new TreeSet<>();
    Set<String> unplaced = new TreeSet<>();
    for (String table : tables) {
      Vschema.Table known = vschema.getTablesOrDefault(table, Vschema.Table.getDefaultInstance());
      if (known.getType().equals("reference")) {
        reference.add(table);
      } else if (known.getColumnVindexesCount() == 0) {
        unplaced.add(table);
      }
    }
    if (!reference.isEmpty()) {
      throw Refusal.of(
              Refusal.Code.UNIMPLEMENTED,
              "reference tables (%s) are not brought to new shards yet: drop them from keyspace %s"
                  + " and make them again behind the Reshard",
              String.join(", ", reference),
              migration.keyspace())
          .exception();
    }
    if (!unplaced.isEmpty()) {
      throw Refusal.failedPrecondition(
              "the vschema of keyspace %s does not say which shard has the rows of %s: give these"
                  + " tables a primary vindex, or drop them",
              migration.keyspace(), String.join(", ", unplaced))
          .exception();
    }
  }

  private static Success finish(
      ReshardCreate command,
      ShardMigration migration,
      Collection<String> tables,
      List<String> beware,
      Run run) {
    run.emit(
        new WorkflowCreated(
            run.header(),
            migration.kind(),
            migration.keyspace(),
            migration.sourceShards(),
            migration.targetShards(),
            List.copyOf(tables),
            List.of()));
    return Success.of(
            "Created workflow %s.%s, which moves the rows of shards %s to %s"
                .formatted(
                    migration.keyspace(),
                    command.header().workflow(),
                    migration.sourceShards(),
                    migration.targetShards()))
        .beware(beware);
  }
}
