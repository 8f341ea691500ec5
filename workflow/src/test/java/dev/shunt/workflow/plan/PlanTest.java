package dev.shunt.workflow.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.plan.PlanAction.Kind;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The lines were printed by Vitess 24 for the same workflow. */
class PlanTest {
  private static final TableMigration MOVE =
      new TableMigration("commerce", "customer", List.of("sbtest1", "customer", "corder"));
  private static final PlannedPrimary SOURCE = new PlannedPrimary("0", 100, "commerce");
  private static final PlannedPrimary TARGET = new PlannedPrimary("0", 200, "customer");
  private static final String POSITION = "MySQL56/ec33d23e-e634-11f1-9498-02fc00000001:1-38664";

  @Test
  void printsASwitchOfEverything() {
    assertThat(switching(List.of(ReadType.REPLICA, ReadType.RDONLY), true).dryRunLines())
        .containsExactly(
            "Lock keyspace commerce",
            "Lock keyspace customer",
            "Switch reads for tables [corder,customer,sbtest1] to keyspace customer for tablet types"
                + " [REPLICA,RDONLY]",
            "Routing rules for tables [corder,customer,sbtest1] will be updated",
            "Unlock keyspace customer",
            "Unlock keyspace commerce",
            "Lock keyspace commerce",
            "Lock keyspace customer",
            "Stop writes on keyspace commerce for tables [corder,customer,sbtest1]:"
                + " [keyspace:commerce;shard:0;position:MySQL56/ec33d23e-e634-11f1-9498-02fc00000001:1-38664]",
            "Wait for vreplication on stopped streams to catchup for up to 30s",
            "Create reverse vreplication workflow c2c_reverse",
            "Create journal entries on source databases",
            "Enable writes on keyspace customer for tables [corder,customer,sbtest1]",
            "Switch routing from keyspace commerce to keyspace customer",
            "Routing rules for tables [corder,customer,sbtest1] will be updated",
            "Switch writes completed, freeze and delete vreplication streams on: [tablet:200]",
            "Start reverse vreplication streams on: [tablet:100]",
            "Mark vreplication streams frozen on:"
                + " [keyspace:customer;shard:0;tablet:200;workflow:c2c;dbname:customer]",
            "Unlock keyspace customer",
            "Unlock keyspace commerce");
  }

  @Test
  void printsASwitchOfReads() {
    assertThat(switching(List.of(ReadType.REPLICA, ReadType.RDONLY), false).dryRunLines())
        .containsExactly(
            "Lock keyspace commerce",
            "Lock keyspace customer",
            "Switch reads for tables [corder,customer,sbtest1] to keyspace customer for tablet types"
                + " [REPLICA,RDONLY]",
            "Routing rules for tables [corder,customer,sbtest1] will be updated",
            "Serving VSchema will be rebuilt for the customer keyspace",
            "Unlock keyspace customer",
            "Unlock keyspace commerce");
  }

  @Test
  void printsASwitchOfWrites() {
    assertThat(switching(List.of(), true).dryRunLines())
        .isEqualTo(
            switching(List.of(ReadType.REPLICA, ReadType.RDONLY), true)
                .dryRunLines()
                .subList(6, 20));
  }

  @Test
  void decidesASwitchWithTheJournals() {
    Plan<SwitchAction> plan = switching(List.of(ReadType.REPLICA), true);

    List<SwitchAction> actions = actions(plan);
    assertThat(actions.stream().filter(action -> action.kind() == Kind.DECISIVE))
        .containsExactly(SwitchAction.WRITE_JOURNALS);
    assertThat(actions).last().extracting(SwitchAction::kind).isEqualTo(Kind.FORWARD_ONLY);
    assertThat(actions).first().extracting(SwitchAction::kind).isEqualTo(Kind.REVERSIBLE);
  }

  @Test
  void pausesWritesFromTheirDenialUntilTheStreamsAreFrozen() {
    List<SwitchAction> actions = actions(switching(List.of(ReadType.REPLICA), true));

    assertThat(actions.stream().filter(SwitchAction::inPause))
        .isEqualTo(
            actions.subList(
                actions.indexOf(SwitchAction.DENY_SOURCE_WRITES),
                actions.indexOf(SwitchAction.UNLOCK_AFTER_WRITES)));
  }

