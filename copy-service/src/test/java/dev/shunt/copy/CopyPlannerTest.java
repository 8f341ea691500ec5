package dev.shunt.copy;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.TaskHandler;
import dev.shunt.saga.fake.FakeCluster;
import dev.shunt.saga.fake.FakeRow;
import dev.shunt.saga.fake.FakeTablet;
import dev.shunt.saga.fake.MemoryFolder;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.DesiredState;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowUpdate;
import dev.shunt.time.Time;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.TableRouting;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import dev.shunt.workflow.streams.MigrationId;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import vschema.Vschema;

class CopyPlannerTest {
  private static final TableMigration MOVE =
      new TableMigration("commerce", "customer", List.of("corder", "customer"));

  @TempDir(factory = MemoryFolder.class)
  Path folder;

  private FakeCluster cluster;
  private FakeTablet source;
  private SagaTrial trial;

  @BeforeEach
  void setUp() {
    cluster = new FakeCluster(folder);
    cluster.keyspace("commerce", "0");
    source = cluster.tablet("commerce", "0");
    for (String table : List.of("corder", "customer", "product")) {
      source.tables.put(table, "CREATE TABLE `" + table + "` (\n  `id` int AUTO_INCREMENT\n)");
    }
    trial =
        new SagaTrial(
            cluster,
            new CopyPlanner(cluster.cluster(), this::created, DifferenceGuard.NONE, Time.system()));
  }

  @AfterEach
  void tearDown() {
    cluster.close();
  }

  private Optional<Set<String>> created(dev.shunt.saga.Task task) {
    return trial.log.ofType(WorkflowCreated.class).stream()
        .findFirst()
        .map(event -> Set.copyOf(event.createdTables()));
  }

  private void unshardedTarget() {
    cluster.keyspace("customer", "0");
  }

  private void shardedTarget() {
    cluster.keyspace("customer", "-80", "80-");
    cluster.shardById("customer", "corder", "customer");
  }

  private List<String> denied(String keyspace, String shard) {
    return DeniedTables.of(cluster.topo.shard(keyspace, shard).orElseThrow().value());
  }

  private Map<String, String> rules() {
    return cluster.topo.routingRules().value().getRulesList().stream()
        .collect(
            java.util.stream.Collectors.toMap(
                Vschema.RoutingRule::getFromTable, rule -> rule.getToTables(0)));
  }

  @Test
  void createsTablesStreamsAndRouting() {
    unshardedTarget();
    assertThat(trial.outcome(Samples.create("c1", "customer", "corder"))).startsWith("succeeded");
    FakeTablet target = cluster.tablet("customer", "0");
    assertThat(target.tables.keySet()).containsExactly("corder", "customer");
    assertThat(target.streams("c2c")).hasSize(1);
    FakeRow stream = target.streams("c2c").getFirst();
    assertThat(stream.state).isEqualTo(VReplicationWorkflowState.Running);
    assertThat(stream.options).isEqualTo("{\"sharded_auto_increment_handling\":1}");
    assertThat(rules())
        .hasSize(18)
        .containsEntry("customer.corder", "commerce.corder")
        .containsEntry("corder@replica", "commerce.corder");
    assertThat(target.denied).containsExactly("corder", "customer");
    assertThat(cluster.topo.vschema("customer").orElseThrow().value().getTablesMap())
        .containsKeys("corder", "customer");
    assertThat(
            cluster.topo.srvVSchema("zone1").orElseThrow().value().getRoutingRules().getRulesList())
        .hasSize(18);
    WorkflowCreated created = trial.log.ofType(WorkflowCreated.class).getFirst();
    assertThat(created.createdTables()).containsExactly("corder", "customer");
  }

