package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusKeyTest {
  private static final WorkflowKey WORKFLOW = new WorkflowKey("customer", "c2c");

  @Test
  void theSummaryHasTheKeyOfTheWorkflowAndAShardIsNamedBehindIt() {
    assertThat(StatusKey.of(WORKFLOW)).hasToString(WORKFLOW.toString());
    assertThat(StatusKey.of(WORKFLOW, "-80")).hasToString("customer.c2c/-80");
    assertThat(StatusKey.of(new WorkflowKey("customer", "100%"))).hasToString("customer.100%");
  }

  @ParameterizedTest
  @CsvSource({
    "c2c, -80",
    "c2c, 0",
    "c2c, ''",
    "a/b, -80",
    "a, b/-80",
    "a%2Fb, 80-",
    "100%, 5%25",
    "%, %/%",
    "%2/, %2/5",
    "%25/2F, %252F%2525",
    "%%25%%2F, %/25",
    "move.it, 80-c0"
  })
  void isReadBackWhateverTheNames(String workflow, String shard) {
    WorkflowKey key = new WorkflowKey("customer", workflow);

    assertThat(StatusKey.parse(StatusKey.of(key).toString())).isEqualTo(StatusKey.of(key));
    assertThat(StatusKey.parse(StatusKey.of(key, shard).toString()))
        .isEqualTo(StatusKey.of(key, shard));
  }

  @Test
  void noShardOfAWorkflowHasTheKeyOfAnotherWorkflow() {
    assertThat(StatusKey.of(new WorkflowKey("customer", "a/b")).toString())
        .isNotEqualTo(StatusKey.of(new WorkflowKey("customer", "a"), "b").toString());
  }

  @Test
  void aKeyWithoutAWorkflowIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> StatusKey.parse("customer/-80"));
    assertThatIllegalArgumentException().isThrownBy(() -> StatusKey.parse(""));
  }
}
