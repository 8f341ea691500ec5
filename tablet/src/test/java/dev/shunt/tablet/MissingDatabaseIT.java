package dev.shunt.tablet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.topo.Topo;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A name that was mistyped must not become an empty database that somebody moves tables to. */
class MissingDatabaseIT {
  @TempDir Path folder;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void isNotMadeButNamed(DatabaseKind kind) {
    try (TestTablet beside = new TestTablet(kind, folder)) {
      TabletConfig mistyped =
          TabletConfig.defaults(7, "mistyped", "0")
              .withDatabase("shpo")
              .withMysql(
                  beside.config.mysqlHost(),
                  beside.config.mysqlPort(),
                  beside.config.mysqlUser(),
                  beside.config.mysqlPassword());
      long began = System.nanoTime();

      try (Tablet tablet = new Tablet(mistyped, beside.topo, new FakeParts())) {
        assertThatExceptionOfType(RpcException.class)
            .isThrownBy(tablet::start)
            .withMessageContaining("zone1-0000000007")
            .withMessageContaining(
                "server 127.0.0.1:" + beside.config.mysqlPort() + " has no database shpo");
      }

      assertThat((System.nanoTime() - began) / 1_000_000_000).as("seconds").isLessThan(10);
      assertThat(
              beside.value(
                  "SELECT COUNT(*) FROM information_schema.schemata WHERE"
                      + " schema_name = 'shpo'"))
          .isEqualTo("0");
      assertNothingWritten(beside.topo);

      try (Tablet tablet = new Tablet(mistyped.creatingDatabase(), beside.topo, new FakeParts())) {
        tablet.start();
        assertThat(tablet.identity().database()).isEqualTo("shpo");
      }
      beside.run("DROP DATABASE shpo");
    }
  }

  private static void assertNothingWritten(Topo topo) {
    assertThat(topo.keyspaces()).doesNotContain("mistyped");
    assertThat(topo.tablets()).extracting(Topodata.Tablet::getKeyspace).doesNotContain("mistyped");
  }
}