  @Test
  void tellsWhatACreationWouldDoAndDoesNothing() {
    unshardedTarget();
    assertThat(
            trial.outcome(
                Samples.create("c1", "customer", "corder")
                    .with(draft -> draft.header = Samples.dryRun("c1"))))
        .startsWith("succeeded Create dry run results for workflow customer.c2c at ");
    assertThat(trial.log.ofType(dev.shunt.schemas.CommandSucceeded.class).getLast().lines())
        .containsExactly(
            "Create vreplication streams of workflow c2c, stopped, on: [tablet:200]",
            "Deny tables [corder,customer] on: [keyspace:customer;shard:0;tablet:200]",
            "Create these tables in the database for keyspace customer:"
                + " [keyspace:customer;shard:0;dbname:customer;tablet:200;table:corder,"
                + "keyspace:customer;shard:0;dbname:customer;tablet:200;table:customer]",
            "Route tables [corder,customer] to keyspace commerce",
            "Routing rules for tables [corder,customer] will be updated",
            "Start vreplication streams on: [tablet:200]");
    FakeTablet target = cluster.tablet("customer", "0");
    assertThat(target.tables).isEmpty();
    assertThat(target.streams("c2c")).isEmpty();
    assertThat(target.denied).isEmpty();
    assertThat(denied("customer", "0")).isEmpty();
    assertThat(rules()).isEmpty();
    assertThat(trial.log.ofType(WorkflowCreated.class)).isEmpty();
    assertThat(trial.log.ofType(dev.shunt.schemas.StepStarted.class)).isEmpty();
  }

  @Test
  void createsAStreamForEachTargetShardWithoutAutoIncrement() {
    shardedTarget();
    assertThat(trial.outcome(Samples.create("c1", "customer", "corder"))).startsWith("succeeded");
    FakeTablet first = cluster.tablet("customer", "-80");
    assertThat(first.tables.get("corder")).doesNotContain("AUTO_INCREMENT");
    assertThat(first.streams("c2c").getFirst().source.getFilter().getRules(0).getFilter())
        .isEqualTo("select * from corder where in_keyrange(id, 'customer.hash', '-80')");
    assertThat(cluster.tablet("customer", "80-").streams("c2c")).hasSize(1);
  }

  @Test
  void refusesInVitesssWordsAndChangesNothing() {
    unshardedTarget();
    refused(Samples.create("c1", "nope"), "table(s) not found in source keyspace commerce: nope");
    FakeTablet target = cluster.tablet("customer", "0");
    target.tables.put("corder", "CREATE TABLE `corder` (`id` int)");
    target.rows.put("corder", List.of(List.of("1", "x")));
    refused(
        Samples.create("c2", "corder"),
        "non-empty table(s) found in target keyspace(customer): corder");
    target.rows.clear();
    var unused =
        target.addStream(
            "c2c",
            binlogdata.Binlogdata.BinlogSource.newBuilder()
                .setKeyspace("commerce")
                .setShard("0")
                .setFilter(
                    binlogdata.Binlogdata.Filter.newBuilder()
                        .addRules(binlogdata.Binlogdata.Rule.newBuilder().setMatch("corder")))
                .build());
    refused(
        Samples.create("c3", "corder"),
        "workflow c2c already exists in keyspace customer on tablet zone1-0000000200");
    assertThat(rules()).isEmpty();
    assertThat(target.denied).isEmpty();
  }

  private void refused(Command command, String message) {
    assertThat(trial.outcome(command)).startsWith("refused ").endsWith(message);
  }

  @Test
  void refusesSeveralShardsOfAKeyspaceThatIsNotSharded() {
    cluster.keyspace("customer", "-80", "80-");
    cluster.topo.saveVSchema("customer", Vschema.Keyspace.getDefaultInstance());
    refused(
        Samples.create("c1", "corder"),
        "keyspace customer has 2 shards, but its vschema is not sharded: every row would be copied"
            + " to every shard; apply a vschema that spreads the tables first");
    assertThat(cluster.tablet("customer", "-80").tables).isEmpty();
  }

