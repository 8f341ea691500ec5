package dev.shunt.tablet.vstreamer;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseVStreamerTest {
  @ParameterizedTest
  @CsvSource({
    "1053, UNAVAILABLE", // the server shuts down
    "1080, UNAVAILABLE", // the server ends connections
    "1158, UNAVAILABLE", // errors of the network
    "1161, UNAVAILABLE",
    "1317, UNAVAILABLE", // somebody killed the query, or the connection during it
    "1412, UNAVAILABLE", // the table was altered under the snapshot
    "1927, UNAVAILABLE", // MariaDB: somebody killed the connection
    "3169, UNAVAILABLE", // MySQL: likewise
    "2013, UNAVAILABLE",
    "4031, UNAVAILABLE", // MySQL: the connection was idle for too long
    "1205, DEADLINE_EXCEEDED",
    "1040, RESOURCE_EXHAUSTED",
    "1064, UNKNOWN",
    "1142, UNKNOWN",
    "1146, UNKNOWN"
  })
  void tellsApartWhatMayPass(int errno, Status.Code code) {
    assertThat(DatabaseVStreamer.ended(errno)).isEqualTo(code);
  }
}
