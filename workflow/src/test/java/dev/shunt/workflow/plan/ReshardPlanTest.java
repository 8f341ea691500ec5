package dev.shunt.workflow.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The lines of a switch are those of a Vitess 24, on a keyspace that is split in two. */
class ReshardPlanTest {
  private static final ShardMigration SPLIT =
      new ShardMigration("customer", List.of("0"), List.of("-80", "80-"));
  private static final PlannedPrimary ONE = new PlannedPrimary("0", 200, "customer");
  private static final List<PlannedPrimary> TWO =
      List.of(
          new PlannedPrimary("80-", 400, "customer"), new PlannedPrimary("-80", 300, "customer"));

  @Test
  void printsTheSwitchOfVitess() {
    Plan<SwitchAction> plan =
        SwitchPlan.of(
            new SwitchPlan.Request(
                SPLIT,
                "rs",
                List.of(ReadType.REPLICA, ReadType.RDONLY),
                true,
                false,
                true,
                Duration.ofSeconds(30),
                List.of(ONE),
                Map.of("0", "MySQL56/ece518f5-e634-11f1-a97a-02fc00000001:1-758"),
                TWO,
                SwitchPlan.Migrated.NONE,
                Set.of()));

    assertThat(plan.dryRunLines())
        .containsExactly(
            "Lock keyspace customer",
            "Switch reads from keyspace customer to keyspace customer for shards [0] to shards"
                + " [-80,80-]",
            "Unlock keyspace customer",
            "Lock keyspace customer",
            "Stop writes on keyspace customer for tables [/.*]: [keyspace:customer;shard:0;"
                + "position:MySQL56/ece518f5-e634-11f1-a97a-02fc00000001:1-758]",
            "Wait for vreplication on stopped streams to catchup for up to 30s",
            "Create reverse vreplication workflow rs_reverse",
            "Create journal entries on source databases",
            "Enable writes on keyspace customer for tables [/.*]",
            "Switch routing from keyspace customer to keyspace customer",
            "IsPrimaryServing will be set to false for: [shard:0;tablet:200]",
            "IsPrimaryServing will be set to true for:"
                + " [shard:-80;tablet:300,shard:80-;tablet:400]",
            "Switch writes completed, freeze and delete vreplication streams on:"
                + " [tablet:300,tablet:400]",
            "Start reverse vreplication streams on: [tablet:200]",
            "Mark vreplication streams frozen on:"
                + " [keyspace:customer;shard:-80;tablet:300;workflow:rs;dbname:customer,"
                + "keyspace:customer;shard:80-;tablet:400;workflow:rs;dbname:customer]",
            "Unlock keyspace customer");
  }

  @Test
  void readsAloneNeedNoServingVSchema() {
    Plan<SwitchAction> plan =
        SwitchPlan.of(
            new SwitchPlan.Request(
                SPLIT,
                "rs",
                List.of(ReadType.REPLICA),
                false,
                false,
                true,
                Duration.ofSeconds(30),
                List.of(),
                Map.of(),
                List.of(),
                SwitchPlan.Migrated.NONE,
                Set.of()));

    assertThat(plan.dryRunLines())
        .containsExactly(
            "Lock keyspace customer",
            "Switch reads from keyspace customer to keyspace customer for shards [0] to shards"
                + " [-80,80-]",
            "Unlock keyspace customer");
  }

  @Test
  void createsNothingButStreamsAndTables() {
    Plan<CreateAction> plan =
        CreatePlan.of(
            new CreatePlan.Request(SPLIT, "rs", Map.of("-80", Set.of("t")), false, true, TWO));

    assertThat(plan.steps())
        .extracting(PlannedStep::action)
        .containsExactly(
            CreateAction.CREATE_STREAMS,
            CreateAction.CHECK_OTHER_WORKFLOWS,
            CreateAction.CREATE_TABLES,
            CreateAction.CHECK_JOURNALS,
            CreateAction.START_STREAMS);
    assertThat(plan.dryRunLines())
        .containsExactly(
            "Create vreplication streams of workflow rs, stopped, on: [tablet:300,tablet:400]",
            "Create these tables in the database for keyspace customer:"
                + " [keyspace:customer;shard:-80;dbname:customer;tablet:300;table:t]",
            "Start vreplication streams on: [tablet:300,tablet:400]");
  }

  @Test
  void completesByDeletingTheShards() {
    Plan<CompleteAction> plan =
        CompletePlan.of(
            new CompletePlan.Request(false, SPLIT, "rs", false, false, false, List.of(ONE), TWO));

    assertThat(plan.dryRunLines())
        .contains(
            "Delete these shards of keyspace customer, and the records of their tablets:"
                + " [shard:0;tablet:200]")
        .doesNotContain("");
  }
}
