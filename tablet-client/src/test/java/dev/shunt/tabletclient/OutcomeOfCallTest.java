package dev.shunt.tabletclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a call that failed tells of what it left behind, and what goes along with calls. */
class OutcomeOfCallTest {
  private static TabletException failure(Status.Code code, String said) {
    return failure(code, said, true, new Metadata());
  }

  private static TabletException failure(
      Status.Code code, String said, boolean sent, Metadata trailers) {
    StatusRuntimeException cause =
        Status.fromCode(code).withDescription(said).asRuntimeException(trailers);
    return TabletException.of("zone1-0000000100 (h:1)", "Commit", cause, sent);
  }

  /**
   * NONE is sure. What a server says of the writing of its log, or of the end of a connection, and
   * what nobody says anything of, is not.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INVALID_ARGUMENT    | syntax error                                    | NONE    | false",
        "INVALID_ARGUMENT    | Unknown error (errno 1105) (sqlstate HY000)     | UNKNOWN | false",
        "FAILED_PRECONDITION | operation not allowed in state NOT_SERVING      | NONE    | true",
        "FAILED_PRECONDITION | wrong tablet type: REPLICA, want PRIMARY        | NONE    | true",
        "FAILED_PRECONDITION | disallowed due to rule: enforce denied tables   | NONE    | true",
        "UNKNOWN             | wrong tablet type: REPLICA, want PRIMARY        | NONE    | true",
        "UNKNOWN             | something                                       | UNKNOWN | false",
        "UNKNOWN             | Duplicate entry (errno 1062) (sqlstate 23000)   | NONE    | false",
        "UNKNOWN             | error during COMMIT (errno 1180) (sqlstate HY0) | UNKNOWN | false",
        "UNAVAILABLE         | io exception                                    | UNKNOWN | false",
        "UNAVAILABLE         | can't connect (errno 2003) (sqlstate HY000)     | NONE    | true",
        "UNAVAILABLE         | gone away (errno 2006) (sqlstate HY000)         | NONE    | true",
        "UNAVAILABLE         | lost (errno 2013) (sqlstate HY000)              | UNKNOWN | false",
        "UNAVAILABLE         | shutdown in progress (errno 1053) (sqlstate 08S01) | UNKNOWN | false",
        "ABORTED             | transaction 7: not found                        | NONE    | false",
        "ABORTED             | query interrupted (errno 1317) (sqlstate 70100) | UNKNOWN | false",
        "RESOURCE_EXHAUSTED  | too many connections (errno 1040) (sqlstate 08004) | NONE | false",
        "RESOURCE_EXHAUSTED  | gRPC message exceeds maximum size 5: 6          | UNKNOWN | false",
        "RESOURCE_EXHAUSTED  | trying to send message larger than max          | UNKNOWN | false",
        "DEADLINE_EXCEEDED   | deadline exceeded after 3s                      | UNKNOWN | false",
        "DEADLINE_EXCEEDED   | lock wait (errno 1205) (sqlstate HY000)         | NONE    | false",
        "CANCELLED           | cancelled                                       | UNKNOWN | false",
        "INTERNAL            | Duplicate (errno 1062) (sqlstate 23000)         | UNKNOWN | false",
        "ALREADY_EXISTS      | Duplicate (errno 1062) (sqlstate 23000)         | NONE    | false",
        "DATA_LOSS           | x                                               | UNKNOWN | false",
      })
  void tellsWhatIsSureToHaveLeftNothing(
      Status.Code code, String said, CallEffect effect, boolean elsewhereOrLater) {
    TabletException failure = failure(code, said);

    assertThat(failure.effect()).isEqualTo(effect);
    assertThat(failure.elsewhereOrLater()).isEqualTo(elsewhereOrLater);
  }

  @ParameterizedTest
  @EnumSource(value = Status.Code.class, mode = EnumSource.Mode.EXCLUDE, names = "OK")
  void whatWasNotSentHasLeftNothing(Status.Code code) {
    TabletException failure = failure(code, "io exception", false, new Metadata());

    assertThat(failure.effect()).isEqualTo(CallEffect.NONE);
    assertThat(failure.elsewhereOrLater()).isTrue();
    assertThat(failure.begunByServer()).isFalse();
  }

  /** It knows whether its COMMIT went out; a code can't say so. */
  @ParameterizedTest
  @CsvSource({"none, NONE", "unknown, UNKNOWN", "later, UNKNOWN", "NONE, UNKNOWN"})
  void whatATabletOfOursTellsCounts(String told, CallEffect effect) {
    Metadata trailers = new Metadata();
    trailers.put(CallEffect.TRAILER, told);
    assertThat(failure(Status.Code.INTERNAL, "x", true, trailers).effect()).isEqualTo(effect);
    assertThat(failure(Status.Code.INTERNAL, "x", false, trailers).effect())
        .isEqualTo(CallEffect.NONE);
    assertThat(CallEffect.of(null)).isEmpty();
    assertThat(CallEffect.of(new Metadata())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Table 't' doesn't exist (errno 1146) (sqlstate 42S02) during query | 1146 | 42S02 | true",
        "gone (errno 2006)                                                  | 2006 | ''    | false",
        "twice (errno 1062) (sqlstate 23000), (errno 1205)                  | 1062 | 23000 | true",
        "no number                                                          | 0    | ''    | false",
        "(errno 1234567890)                                                 | 0    | ''    | false",
        "(errno -1)                                                         | 0    | ''    | false",
      })
  void findsMysqlsNumberAndState(String said, int errno, String state, boolean begun) {
    TabletException failure = failure(Status.Code.UNKNOWN, said);

    assertThat(failure.mysqlErrno()).isEqualTo(errno);
    assertThat(failure.sqlState()).isEqualTo(state);
    assertThat(failure.begunByServer()).isEqualTo(begun);
  }