  @Test
  void refusesForeignKeysWhoseChangesNobodyWouldSee() {
    unshardedTarget();
    source.foreignKeys.add(List.of("corder", "fk", "customer", "SET NULL", "RESTRICT"));
    refused(
        Samples.create("c1", "corder"),
        "foreign keys change rows that are moved, and the source's binary log does not tell of it:"
            + " fk of corder (ON DELETE SET NULL of customer); move the tables that they refer to as"
            + " well, or change them to RESTRICT before");
    refused(
        Samples.withoutForeignKeys(Samples.create("c2", "corder", "customer")),
        "foreign keys change rows that are moved, and the source's binary log does not tell of it:"
            + " fk of corder (ON DELETE SET NULL of customer); keep the foreign keys on the target,"
            + " or change them to RESTRICT before");
    assertThat(cluster.tablet("customer", "0").tables).isEmpty();
  }

  private static String child(String action) {
    return "CREATE TABLE `corder` (`id` int, CONSTRAINT `fk` FOREIGN KEY (`id`) REFERENCES"
        + " `customer` (`id`) ON DELETE "
        + action
        + ")";
  }

  /** In the words of a stream that begins, before there is one. */
  @Test
  void refusesForeignKeysOfTheTargetThatDoAnotherThing() {
    unshardedTarget();
    FakeTablet target = cluster.tablet("customer", "0");
    source.tables.put("corder", child("CASCADE"));
    target.tables.put("corder", child("SET NULL"));
    String then =
        ". Change those of the target to be alike, or make them RESTRICT on both sides, and create"
            + " the workflow again";
    refused(
        Samples.create("c1", "corder", "customer"),
        "FAILED_PRECONDITION shard 0 to 0: foreign keys do not do the same to rows on source and"
            + " target, and the source's log does not tell what they do: only the source has fk of"
            + " corder (id to customer.id, ON DELETE CASCADE); only the target has fk of corder (id"
            + " to customer.id, ON DELETE SET NULL)"
            + then);
    assertThat(target.tables).containsOnlyKeys("corder");
    assertThat(target.streams("c2c")).isEmpty();

    target.tables.put("corder", child("CASCADE"));
    assertThat(trial.outcome(Samples.create("c2", "corder", "customer"))).startsWith("succeeded");
  }

  /** A table that is yet to be made has the source's foreign keys, but not its rows by its side. */
  @Test
  void refusesForeignKeysThatReachOtherShards() {
    shardedTarget();
    source.tables.put("corder", child("SET NULL"));
    assertThat(trial.outcome(Samples.create("c1", "corder", "customer")))
        .startsWith("refused FAILED_PRECONDITION shard 0 to -80, 0 to 80-: foreign keys do not do")
        .contains(
            "fk of corder (id to customer.id, ON DELETE SET NULL) may have parent and child on"
                + " different shards. Change those of the target");
    assertThat(cluster.tablet("customer", "-80").tables).isEmpty();
    source.logsCascades = true;
    assertThat(trial.outcome(Samples.create("c2", "corder", "customer"))).startsWith("succeeded");
  }

  @Test
  void warnsOfForeignKeysThatActWhileRowsAreCopied() {
    unshardedTarget();
    source.foreignKeys.add(List.of("corder", "fk", "customer", "CASCADE", "CASCADE"));
    assertThat(trial.outcome(Samples.create("c1", "corder", "customer")))
        .endsWith(
            ". Beware: until the copy has ended, rows that a foreign key of the source changes are"
                + " missed: fk of corder (ON DELETE CASCADE ON UPDATE CASCADE of customer); compare"
                + " with a vdiff before traffic is switched");
  }

  @Test
  void takesForeignKeysWhoseChangesAreLogged() {
    unshardedTarget();
    source.logsCascades = true;
    source.foreignKeys.add(List.of("corder", "fk", "customer", "CASCADE", "CASCADE"));
    assertThat(trial.outcome(Samples.create("c1", "corder"))).endsWith("from commerce");
  }

  @Test
  void refusesATimeZoneThatWouldNotBeApplied() {
    unshardedTarget();
    refused(
        Samples.withTimeZone(Samples.create("c1", "corder"), "US/Pacific"),
        "UNIMPLEMENTED converting DATETIME from a time zone of the source (source time zone) is not"
            + " supported yet");
  }

