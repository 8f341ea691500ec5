package dev.shunt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.Ports;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Where nothing runs a verb says at once what is missing, and where it looked. */
class NothingRunsTest {
  private static final Duration AT_ONCE = Duration.ofSeconds(15);

  private final String nowhere = "127.0.0.1:" + Ports.free();
  private final StringWriter errors = new StringWriter();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "workflows watch",
        "audit replay",
        "commands send --type SwitchTraffic --workflow customer.shop"
      })
  void verbsOnTheLogNameKafka(String verb) {
    long began = System.nanoTime();

    assertThat(run(verb + " --kafka " + nowhere)).isOne();

    assertThat(errors.toString())
        .isEqualToIgnoringNewLines(
            "Error: no Kafka at "
                + nowhere
                + "; is `./shunt up` running? Another one is named by --kafka or"
                + " SHUNT_KAFKA_BOOTSTRAP_SERVERS");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(AT_ONCE);
  }

  @Test
  void vitessVerbsNameTheCommandService() {
    assertThat(run("getkeyspaces --server " + nowhere)).isOne();

    assertThat(errors.toString())
        .contains(nowhere)
        .contains("Connection refused")
        .contains("is `./shunt up` running?");
  }

  private int run(String line) {
    CommandLine commandLine = Shunt.commandLine();
    commandLine.setErr(new PrintWriter(errors, true));
    return commandLine.execute(List.of(line.split(" ", -1)).toArray(String[]::new));
  }
}
