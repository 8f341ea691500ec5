package dev.shunt.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MariaDbVersionTest {
  private final String system = System.getProperty("os.name");
  private final String processor = System.getProperty("os.arch");

  @AfterEach
  void isThisMachineAgain() {
    System.setProperty("os.name", system);
    System.setProperty("os.arch", processor);
  }

  @ParameterizedTest
  @CsvSource({"Linux, aarch64", "Mac OS X, aarch64", "Mac OS X, x86_64"})
  void saysWhatToDoWhereItsBinariesDoNotRun(String otherSystem, String otherProcessor) {
    System.setProperty("os.name", otherSystem);
    System.setProperty("os.arch", otherProcessor);

    assertThat(MariaDbVersion.V11_4.isAvailable()).isFalse();
    assertThatThrownBy(MariaDbVersion.V11_4::home)
        .isInstanceOf(EmbeddedServerException.class)
        .hasMessageContaining("Linux on x86-64 only")
        .hasMessageContaining("--mysql")
        .hasMessageContaining("SHUNT_MYSQL_HOME");
  }

  @Test
  void runsOnLinux() {
    System.setProperty("os.name", "Linux");
    System.setProperty("os.arch", "amd64");

    assertThat(MariaDbVersion.V11_4.isAvailable()).isTrue();
  }
}
