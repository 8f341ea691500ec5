package dev.shunt.switcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.tabletclient.TabletException;
import io.grpc.Status;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A journal counts as not written only when that is sure. */
class JournalJudgeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INVALID_ARGUMENT    | Unknown error (errno 1105) (sqlstate HY000)      | UNKNOWN",
        "UNKNOWN             | error during COMMIT (errno 1180) (sqlstate HY000) | UNKNOWN",
        "UNAVAILABLE         | lost (errno 2013) (sqlstate HY000)               | UNKNOWN",
        "UNAVAILABLE         | io exception                                     | UNKNOWN",
        "DEADLINE_EXCEEDED   | deadline                                         | UNKNOWN",
        "INVALID_ARGUMENT    | syntax error (errno 1064) (sqlstate 42000)       | NOT_WRITTEN",
        "FAILED_PRECONDITION | fenced: row x was raised                         | NOT_WRITTEN",
        "PERMISSION_DENIED   | denied (errno 1142) (sqlstate 42000)             | NOT_WRITTEN",
        "UNIMPLEMENTED       | no such call                                     | NOT_WRITTEN"
      })
  void judges(Status.Code code, String message, JournalWriter.Result expected) {
    TabletException failure =
        new TabletException(
            code, message, Status.fromCode(code).withDescription(message).asRuntimeException());
    assertThat(JournalWriter.judge(failure)).isEqualTo(expected);
  }
}
