package dev.shunt.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.FailedException;
import dev.shunt.saga.Statuses;
import dev.shunt.saga.fake.Diffs;
import dev.shunt.saga.fake.FakeCluster;
import dev.shunt.saga.fake.FakeRow;
import dev.shunt.saga.fake.MemoryFolder;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.time.Time;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.TableRouting;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What complete and cancel say of differences that are known, and of what they leave behind. */
class EndAfterDiffTest {
  private static final List<String> TABLES = List.of("corder", "customer");
  private static final TableMigration MOVE = new TableMigration("commerce", "customer", TABLES);
  private static final Statuses DIFFER = keys -> Diffs.differing();
  private static final Statuses NOTHING = keys -> Map.of();

  @TempDir(factory = MemoryFolder.class)
  Path folder;

  private FakeCluster cluster() {
    FakeCluster cluster = new FakeCluster(folder);
    cluster.keyspace("commerce", "0");
    cluster.keyspace("customer", "0");
    for (String table : TABLES) {
      cluster
          .tablet("commerce", "0")
          .tables
          .put(table, "CREATE TABLE `" + table + "` (\n  `id` int\n)");
    }
    return cluster;
  }

  private static SagaTrial trial(FakeCluster cluster, Statuses statuses, boolean refuses) {
    return new SagaTrial(
        cluster,
        new CopyPlanner(
            cluster.cluster(),
            task -> Optional.of(Set.copyOf(TABLES)),
            new DifferenceGuard(statuses, refuses),
            Time.system()));
  }

  private FakeCluster created() {
    FakeCluster cluster = cluster();
    assertThat(
            trial(cluster, NOTHING, false).outcome(Samples.create("create", "customer", "corder")))
        .startsWith("succeeded");
    return cluster;
  }

  private FakeCluster switched() {
    FakeCluster cluster = created();
    cluster.topo.updateRoutingRules(rules ->
        TableRouting.writesSwitched(
            TableRouting.readsSwitched(rules, MOVE, EnumSet.allOf(ReadType.class)), MOVE));
    cluster.topo.rebuildSrvVSchema(List.of());
    var unused =
        cluster.topo.updateShard("commerce", "0", record -> DeniedTables.denied(record, TABLES));
    var unusedToo =
        cluster.topo.updateShard("customer", "0", record -> DeniedTables.allowed(record, TABLES));
    Filter.Builder filter = Filter.newBuilder();
    TABLES.forEach(table -> filter.addRules(Rule.newBuilder().setMatch(table)));
    FakeRow reverse =
        cluster
            .tablet("commerce", "0")
            .addStream(
                "c2c_reverse",
                BinlogSource.newBuilder()
                    .setKeyspace("customer")
                    .setShard("0")
                    .setFilter(filter)
                    .build());
    reverse.state = VReplicationWorkflowState.Running;
    reverse.position = "MariaDB/0-1-5";
    cluster.tablet("customer", "0").streams("c2c").forEach(row -> row.message = "FROZEN");
    cluster.tablets.values().forEach(tablet -> cluster.of(tablet.record).refreshState());
    return cluster;
  }

  private static MoveTablesComplete complete(CommandHeader header, boolean keep, boolean rename) {
    return new MoveTablesComplete(header, keep, false, rename);
  }

  private static MoveTablesComplete complete() {
    return complete(Samples.header("end"), false, false);
  }

  private static WorkflowDelete cancelReverse() {
    CommandHeader header =
        new CommandHeader("end", "commerce", "c2c_reverse", "tester", "", null, false, 1);
    return new WorkflowDelete(header, false, false);
  }

  private static List<String> dryRunLines(SagaTrial trial, Command command) {
    assertThat(trial.outcome(command)).startsWith("succeeded");
    return trial.log.ofType(CommandSucceeded.class).getLast().lines();
  }

  @Test
  void completeWarnsThatItDropsWhatMayBeTheOnlyRightRows() {
    SagaTrial trial = trial(switched(), DIFFER, false);
    String warning =
        Diffs.DIFFERING_TEXT
            + "; the tables that are dropped from commerce may hold the only right rows";

    assertThat(dryRunLines(trial, complete(Samples.dryRun("dry"), false, false)).subList(0, 2))
        .containsExactly("Beware: " + warning, "Lock keyspace commerce");
    assertThat(trial.outcome(complete()))
        .isEqualTo(
            "succeeded Successfully completed the c2c workflow in the customer keyspace. Beware: "
                + warning);
  }

  @Test
  void completeSaysNothingWhereNothingIsKnown() {
    assertThat(trial(switched(), NOTHING, true).outcome(complete()))
        .isEqualTo("succeeded Successfully completed the c2c workflow in the customer keyspace");
  }

  @Test
  void completeRefusesToDropWhereThatIsSet() {
    FakeCluster cluster = switched();
    SagaTrial trial = trial(cluster, DIFFER, true);
    String refusal =
        "refused FAILED_PRECONDITION cannot complete workflow c2c, which drops its tables in"
            + " commerce: "
            + Diffs.DIFFERING_TEXT
            + ". Mend that and run a diff that finds nothing, or complete with --keep-data or"
            + " --rename-tables (refuseAfterDifferences is set)";

    assertThat(trial.outcome(complete(Samples.dryRun("dry"), false, false))).isEqualTo(refusal);
    assertThat(trial.outcome(complete())).isEqualTo(refusal);
    assertThat(cluster.tablet("commerce", "0").tables.keySet()).containsAll(TABLES);
    assertThat(cluster.tablet("commerce", "0").streams("c2c_reverse"))
        .allMatch(row -> row.state == VReplicationWorkflowState.Running);

    assertThat(trial.outcome(complete(Samples.header("again"), false, true)))
        .startsWith("succeeded")
        .contains("look at that before you drop the tables that stay in commerce");
    assertThat(cluster.tablet("commerce", "0").tables.keySet()).contains("_corder_old");
  }

