package dev.shunt.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class FlavorTest {
  private static final String SOURCE = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
  private static final String OTHER = "4e11fa47-71ca-11e1-9e33-c80aa9429562";

  @ParameterizedTest
  @CsvSource({
    "9.7.4, MYSQL",
    "8.0.36-28, MYSQL",
    "8.0.mysql_aurora.3.05.2, MYSQL",
    "11.4.5-MariaDB-log, MARIADB",
    "10.11.6-mariadb, MARIADB",
  })
  void isToldByTheVersion(String version, String flavor) {
    assertThat(Flavor.ofVersion(version)).hasToString(flavor);
  }

  @ParameterizedTest
  @CsvSource({"MYSQL, 5, 7, false", "MYSQL, 8, 0, true", "MYSQL, 9, 7, true"})
  void supportsMysqlFrom8On(String flavor, int major, int minor, boolean supported) {
    assertThat(Flavor.MYSQL).hasToString(flavor);
    assertThat(Flavor.MYSQL.isSupported(major, minor)).isEqualTo(supported);
  }

  @ParameterizedTest
  @CsvSource({"5, 5, false", "10, 6, false", "10, 11, true", "11, 4, true", "12, 0, true"})
  void supportsMariaDbFrom1011On(int major, int minor, boolean supported) {
    assertThat(Flavor.MARIADB.isSupported(major, minor)).isEqualTo(supported);
  }

  @ParameterizedTest
  @FieldSource("dev.shunt.mysql.Flavor#KNOWN")
  void readsItsOwnPositions(Flavor flavor) {
    Position empty = flavor.positions().parse("");
    assertThat(empty.isEmpty()).isTrue();
    assertThat(empty.encoded()).isEqualTo(flavor.positions().prefix() + "/");
    assertThat(Position.parse(empty.encoded())).isEqualTo(empty);
    assertThat(Flavor.KNOWN)
        .filteredOn(one -> one.positions().takes(empty))
        .containsExactly(flavor);
  }

  @Test
  void namesAllFormsOfPositions() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Position.parse("FilePos/binlog.1:4"))
        .withMessage("position 'FilePos/binlog.1:4' must start with MySQL56/ or MariaDB/");
  }

  private static String bytes(String gtids) {
    return HexFormat.of().formatHex(GtidSetBytes.of(MysqlPosition.parse(gtids)));
  }

  @Test
  void encodesGtidSets() {
    assertThat(bytes(SOURCE + ":1-5:7"))
        .isEqualTo(
            "0100000000000000"
                + "3e11fa4771ca11e19e33c80aa9429562"
                + "0200000000000000"
                + "0100000000000000"
                + "0600000000000000"
                + "0700000000000000"
                + "0800000000000000");
    assertThat(bytes(OTHER + ":3, " + SOURCE + ":1-5:7"))
        .startsWith("0200000000000000" + "3e11fa4771ca11e19e33c80aa9429562" + "0200000000000000")
        .endsWith(
            "4e11fa4771ca11e19e33c80aa9429562"
                + "0100000000000000"
                + "0300000000000000"
                + "0400000000000000");
    assertThat(bytes("")).isEqualTo("0000000000000000");
  }

  @Test
  void encodesTaggedGtidSets() {
    assertThat(bytes(SOURCE + ":1:tag:2-3"))
        .isEqualTo(
            "0102000000000001"
                + "3e11fa4771ca11e19e33c80aa9429562"
                + "00"
                + "0100000000000000"
                + "0100000000000000"
                + "0200000000000000"
                + "3e11fa4771ca11e19e33c80aa9429562"
                + "06746167"
                + "0100000000000000"
                + "0200000000000000"
                + "0400000000000000");
  }
}