  @Test
  void refusesAnUnknownKeyspace() {
    refused(Samples.create("c1", "corder"), "NOT_FOUND keyspace customer does not exist");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void takesNoIdThatAJournalStandsUnder(boolean besideAnother) {
    unshardedTarget();
    FakeTablet source = cluster.tablet("commerce", "0");
    long id = MigrationId.of("customer", List.of(new MigrationId.StreamId("0", 1)));
    long key =
        besideAnother
            ? MigrationId.beside(id, cluster.cluster().primary("commerce", "0").database())
            : id;
    source.journals.put(key, "id:" + id);

    assertThat(trial.outcome(Samples.create("c1", "customer", "corder")))
        .isEqualTo(
            "command failed INTERNAL found a previous journal of migration %d on zone1-0000000100:"
                    .formatted(id)
                + " delete the rows of _vt.resharding_journal with id %d and create the workflow again"
                    .formatted(key));
    assertThat(cluster.tablet("customer", "0").streams).isEmpty();
    assertThat(rules()).isEmpty();
  }

  @Test
  void takesEverythingBackWhenAStepFails() {
    unshardedTarget();
    FakeTablet target = cluster.tablet("customer", "0");
    target.tables.put("customer", "CREATE TABLE `customer` (`id` int)");
    cluster.gate(call -> {
      if (call.startsWith("update")) {
        throw new IllegalStateException("no luck");
      }
    });
    assertThat(trial.outcome(Samples.create("c1", "customer", "corder")))
        .isEqualTo("command failed INTERNAL no luck");
    assertThat(target.tables.keySet()).containsExactly("customer");
    assertThat(target.streams).isEmpty();
    assertThat(rules()).isEmpty();
    assertThat(denied("customer", "0")).isEmpty();
    assertThat(cluster.topo.vschema("customer").orElseThrow().value().getTablesMap()).isEmpty();
  }

  @Test
  void endsTheSameWhereverTheFirstRunDied() {
    unshardedTarget();
    int crashes = 0;
    for (int n = 0; n < 200; n++) {
      String id = "c" + n;
      int[] left = {n};
      cluster.gate(call -> {
        if (left[0]-- == 0) {
          throw new Killed();
        }
      });
      boolean finished = false;
      try {
        finished =
            trial.run(Samples.create(id, "customer", "corder")) == TaskHandler.Result.FINISHED;
      } catch (Killed e) {
        crashes++;
      }
      cluster.gate(call -> {});
      assertThat(trial.outcome(Samples.create(id, "customer", "corder"))).startsWith("succeeded");
      assertThat(trial.log.ofType(WorkflowCreated.class).getLast().createdTables())
          .containsExactly("corder", "customer");
      assertThat(cluster.tablet("customer", "0").streams("c2c")).hasSize(1);
      assertThat(trial.outcome(new WorkflowDelete(Samples.header("d" + n), false, false)))
          .startsWith("succeeded");
      assertThat(cluster.tablet("customer", "0").tables).isEmpty();
      assertThat(cluster.tablet("customer", "0").streams).isEmpty();
      assertThat(rules()).isEmpty();
      if (finished) {
        break;
      }
    }
    assertThat(crashes).isGreaterThan(8);
  }

  /** Stands for the death of the process: nothing of the run goes on. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** As a vtctld leaves it that dies in the middle of a switch. */
  @Test
  void cancelOpensTheSourceThatAnInterruptedSwitchDenied() {
    unshardedTarget();
    assertThat(trial.outcome(Samples.create("c1", "customer", "corder"))).startsWith("succeeded");
    var unused =
        cluster.topo.updateShard(
            "commerce",
            "0",
            shard -> DeniedTables.denied(shard, List.of("corder", "customer", "product")));
    cluster.of(source.record).refreshState();
    FakeTablet target = cluster.tablet("customer", "0");
    target
        .streams("c2c")
        .forEach(row -> {
          row.state = VReplicationWorkflowState.Stopped;
          row.message = "stopped for cutover";
        });

    assertThat(trial.outcome(new WorkflowDelete(Samples.header("c2"), false, false)))
        .startsWith("succeeded");

    assertThat(DeniedTables.of(cluster.topo.shard("commerce", "0").orElseThrow().value()))
        .as("another table's denial is not its own")
        .containsExactly("product");
    assertThat(source.denied).containsExactly("product");
  }

  @Test
  void cancelKeepsTablesThatWereThereBefore() {
    unshardedTarget();
    FakeTablet target = cluster.tablet("customer", "0");
    target.tables.put("customer", "CREATE TABLE `customer` (`id` int)");
    assertThat(trial.outcome(Samples.create("c1", "customer", "corder"))).startsWith("succeeded");
    assertThat(trial.outcome(new WorkflowDelete(Samples.header("c2"), false, false)))
        .isEqualTo("succeeded Successfully cancelled the c2c workflow in the customer keyspace");
    assertThat(target.tables.keySet()).containsExactly("customer");
    assertThat(target.denied).isEmpty();
  }

  @Test
  void stopsAndStartsStreams() {
    unshardedTarget();
    assertThat(trial.outcome(Samples.create("c1", "corder"))).startsWith("succeeded");
    assertThat(trial.outcome(update("c2", DesiredState.STOPPED)))
        .isEqualTo(
            "succeeded Successfully updated the c2c workflow on (1) target primary tablets in the"
                + " customer keyspace");
    FakeRow stream = cluster.tablet("customer", "0").streams("c2c").getFirst();
    assertThat(stream.state).isEqualTo(VReplicationWorkflowState.Stopped);
    stream.message = "FROZEN";
    refused(
        update("c3", DesiredState.RUNNING),
        "the c2c workflow in the customer keyspace is frozen: its writes are switched; complete it"
            + " or reverse the traffic");
  }

  private static WorkflowUpdate update(String id, DesiredState state) {
    return new WorkflowUpdate(
        Samples.header(id), state, null, null, null, null, List.of(), Map.of());
  }

  private void switched() {
    unshardedTarget();
    assertThat(trial.outcome(Samples.create("c1", "customer", "corder"))).startsWith("succeeded");
    cluster.topo.updateRoutingRules(rules ->
        TableRouting.writesSwitched(
            TableRouting.readsSwitched(rules, MOVE, EnumSet.allOf(ReadType.class)), MOVE));
    cluster.topo.rebuildSrvVSchema(List.of());
    cluster.tablet("customer", "0").streams("c2c").getFirst().message = "FROZEN";
  }

  @Test
  void completesWhatIsSwitched() {
    switched();
    assertThat(trial.outcome(new MoveTablesComplete(Samples.header("c2"), false, false, true)))
        .isEqualTo("succeeded Successfully completed the c2c workflow in the customer keyspace");
    assertThat(source.tables.keySet()).containsExactly("_corder_old", "_customer_old", "product");
    assertThat(rules()).isEmpty();
    assertThat(cluster.tablet("customer", "0").streams).isEmpty();
    assertThat(denied("customer", "0")).isEmpty();
  }

  @Test
  void refusesToCompleteWhatIsNotSwitched() {
    unshardedTarget();
    assertThat(trial.outcome(Samples.create("c1", "corder"))).startsWith("succeeded");
    refused(
        new MoveTablesComplete(Samples.header("c2"), false, false, false),
        "cannot complete workflow because you have not yet switched all read and write traffic");
    assertThat(source.tables).containsKey("corder");
  }

  @Test
  void tellsWhatACompleteWouldDo() {
    switched();
    assertThat(trial.outcome(new MoveTablesComplete(Samples.dryRun("c2"), false, false, false)))
        .startsWith("succeeded Complete dry run results for workflow customer.c2c at ");
    assertThat(trial.log.ofType(dev.shunt.schemas.CommandSucceeded.class).getLast().lines())
        .hasSize(10)
        .contains("Routing rules for participating tables will be deleted");
    assertThat(source.tables).containsKey("corder");
  }
}
