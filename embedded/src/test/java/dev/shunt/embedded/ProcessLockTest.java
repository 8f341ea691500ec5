package dev.shunt.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessLockTest {
  @TempDir Path directory;

  @Test
  void isHeldThoughTheSameProcessTriesToTakeItAgain() throws Exception {
    Path file = directory.resolve("lock");
    try (ProcessLock _ = ProcessLock.of(file).orElseThrow()) {
      assertThat(ProcessLock.of(file)).isEmpty();
      assertThat(ProcessLock.of(directory.resolve(".").resolve("lock"))).isEmpty();

      assertThat(isLocked(file)).isTrue();
    }
    assertThat(isLocked(file)).isFalse();
  }

  @Test
  void canBeTakenAgainBehindTheOneBefore() throws Exception {
    Path file = directory.resolve("lock");
    ProcessLock first = ProcessLock.of(file).orElseThrow();
    first.close();

    try (ProcessLock _ = ProcessLock.of(file).orElseThrow()) {
      first.close(); // once more
      assertThat(ProcessLock.of(file)).isEmpty();
      assertThat(isLocked(file)).isTrue();
    }
  }

  @Test
  void saysThatARootIsNoFileToLock() {
    assertThatThrownBy(() -> ProcessLock.of(directory.getRoot()))
        .isInstanceOf(FileSystemException.class)
        .hasMessage("/: it is a folder and can't be locked");
  }

  /** What the kernel knows, which is what other processes meet. */
  private static boolean isLocked(Path file) throws IOException {
    String inode = ":" + Files.getAttribute(file, "unix:ino") + " ";
    return Files.readAllLines(Path.of("/proc/locks")).stream().anyMatch(l -> l.contains(inode));
  }
}