  /** By these names a later run, also of another version, finds what an earlier one did. */
  @Test
  void namesOfStepsStay() {
    assertThat(names(SwitchAction.values()))
        .containsExactly(
            "fence-earlier-runs",
            "known-differences",
            "take-back",
            "refuse",
            "remember-start",
            "give-up",
            "lock-for-reads",
            "switch-reads",
            "unlock-after-reads",
            "lock-for-writes",
            "start-stopped-streams",
            "prepare",
            "stop-migrated-streams",
            "create-migrated-streams",
            "deny-source-writes",
            "drain-source-writes",
            "read-source-positions",
            "wait-for-catch-up",
            "match-auto-increments",
            "stop-streams",
            "read-target-positions",
            "check-migrated-streams",
            "write-journals",
            "switch-routing",
            "refresh-targets",
            "rebuild-serving-vschema",
            "start-migrated-streams",
            "start-reverse-streams",
            "freeze-streams",
            "unlock-after-writes");
    assertThat(names(CompleteAction.values()))
        .containsExactly(
            "warnings",
            "lock",
            "check-completed",
            "stop-reverse-streams",
            "remove-source-tables",
            "allow-on-source",
            "allow-on-target",
            "delete-reverse-streams",
            "delete-routing-rules",
            "rebuild-serving-vschema",
            "delete-streams",
            "unlock");
    assertThat(names(DeleteAction.values()))
        .containsExactly(
            "warnings",
            "lock",
            "stop-streams",
            "return-reads",
            "remove-target-tables",
            "allow-on-source",
            "allow-on-target",
            "delete-reverse-streams",
            "delete-routing-rules",
            "rebuild-serving-vschema",
            "delete-streams",
            "unlock");
  }

  @Test
  void namesOfTheStepsOfACreationStay() {
    assertThat(names(CreateAction.values()))
        .containsExactly(
            "select-tables",
            "create-streams",
            "check-other-workflows",
            "deny-on-target",
            "create-tables",
            "route-to-source",
            "check-journals",
            "start-streams");
    assertThat(names(UpdateAction.values())).containsExactly("update-streams");
    assertThat(names(DiffAction.values())).containsExactly("start-diff", "compare-tables");
  }

  @Test
  void printsACreation() {
    Plan<CreateAction> plan =
        CreatePlan.of(
            new CreatePlan.Request(
                MOVE, "c2c", Map.of("0", Set.of("corder")), true, true, List.of(TARGET)));

    assertThat(plan.dryRunLines())
        .containsExactly(
            "Create vreplication streams of workflow c2c, stopped, on: [tablet:200]",
            "Deny tables [corder,customer,sbtest1] on: [keyspace:customer;shard:0;tablet:200]",
            "Create these tables in the database for keyspace customer:"
                + " [keyspace:customer;shard:0;dbname:customer;tablet:200;table:corder]",
            "Route tables [corder,customer,sbtest1] to keyspace commerce",
            "Routing rules for tables [corder,customer,sbtest1] will be updated",
            "Start vreplication streams on: [tablet:200]");
  }

  @Test
  void createsNoTableThatIsThereAndStartsNothingUnasked() {
    Plan<CreateAction> plan =
        CreatePlan.of(new CreatePlan.Request(MOVE, "c2c", Map.of(), false, false, List.of(TARGET)));

    assertThat(plan.steps().stream().map(PlannedStep::action))
        .doesNotContain(CreateAction.CREATE_TABLES, CreateAction.START_STREAMS);
    assertThat(plan.dryRunLines()).noneMatch(line -> line.startsWith("Rout"));
  }

  /** What is taken back first stands first; what has no way back of its own is in no list. */
  @Test
  void takesBackInOneOrder() {
    assertThat(CreatePlan.UNDOS.actions())
        .containsExactly(
            CreateAction.ROUTE_TO_SOURCE,
            CreateAction.CREATE_STREAMS,
            CreateAction.CREATE_TABLES,
            CreateAction.DENY_ON_TARGET);
    assertThat(CreatePlan.UNDOS.eachAlone()).isFalse();
    assertThat(SwitchPlan.UNDOS.actions()).startsWith(SwitchAction.DENY_SOURCE_WRITES);
    assertThat(SwitchPlan.UNDOS.eachAlone()).isTrue();
  }

