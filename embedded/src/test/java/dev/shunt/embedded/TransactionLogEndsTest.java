package dev.shunt.embedded;

import static org.apache.kafka.common.requests.TransactionResult.ABORT;
import static org.apache.kafka.common.requests.TransactionResult.COMMIT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.TransactionLogEnds.Decision;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.requests.TransactionResult;
import org.junit.jupiter.api.Test;

class TransactionLogEndsTest {
  private static final TopicPartition HERE = new TopicPartition("t", 0);
  private static final TopicPartition ELSEWHERE = new TopicPartition("t", 1);
  private static final OpenTransaction OPEN = new OpenTransaction(HERE, 7, (short) 17, 0, 19);

  @Test
  void commitsWhatTheCoordinatorDecidedToCommit() {
    assertThat(of(decision(7, 18, true, COMMIT, HERE))).isEqualTo(COMMIT);
  }

  @Test
  void abortsWhatTheCoordinatorDecidedToAbort() {
    assertThat(of(decision(7, 17, true, COMMIT, HERE), decision(7, 18, true, ABORT, HERE)))
        .isEqualTo(ABORT);
  }

  @Test
  void theCommitOfTheTransactionBeforeIsNotItsOwn() {
    assertThat(of(decision(7, 17, true, COMMIT, HERE))).isEqualTo(ABORT);
  }

  @Test
  void aClientOfOldKeepsItsEpoch() {
    assertThat(of(decision(7, 17, false, COMMIT, HERE))).isEqualTo(COMMIT);
    assertThat(of(decision(7, 17, false, COMMIT, HERE), decision(7, 18, false, ABORT, HERE)))
        .isEqualTo(ABORT);
  }

  @Test
  void decisionsOnOtherPartitionsAndProducersDoNotCount() {
    assertThat(of(decision(7, 18, true, COMMIT, ELSEWHERE), decision(8, 18, true, COMMIT, HERE)))
        .isEqualTo(ABORT);
  }

  private static TransactionResult of(Decision... decisions) {
    return new TransactionLogEnds(List.of(decisions), Map.of()).of(OPEN);
  }

  private static Decision decision(
      long producer, int epoch, boolean bumped, TransactionResult result, TopicPartition at) {
    return new Decision(producer, (short) epoch, bumped, result, Set.of(at));
  }
}
