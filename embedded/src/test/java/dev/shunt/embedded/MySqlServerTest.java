package dev.shunt.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MySqlServerTest {
  @TempDir Path directory;

  @Test
  void isLeftToFindItsOwnFilesWhereNoFolderIsAboveThatOfItsProgram() {
    assertThat(MySqlServer.installation(directory.getRoot().resolve("mysqld"))).isEmpty();
  }

  @Test
  void findsItsFilesInTheFolderOfItsPackage() throws Exception {
    Path share = Files.createDirectories(directory.resolve("usr/share/mysql"));

    assertThat(MySqlServer.installation(directory.resolve("sbin/mysqld")))
        .contains("--basedir=" + directory.resolve("usr"), "--lc-messages-dir=" + share);
  }
}
