package dev.shunt.tablet.vreplication.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.mysql.MysqlException;
import dev.shunt.tabletclient.TabletException;
import io.grpc.Status;
import java.util.List;
import org.junit.jupiter.api.Test;

class TerminalErrorsTest {
  @Test
  void triesAgainOnlyWhatMayPass() {
    for (Status status :
        List.of(
            Status.UNAVAILABLE,
            Status.NOT_FOUND.withDescription("unknown column c in table t"),
            Status.RESOURCE_EXHAUSTED.withDescription("no connection free"))) {
      assertThat(TerminalErrors.isTerminal(error(status))).isFalse();
    }
    for (Status status :
        List.of(
            Status.FAILED_PRECONDITION,
            Status.INVALID_ARGUMENT.withDescription("unsupported filter"),
            Status.RESOURCE_EXHAUSTED.withDescription(
                "gRPC message exceeds maximum size 268435456: 300000000"),
            Status.RESOURCE_EXHAUSTED.withDescription(
                "trying to send message larger than max (20000000 vs. 16777216)"))) {
      assertThat(TerminalErrors.isTerminal(error(status))).isTrue();
    }
    assertThat(TerminalErrors.isTerminal(new MysqlException(1062, "23000", "duplicate"))).isTrue();
    assertThat(TerminalErrors.isTerminal(new MysqlException(1205, "HY000", "waited"))).isFalse();
  }

  private static TabletException error(Status status) {
    return new TabletException(
        status.getCode(), String.valueOf(status.getDescription()), status.asRuntimeException());
  }
}
