package dev.shunt.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What commands do to primaries and their streams goes through {@code PrimaryControl} and {@code
 * StreamControl}, so that a fake of these is all that a test of commands needs, and no SQL. What a
 * creation and a teardown read and change of tables goes to tablets directly.
 */
class PrimaryPortTest {
  private static final String CLIENT = "dev.shunt.tabletclient.TabletClient";

  /** Calls that have a verb. */
  private static final Set<String> BEHIND_THE_PORT =
      Set.of(
          "createVReplicationWorkflow",
          "deleteVReplicationWorkflow",
          "executeMultiFetchAsDba",
          "primaryPosition",
          "readVReplicationWorkflow",
          "readVReplicationWorkflows",
          "refreshState",
          "updateVReplicationWorkflow",
          "vReplicationExec",
          "vReplicationTransaction",
          "vReplicationWaitForPos");

  private static final DescribedPredicate<JavaMethodCall> PAST_THE_PORT =
      describe(
          "a tablet is called past PrimaryControl and StreamControl",
          call ->
              call.getTargetOwner().getName().equals(CLIENT)
                  && BEHIND_THE_PORT.contains(call.getName()));

  @Test
  void switchesCallNoTablet() {
    noClasses()
        .that()
        .resideInAPackage("dev.shunt.switcher..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName(CLIENT)
        .check(Project.MAIN);
  }

  @Test
  void commandsCallTabletsForTablesOnly() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.shunt.copy..", "dev.shunt.saga..")
        .should()
        .callMethodWhere(PAST_THE_PORT)
        .check(Project.MAIN);
  }

  @Test
  void findsTheKind() {
    for (String behind : Set.of("SqlPrimaryControl", "SqlStreamControl")) {
      assertThat(Project.MAIN.get("dev.shunt.cluster." + behind).getMethodCallsFromSelf())
          .as(behind)
          .anyMatch(PAST_THE_PORT);
    }
  }
}
