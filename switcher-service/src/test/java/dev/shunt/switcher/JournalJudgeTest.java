package dev.shunt.switcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.tabletclient.CallEffect;
import dev.shunt.tabletclient.TabletException;
import io.grpc.Metadata;
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
        "UNIMPLEMENTED       | no such call                                     | NOT_WRITTEN",
        "ALREADY_EXISTS      | Duplicate entry (errno 1062) (sqlstate 23000)    | NOT_WRITTEN"
      })
  void judges(Status.Code code, String message, JournalWriter.Result expected) {
    TabletException failure =
        new TabletException(
            code, message, Status.fromCode(code).withDescription(message).asRuntimeException());
    assertThat(JournalWriter.judge(failure)).isEqualTo(expected);
  }

  /** One number before and behind the COMMIT: the tablet's trailer tells which it was. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ALREADY_EXISTS   | Duplicate entry (errno 1062) (sqlstate 23000) | unknown | UNKNOWN",
        "ALREADY_EXISTS   | Duplicate entry (errno 1062) (sqlstate 23000) | none    | NOT_WRITTEN",
        "INVALID_ARGUMENT | Unknown error (errno 1105) (sqlstate HY000)   | unknown | UNKNOWN",
        "INVALID_ARGUMENT | Unknown error (errno 1105) (sqlstate HY000)   | none    | NOT_WRITTEN",
        "UNAVAILABLE      | lost (errno 2013) (sqlstate HY000)            | unknown | UNKNOWN"
      })
  void judgesByWhetherTheCommitWentOut(
      Status.Code code, String message, String trailer, JournalWriter.Result expected) {
    Metadata trailers = new Metadata();
    trailers.put(CallEffect.TRAILER, trailer);
    TabletException failure =
        TabletException.of(
            "zone1-100",
            "vReplicationTransaction",
            Status.fromCode(code).withDescription(message).asRuntimeException(trailers));
    assertThat(JournalWriter.judge(failure)).isEqualTo(expected);
  }
}