  @Test
  void namesTheCallAndTheTabletAlsoWhereNothingWasSaid() {
    TabletException silent =
        TabletException.of(
            "zone1-0000000100 (h:1)", "Ping", Status.UNAVAILABLE.asRuntimeException());

    assertThat(silent).hasMessage("Ping at zone1-0000000100 (h:1): no description");
    assertThat(silent.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(silent.fenced()).isFalse();
  }

  @Test
  void isFencedWhereTheTabletSaysSoBesideItsMessage() {
    Metadata trailers = new Metadata();
    trailers.put(Fenced.TRAILER, "customer/c2c");
    assertThat(failure(Status.Code.FAILED_PRECONDITION, "x", true, trailers).fenced()).isTrue();
    assertThat(failure(Status.Code.FAILED_PRECONDITION, "fenced: customer/c2c").fenced()).isFalse();
    assertThat(Fenced.isIn(null)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Status.Code.class)
  void mayBeSentAgainLaterWhereTheTabletWasAwayOrBusy(Status.Code code) {
    assertThat(failure(code, "x").transientFailure())
        .isEqualTo(
            List.of(
                    Status.Code.UNAVAILABLE,
                    Status.Code.DEADLINE_EXCEEDED,
                    Status.Code.RESOURCE_EXHAUSTED,
                    Status.Code.ABORTED)
                .contains(code));
  }

  // --- what goes along with calls ------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"customer/c2c, 1", "a:b:c, 9223372036854775807", ":, 7"})
  void aFenceIsReadAsItIsWritten(String key, long token) {
    Fence fence = new Fence(key, token);

    assertThat(Fence.parse(fence.toString())).isEqualTo(fence);
    assertThat(fence.withEpoch("7f").withEpoch("")).isEqualTo(fence);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "customer/c2c",
        "customer/c2c:",
        ":1",
        "c2c:0",
        "c2c:-1",
        "c2c:x",
        "c 2c:1",
        "ä:1",
        "",
        "c2c:9223372036854775808"
      })
  void whatIsNoFenceIsRefused(String header) {
    assertThatIllegalArgumentException().isThrownBy(() -> Fence.parse(header));
  }

  @Test
  void anEpochIsShortAndPrintable() {
    Fence fence = new Fence("c2c", 1);
    assertThat(fence.withEpoch("x".repeat(64)).epoch()).hasSize(64);
    for (String epoch : List.of("x".repeat(65), "a b", "é", "\n")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> fence.withEpoch(epoch))
          .withMessageStartingWith("fence epoch must be short printable ASCII: ");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "9.6.0, true",
    "9.6, true",
    "9.5.9, false",
    "10.0.1-log, true",
    "8.4.12, false",
    "11.4.5-MariaDB, true",
    "9, false",
    "x9.6, false",
    "'', false",
    "99999.1, false",
  })
  void keyActionsAreLoggedFromAVersionOn(String version, boolean logged) {
    LoggedKeyActions today = LoggedKeyActions.of(List.of("off"));
    assertThat(today.by(version)).isEqualTo(logged);
    assertThat(LoggedKeyActions.of(List.of()).by(version)).isFalse();
    assertThat(LoggedKeyActions.of(List.of("ON")).by(version)).isFalse();
  }

  @Test
  void settingsOfClientsAreBounded() {
    Duration ok = Duration.ofSeconds(10);
    TabletClientConfig least =
        new TabletClientConfig(Duration.ofNanos(1), ok, Duration.ofNanos(1), ok, 1 << 20);
    assertThat(least.maxMessageBytes()).isEqualTo(1_048_576);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TabletClientConfig(Duration.ZERO, ok, ok, ok, 1 << 20))
        .withMessage("deadline must be positive, not 0 ms");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TabletClientConfig(ok, ok, Duration.ofMillis(-5), ok, 1 << 20))
        .withMessage("keepaliveTimeout must be positive, not -5 ms");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TabletClientConfig(ok, ok, ok, Duration.ZERO, 1 << 20))
        .withMessage("idle must be positive, not 0 ms");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TabletClientConfig(ok, Duration.ofMillis(9999), ok, ok, 1 << 20))
        .withMessage("keepalive must be at least 10 s, not 9999 ms");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TabletClientConfig(ok, ok, ok, ok, (1 << 20) - 1))
        .withMessage("maxMessageBytes must be at least 1 MiB");
  }
}
