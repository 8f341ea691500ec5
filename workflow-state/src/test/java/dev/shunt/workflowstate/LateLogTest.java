package dev.shunt.workflowstate;

import static dev.shunt.workflowstate.Records.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.CommandWaiting;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.SignalKind;
import dev.shunt.schemas.SignalSent;
import dev.shunt.schemas.WorkflowKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/** What admission decides while the log is ahead of the state. */
class LateLogTest {
  private static final int SEEDS = Integer.getInteger("late.log.seeds", 40);

  /** In memory where the system has such: what the driver commits it writes through to a disk. */
  static final class MemoryFolder implements TempDirFactory {
    private static final Path MEMORY = Path.of("/dev/shm");

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
        throws IOException {
      return Files.isWritable(MEMORY)
          ? Files.createTempDirectory(MEMORY, "junit-")
          : Files.createTempDirectory("junit-");
    }
  }

  @TempDir(factory = MemoryFolder.class)
  Path directory;

  private LateLog log;

  @BeforeEach
  void start() {
    log = new LateLog(directory);
  }

  @AfterEach
  void stop() {
    log.close();
  }

  private void created() {
    log.send(Records.create(KEY, "c1"));
    log.settle();
    log.append(Records.created(KEY, "c1"));
    log.append(Records.succeeded(KEY, "c1"));
    log.settle();
  }

  private <T extends Event> List<String> idsOf(Class<T> type) {
    return log.events().stream()
        .filter(type::isInstance)
        .map(event -> event.header().commandId())
        .toList();
  }

  private List<String> tasks() {
    return log.tasks().values().stream().map(task -> task.header().commandId()).toList();
  }

  @Test
  void admitsNoOtherWhenItReadsThatAnAdmittedCommandWaited() {
    created();
    log.send(Records.switchTraffic(KEY, "s1", 1000));
    log.settle();

    log.append(Records.succeeded(KEY, "s1"));
    log.send(Records.switchTraffic(KEY, "s2", 1000));
    log.send(Records.switchTraffic(KEY, "s3", 1000));
    log.settle();

    assertThat(idsOf(CommandWaiting.class)).containsExactly("s2", "s3");
    assertThat(idsOf(CommandAdmitted.class)).containsExactly("c1", "s1", "s2");
    assertThat(tasks()).containsExactly("s2");
  }

  @Test
  void admitsNoOtherWhenItReadsThatAnAdmittedCommandCameTwice() {
    created();
    log.send(Records.switchTraffic(KEY, "s1", 1000));
    log.send(Records.switchTraffic(KEY, "s2", 1000));
    log.send(Records.switchTraffic(KEY, "s3", 1000));
    log.settle();

    log.append(Records.succeeded(KEY, "s1"));
    log.send(Records.switchTraffic(KEY, "s2", 1000)); // the same again
    log.settle();

    assertThat(idsOf(CommandAdmitted.class)).containsExactly("c1", "s1", "s2");
    assertThat(tasks()).containsExactly("s2");
  }

  /** As many as the state keeps: what is refused must not be done all the same. */
  @Test
  void handsOutNoSignalThatItRefuses() {
    created();
    log.send(Records.diff(KEY, "v1"));
    log.settle();
    log.append(Records.diffStarted(KEY, "v1"));
    log.settle();
    for (int i = 0; i < 13; i++) {
      log.send(Records.signal(KEY, "x" + i, "v1", SignalKind.PAUSE));
    }
    log.settle();

    assertThat(idsOf(SignalSent.class)).hasSize(13);
    assertThat(idsOf(CommandRefused.class)).containsExactly("x10", "x11", "x12");
    assertThat(log.handedOut())
        .containsExactly("c1", "v1", "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9");
    Command first = log.tasks().get("shunt.tasks.vdiff " + KEY + "!x0");
    assertThat(first)
        .isInstanceOfSatisfying(
            CommandSignal.class,
            signal -> {
              assertThat(signal.target()).isEqualTo("v1");
              assertThat(signal.signal()).isEqualTo(SignalKind.PAUSE);
              assertThat(signal.header().issuer()).isEqualTo("ann");
              assertThat(signal.header().reason()).isEqualTo("why");
            });
  }

  @Test
  void letsOneChangeActAtATimeHoweverLateTheLogIsRead() {
    int waited = 0;
    int abandoned = 0;
    int taken = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Interleaving interleaving =
          new Interleaving(log, seed, new WorkflowKey("customer", "w" + seed));
      interleaving.play();
      interleaving.verify();
      waited += interleaving.waited();
      abandoned += interleaving.abandoned();
      taken += interleaving.taken();
    }
    assertThat(waited).isGreaterThan(SEEDS);
    assertThat(abandoned).isGreaterThan(SEEDS / 10);
    assertThat(taken).isPositive();
  }
}