  @Test
  void beginsWithWhatAnInterruptedAttemptLeft() {
    List<SwitchAction> actions =
        actions(
            switching(
                List.of(ReadType.REPLICA),
                true,
                SwitchPlan.Finding.DIFFERENCES,
                SwitchPlan.Finding.EARLIER_RUNS,
                SwitchPlan.Finding.INTERRUPTED,
                SwitchPlan.Finding.REFUSED));

    assertThat(actions)
        .startsWith(
            SwitchAction.FENCE_EARLIER_RUNS,
            SwitchAction.KNOWN_DIFFERENCES,
            SwitchAction.TAKE_BACK,
            SwitchAction.REFUSE,
            SwitchAction.REMEMBER_START,
            SwitchAction.LOCK_FOR_READS);
  }

  /** Nothing may end a command between the denial of an interrupted attempt and its end. */
  @Test
  void holdsWhatWritesWaitFor() {
    Plan<SwitchAction> plan =
        switching(
            List.of(),
            true,
            SwitchPlan.Finding.DIFFERENCES,
            SwitchPlan.Finding.EARLIER_RUNS,
            SwitchPlan.Finding.INTERRUPTED);

    assertThat(plan.steps().stream().filter(PlannedStep::mustSucceed).map(PlannedStep::action))
        .containsExactly(
            SwitchAction.FENCE_EARLIER_RUNS,
            SwitchAction.KNOWN_DIFFERENCES,
            SwitchAction.TAKE_BACK);
    assertThat(
            switching(
                    List.of(),
                    true,
                    SwitchPlan.Finding.DIFFERENCES,
                    SwitchPlan.Finding.EARLIER_RUNS)
                .steps())
        .noneMatch(PlannedStep::mustSucceed);
  }

  @Test
  void pausesNothingAgainOnceItIsDecided() {
    List<SwitchAction> actions = actions(switching(List.of(), true, SwitchPlan.Finding.DECIDED));

    assertThat(actions)
        .startsWith(
            SwitchAction.REMEMBER_START, SwitchAction.LOCK_FOR_WRITES, SwitchAction.WRITE_JOURNALS);
  }

  private static List<String> names(PlanAction[] actions) {
    return Arrays.stream(actions).map(PlanAction::stepName).toList();
  }

  private static List<SwitchAction> actions(Plan<SwitchAction> plan) {
    return plan.steps().stream().map(PlannedStep::action).toList();
  }

  @Test
  void decidesNothingWhenOnlyReadsAreSwitched() {
    assertThat(actions(switching(List.of(ReadType.RDONLY), false)))
        .extracting(SwitchAction::kind)
        .containsOnly(Kind.REVERSIBLE);
  }

  @Test
  void plansNothingForWritesThatAreSwitched() {
    Plan<SwitchAction> plan =
        SwitchPlan.of(
            new SwitchPlan.Request(
                MOVE,
                "c2c",
                List.of(),
                true,
                true,
                true,
                Duration.ofSeconds(30),
                List.of(SOURCE),
                Map.of(),
                List.of(TARGET),
                SwitchPlan.Migrated.NONE,
                Set.of()));

    assertThat(actions(plan)).containsExactly(SwitchAction.REMEMBER_START);
    assertThat(plan.dryRunLines()).containsExactly("No changes required");
  }

  @Test
  void printsTheWayBackOverSeveralShardsInOrder() {
    Plan<SwitchAction> plan =
        SwitchPlan.of(
            new SwitchPlan.Request(
                new TableMigration("customer", "commerce", List.of("t")),
                "c2c_reverse",
                List.of(),
                true,
                false,
                false,
                Duration.ofMillis(1500),
                List.of(
                    new PlannedPrimary("80-", 300, "vt_customer"),
                    new PlannedPrimary("-80", 200, "vt_customer")),
                Map.of("-80", "a", "80-", "b"),
                List.of(SOURCE),
                SwitchPlan.Migrated.NONE,
                Set.of()));

    assertThat(plan.dryRunLines())
        .containsSubsequence(
            "Stop writes on keyspace customer for tables [t]:"
                + " [keyspace:customer;shard:-80;position:a,keyspace:customer;shard:80-;position:b]",
            "Wait for vreplication on stopped streams to catchup for up to 1.5s",
            "Create reverse vreplication workflow c2c",
            "Mark vreplication streams frozen on:"
                + " [keyspace:commerce;shard:0;tablet:100;workflow:c2c_reverse;dbname:commerce]")
        .noneMatch(line -> line.startsWith("Start reverse"));
  }

