package dev.shunt.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class WordsTest {
  @Test
  void sayWhatHappenedToFiles() {
    assertThat(Words.of(new NoSuchFileException("/a"))).isEqualTo("there is no file or folder /a");
    assertThat(Words.of(new UncheckedIOException(new NoSuchFileException("/a"))))
        .isEqualTo("there is no file or folder /a");
    assertThat(Words.of(new AccessDeniedException("/a"))).isEqualTo("permission denied: /a");
    assertThat(Words.of(new UnknownHostException("db"))).isEqualTo("there is no host db");
  }

  @Test
  void haveNoNamesOfClasses() {
    assertThat(Words.of(new IllegalStateException("no: java.io.IOException: broken pipe")))
        .isEqualTo("no: broken pipe");
    assertThat(Words.of(new ExecutionException(new IOException("gone")))).isEqualTo("gone");
    assertThat(Words.of(new TimeoutException())).isEqualTo("no answer in time");
    assertThat(Words.of(new ExecutionException(new TimeoutException())))
        .isEqualTo("no answer in time");
    assertThat(Words.of(new ArrayIndexOutOfBoundsException()))
        .isEqualTo("array index out of bounds");
    assertThat(Words.of(new IllegalStateException("java.io.EOFException")))
        .isEqualTo("illegal state");
    for (String text :
        new String[] {
          "db.example.com: no answer",
          "kafka.prod.Cluster-1: no answer",
          "no table shop.audit.Error: there is shop.audit.Errors",
          "it names com.example.MyException, which is no option"
        }) {
      assertThat(Words.of(new IllegalStateException(text))).isEqualTo(text);
    }
  }

  @Test
  void durationsAreWrittenAsTheyAreRead() {
    for (String text : new String[] {"0s", "250ms", "1.5s", "1m", "1m30s", "1h", "1h0.25s"}) {
      assertThat(Durations.text(Durations.parse(text))).isEqualTo(text);
    }
    assertThat(Durations.text(Duration.ofSeconds(-90))).isEqualTo("-1m30s");
    assertThat(Durations.text(Duration.ofNanos(1_500))).isEqualTo("0.0015ms");
  }
}
