package dev.shunt.copy;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.fake.FakeCluster;
import dev.shunt.saga.fake.MemoryFolder;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.time.Time;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.TableRouting;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vschema.Vschema.RoutingRule;

/** Two workflows never have the same table. */
class ClaimedTablesTest {
  private static final List<String> CORDER = List.of("corder");
  private static final TableMigration FIRST = new TableMigration("commerce", "customer", CORDER);
  private static final TableMigration SECOND = new TableMigration("commerce", "other", CORDER);

  @TempDir(factory = MemoryFolder.class)
  Path folder;

  private FakeCluster cluster;
  private SagaTrial trial;

  @BeforeEach
  void setUp() {
    cluster = new FakeCluster(folder);
    for (String keyspace : List.of("commerce", "customer", "other")) {
      cluster.keyspace(keyspace, "0");
    }
    for (String table : List.of("corder", "customer")) {
      cluster
          .tablet("commerce", "0")
          .tables
          .put(table, "CREATE TABLE `" + table + "` (\n  `id` int\n)");
    }
    trial =
        new SagaTrial(
            cluster,
            new CopyPlanner(
                cluster.cluster(),
                task -> Optional.of(Set.copyOf(CORDER)),
                DifferenceGuard.NONE,
                Time.system()));
  }

  @AfterEach
  void tearDown() {
    cluster.close();
  }

  private static CommandHeader header(String id, String keyspace, String workflow) {
    return new CommandHeader(id, keyspace, workflow, "tester", "", null, false, 1);
  }

  private static MoveTablesCreate create(String id, String keyspace, String workflow) {
    MoveTablesCreate create = Samples.create(id, "corder");
    return create.with(draft -> draft.header = header(id, keyspace, workflow));
  }

  private List<String> denied(String keyspace) {
    return DeniedTables.of(cluster.topo.shard(keyspace, "0").orElseThrow().value());
  }

  private Map<String, String> rules() {
    return cluster.topo.routingRules().value().getRulesList().stream()
        .collect(Collectors.toMap(RoutingRule::getFromTable, rule -> rule.getToTables(0)));
  }

  private void refused(MoveTablesCreate command, String message) {
    Map<String, String> before = rules();
    assertThat(trial.outcome(command)).isEqualTo("refused FAILED_PRECONDITION " + message);
    assertThat(rules()).isEqualTo(before);
    assertThat(cluster.tablet("other", "0").tables).isEmpty();
    assertThat(cluster.tablet("other", "0").streams).isEmpty();
  }

  private void switchFirst() {
    assertThat(trial.outcome(create("c1", "customer", "c2c"))).startsWith("succeeded");
    cluster.topo.updateRoutingRules(rules -> TableRouting.writesSwitched(rules, FIRST));
    var unused =
        cluster.topo.updateShard(
            "commerce", "0", shard -> DeniedTables.denied(shard, FIRST.tables()));
    var unusedToo =
        cluster.topo.updateShard(
            "customer", "0", shard -> DeniedTables.allowed(shard, FIRST.tables()));
    cluster.tablet("customer", "0").streams("c2c").getFirst().message = "FROZEN";
  }

  /** As somebody creates one who does not look at others. */
  private void createSecondUnchecked() {
    var unused =
        cluster
            .tablet("other", "0")
            .addStream(
                "o2o",
                BinlogSource.newBuilder()
                    .setKeyspace("commerce")
                    .setShard("0")
                    .setFilter(Filter.newBuilder().addRules(Rule.newBuilder().setMatch("corder")))
                    .build());
    cluster.tablet("other", "0").tables.put("corder", "CREATE TABLE `corder` (x)");
    var unusedToo =
        cluster.topo.updateShard(
            "other", "0", shard -> DeniedTables.denied(shard, SECOND.tables()));
  }

  @Test
  void refusesATableThatAnotherWorkflowMovesFromTheSameSource() {
    assertThat(trial.outcome(create("c1", "customer", "c2c"))).startsWith("succeeded");

    refused(
        create("c2", "other", "o2o"),
        "other workflows have table(s) of this move: corder (workflow customer.c2c); complete or"
            + " cancel them first");
  }

  @Test
  void refusesATableThatIsSwitchedAway() {
    switchFirst();
    cluster.tablet("customer", "0").streams.clear();

    refused(
        create("c2", "other", "o2o"),
        "routing rules send table(s) of this move elsewhere than to commerce: corder (rule"
            + " commerce.corder to customer.corder, rule corder to customer.corder); move them from"
            + " where they are, or correct the rules");
  }

  @Test
  void refusesATableThatTheSourceDenies() {
    var unused =
        cluster.topo.updateShard("commerce", "0", shard -> DeniedTables.denied(shard, CORDER));

    refused(
        create("c2", "other", "o2o"),
        "commerce/0 denies table(s) of this move: corder; their writes were switched away from"
            + " there, or never switched to it");
  }

  @Test
  void takesOtherTablesOfTheSameSource() {
    assertThat(trial.outcome(Samples.create("c1", "customer"))).startsWith("succeeded");

    assertThat(trial.outcome(create("c2", "other", "o2o"))).startsWith("succeeded");
  }

  @Test
  void takesBackWhatItCreatedWhenAnotherWorkflowCameMeanwhile() {
    cluster.gate(call -> {
      if (call.equals("create customer/0") && cluster.tablet("other", "0").streams.isEmpty()) {
        createSecondUnchecked();
      }
    });

    assertThat(trial.outcome(create("c1", "customer", "c2c")))
        .startsWith("command failed FAILED_PRECONDITION other workflows have table(s)");

    assertThat(cluster.tablet("customer", "0").tables).isEmpty();
    assertThat(cluster.tablet("customer", "0").streams).isEmpty();
    assertThat(rules()).isEmpty();
    assertThat(denied("customer")).isEmpty();
  }

  @Test
  void cancelLeavesWhatBelongsToAnotherWorkflow() {
    switchFirst();
    createSecondUnchecked();
    cluster.topo.updateRoutingRules(rules ->
        rules.toBuilder()
            .addRules(
                RoutingRule.newBuilder()
                    .setFromTable("other.corder")
                    .addToTables("commerce.corder"))
            .build());

    assertThat(trial.outcome(new WorkflowDelete(header("c2", "other", "o2o"), false, false)))
        .startsWith("succeeded");

    assertThat(denied("commerce")).containsExactly("corder");
    assertThat(rules())
        .containsEntry("corder", "customer.corder")
        .containsEntry("commerce.corder", "customer.corder")
        .doesNotContainKey("other.corder");
    assertThat(denied("other")).isEmpty();
    assertThat(cluster.tablet("other", "0").streams).isEmpty();
    assertThat(cluster.tablet("customer", "0").streams("c2c")).hasSize(1);
  }
}