  @Test
  void printsAComplete() {
    assertThat(completing(false, false, false).dryRunLines())
        .containsExactly(
            "Lock keyspace commerce",
            "Lock keyspace customer",
            "Dropping these tables from the database and removing them from the vschema for keyspace"
                + " commerce: [keyspace:commerce;shard:0;dbname:commerce;tablet:100;table:corder,"
                + "keyspace:commerce;shard:0;dbname:commerce;tablet:100;table:customer,"
                + "keyspace:commerce;shard:0;dbname:commerce;tablet:100;table:sbtest1]",
            "Denied tables records on [corder,customer,sbtest1] will be removed from:"
                + " [keyspace:commerce;shard:0;tablet:100]",
            "Denied tables records on [corder,customer,sbtest1] will be removed from:"
                + " [keyspace:customer;shard:0;tablet:200]",
            "Delete reverse vreplication streams on sources:"
                + " [keyspace:commerce;shard:0;workflow:c2c_reverse;dbname:commerce;tablet:100]",
            "Delete vreplication streams on targets:"
                + " [keyspace:customer;shard:0;workflow:c2c;dbname:customer;tablet:200]",
            "Routing rules for participating tables will be deleted",
            "Unlock keyspace customer",
            "Unlock keyspace commerce");
  }

  @Test
  void printsACompleteThatKeepsDataAndRules() {
    assertThat(completing(true, false, true).dryRunLines())
        .containsExactly(
            "Lock keyspace commerce",
            "Lock keyspace customer",
            "Delete reverse vreplication streams on sources:"
                + " [keyspace:commerce;shard:0;workflow:c2c_reverse;dbname:commerce;tablet:100]",
            "Delete vreplication streams on targets:"
                + " [keyspace:customer;shard:0;workflow:c2c;dbname:customer;tablet:200]",
            "Unlock keyspace customer",
            "Unlock keyspace commerce");
  }

  @Test
  void printsACompleteThatRenames() {
    assertThat(completing(false, true, false).dryRunLines().get(2))
        .startsWith(
            "Renaming these tables from the database and removing them from the vschema for"
                + " keyspace commerce: [keyspace:commerce;shard:0;dbname:commerce;tablet:100;");
  }

  @Test
  void dropsOnlyTablesThatTheWorkflowCreated() {
    Plan<DeleteAction> plan =
        DeletePlan.of(
            new DeletePlan.Request(
                false,
                MOVE,
                "c2c",
                List.of("corder"),
                false,
                false,
                false,
                List.of(SOURCE),
                List.of(TARGET)));

    assertThat(plan.dryRunLines())
        .contains(
            "Dropping these tables from the database and removing them from the vschema for keyspace"
                + " customer: [keyspace:customer;shard:0;dbname:customer;tablet:200;table:corder]");
    assertThat(plan.steps().get(plan.steps().size() - 2).action())
        .isEqualTo(DeleteAction.DELETE_STREAMS);
  }

  @ParameterizedTest
  @CsvSource({
    "PT30S,30s",
    "PT1M30S,1m30s",
    "PT1.5S,1.5s",
    "PT0.25S,250ms",
    "PT1H,1h0m0s",
    "PT0S,0s"
  })
  void printsDurationsAsGoDoes(Duration duration, String text) {
    assertThat(DryRunText.duration(duration)).isEqualTo(text);
  }

  @Test
  void headsADryRun() {
    assertThat(
            DryRunText.dryRunSummary(
                "SwitchTraffic", "customer", "c2c", Instant.parse("2026-11-22T06:00:31Z")))
        .isEqualTo(
            "SwitchTraffic dry run results for workflow customer.c2c at 22 Nov 26 06:00 UTC");
  }

  @Test
  void cutsRenamedTablesTo64Characters() {
    assertThat(CompletePlan.renamed("corder")).isEqualTo("_corder_old");
    assertThat(CompletePlan.renamed("x".repeat(64))).hasSize(64).endsWith("_old");
  }

  private static Plan<SwitchAction> switching(
      List<ReadType> reads, boolean writes, SwitchPlan.Finding... found) {
    return SwitchPlan.of(
        new SwitchPlan.Request(
            MOVE,
            "c2c",
            reads,
            writes,
            false,
            true,
            Duration.ofSeconds(30),
            List.of(SOURCE),
            Map.of("0", POSITION),
            List.of(TARGET),
            SwitchPlan.Migrated.NONE,
            Set.of(found)));
  }

  private static Plan<CompleteAction> completing(
      boolean keepData, boolean rename, boolean keepRules) {
    return CompletePlan.of(
        new CompletePlan.Request(
            false, MOVE, "c2c", keepData, rename, keepRules, List.of(SOURCE), List.of(TARGET)));
  }
}
