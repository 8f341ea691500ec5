package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TaskKeyTest {
  private static final WorkflowKey C2C = new WorkflowKey("customer", "c-2_c.x");

  @Test
  void tellsTheWorkflowOfEachKind() {
    assertThat(
            List.of(TaskKey.ofChange(C2C), TaskKey.beside(C2C, "v1"), TaskKey.ofSignal(C2C, "x1")))
        .containsExactly("customer.c-2_c.x", "customer.c-2_c.x/v1", "customer.c-2_c.x!x1")
        .allSatisfy(key -> assertThat(TaskKey.workflowOf(key)).isEqualTo(C2C));
  }

  /** Ids are texts of anybody's choice. */
  @Test
  void noTwoRecordsHaveOneKeyWhateverTheirIdsAre() {
    Set<String> keys = new HashSet<>();
    List<String> ids = List.of("a", "a!b", "b", "/a", "!a", "a/b", "/", "!", "ä💥");
    keys.add(TaskKey.ofChange(C2C));
    for (String id : ids) {
      keys.add(TaskKey.beside(C2C, id));
      keys.add(TaskKey.ofSignal(C2C, id));
    }

    assertThat(keys).hasSize(1 + 2 * ids.size());
    assertThat(keys).allSatisfy(key -> assertThat(TaskKey.workflowOf(key)).isEqualTo(C2C));
  }
}