  @Test
  void completeThatKeepsTheDataTellsHowToHaveItServed() {
    FakeCluster cluster = switched();

    assertThat(trial(cluster, NOTHING, false).outcome(complete(Samples.header("end"), true, false)))
        .isEqualTo(
            "succeeded Successfully completed the c2c workflow in the customer keyspace. Beware:"
                + " the tables that stay in commerce are not served there, so that nobody writes to"
                + " the old ones by mistake; to have them served: shunt setshardtabletcontrol"
                + " --denied-tables=corder,customer --remove commerce/0 primary");
    assertThat(DeniedTables.of(cluster.topo.shard("commerce", "0").orElseThrow().value()))
        .isEqualTo(TABLES);
  }

  @Test
  void cancelWarnsThatItDropsWhatOnlyTheTargetHas() {
    assertThat(
            trial(created(), DIFFER, true)
                .outcome(new WorkflowDelete(Samples.header("end"), false, false)))
        .isEqualTo(
            "succeeded Successfully cancelled the c2c workflow in the customer keyspace. Beware: "
                + Diffs.DIFFERING_TEXT
                + "; what only the tables had that are dropped from customer is gone");
  }

  @Test
  void cancelThatKeepsTheDataTellsHowToHaveItServed() {
    FakeCluster cluster = created();

    assertThat(
            trial(cluster, NOTHING, false)
                .outcome(new WorkflowDelete(Samples.header("end"), true, false)))
        .isEqualTo(
            "succeeded Successfully cancelled the c2c workflow in the customer keyspace. Beware:"
                + " the tables that stay in customer are not served there, so that nobody writes to"
                + " the old ones by mistake; to have them served: shunt setshardtabletcontrol"
                + " --denied-tables=corder,customer --remove customer/0 primary");
    assertThat(DeniedTables.of(cluster.topo.shard("customer", "0").orElseThrow().value()))
        .isEqualTo(TABLES);
  }

  @Test
  void cancelOfTheReverseWarnsThatTheWayBackGoes() {
    SagaTrial trial = trial(switched(), DIFFER, false);

    assertThat(trial.outcome(cancelReverse()))
        .isEqualTo(
            "succeeded Successfully cancelled the c2c_reverse workflow in the commerce keyspace."
                + " Beware: with c2c_reverse the way back is gone: from now on writes to customer"
                + " don't reach commerce any more, and traffic can't be reversed. "
                + Diffs.DIFFERING_TEXT);
  }

  /** Stands for the death of the process: nothing of the run goes on. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** The outcome of a command whose first run dies at an event. */
  private static String outcomeOfASecondRun(SagaTrial trial, Command command, String event) {
    trial.log.refusing(told -> {
      if (told.startsWith(event)) {
        throw new Killed();
      }
    });
    assertThatThrownBy(() -> trial.run(command)).isInstanceOf(Killed.class);
    trial.log.refusing(told -> {});
    return trial.outcome(command);
  }

  @ParameterizedTest
  @ValueSource(strings = {"started stop-reverse-streams", "WorkflowCompleted", "succeeded"})
  void aLaterRunOfACompleteTellsWhatTheFirstKnew(String event) {
    FakeCluster cluster = switched();

    assertThat(outcomeOfASecondRun(trial(cluster, DIFFER, false), complete(), event))
        .endsWith("; the tables that are dropped from commerce may hold the only right rows")
        .contains(". Beware: " + Diffs.DIFFERING_TEXT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"started stop-reverse-streams", "WorkflowCompleted", "succeeded"})
  void aLaterRunOfACompleteThatKeepsTheDataTellsHowToHaveItServed(String event) {
    SagaTrial trial = trial(switched(), NOTHING, false);

    assertThat(outcomeOfASecondRun(trial, complete(Samples.header("end"), true, false), event))
        .endsWith(
            "to have them served: shunt setshardtabletcontrol --denied-tables=corder,customer"
                + " --remove commerce/0 primary");
  }

  @ParameterizedTest
  @ValueSource(strings = {"started stop-streams", "WorkflowDeleted", "succeeded"})
  void aLaterRunOfACancelTellsWhatTheFirstKnew(String event) {
    SagaTrial trial = trial(created(), DIFFER, false);

    assertThat(
            outcomeOfASecondRun(
                trial, new WorkflowDelete(Samples.header("end"), true, false), event))
        .contains(". Beware: " + Diffs.DIFFERING_TEXT)
        .endsWith(
            "to have them served: shunt setshardtabletcontrol --denied-tables=corder,customer"
                + " --remove customer/0 primary");
  }

  @Test
  void warnsWhereNobodyCanSayWhatDiffsFoundOrFailsWhereThatWouldRefuse() {
    Statuses away =
        keys -> {
          throw new FailedException(Status.Code.UNAVAILABLE, "Kafka is away");
        };
    String unknown = "it is not known whether a diff found differences: Kafka is away";
    FakeCluster cluster = switched();

    assertThat(trial(cluster, away, true).outcome(complete()))
        .isEqualTo(
            "command failed UNAVAILABLE cannot complete workflow c2c, which drops its tables in"
                + " commerce: "
                + unknown
                + ". Send the command again, or complete with --keep-data or --rename-tables"
                + " (refuseAfterDifferences is set)");
    assertThat(cluster.tablet("commerce", "0").tables.keySet()).containsAll(TABLES);
    assertThat(trial(cluster, away, false).outcome(complete()))
        .startsWith("succeeded")
        .contains(". Beware: " + unknown);
  }
}
