package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import binlogdata.Binlogdata.BinlogSource;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A MySQL whose log was begun before it was upgraded to a version that logs foreign keys' acts. */
class UpgradedSourceIT {
  private static final String PARENT = "CREATE TABLE p (id INT PRIMARY KEY)";
  private static final String CHILD =
      "CREATE TABLE c (id INT PRIMARY KEY, p INT, KEY (p), CONSTRAINT f FOREIGN KEY (p)"
          + " REFERENCES p (id) ON DELETE CASCADE)";
  private static final int MAGIC = 4;
  private static final int HEADER = 19;
  private static final int VERSION_BYTES = 50;

  @TempDir Path directory;

  private DatabaseServer start(int port, String... arguments) {
    return DatabaseKind.MYSQL.start(
        DatabaseSettings.in(directory.resolve("server"))
            .withServerId(7)
            .withPort(port)
            .withArguments(arguments));
  }

  @Test
  void whatItsOldLogDoesNotTellIsDoneOnTheTarget() throws Exception {
    readsOnBehindTheUpgrade(true);
  }

  @Test
  void whatItsOldLogDoesNotTellMustBeDoneAlike() throws Exception {
    readsOnBehindTheUpgrade(false);
  }

  private void readsOnBehindTheUpgrade(boolean alike) throws Exception {
    assumeTrue(DatabaseKind.MYSQL.isAvailableOrRequired());
    DatabaseServer old = start(0, "--innodb-native-foreign-keys=ON");
    int port = old.port();
    TestDatabase source =
        TestDatabase.on(
            new MysqlEndpoint(old.host(), port, old.user(), Password.of(old.password()), null));
    try (StreamingCluster cluster =
        new StreamingCluster(
            directory.resolve("topo"), source, TestDatabase.target(DatabaseKind.MYSQL))) {
      source.run(PARENT, CHILD, "INSERT INTO p VALUES (1), (2)", "INSERT INTO c VALUES (10, 1)");
      cluster.target.run(PARENT, CHILD);
      BinlogSource rules =
          cluster.binlogSource(rule("p", "select * from p"), rule("c", "select * from c"));
      int id = cluster.stream(rules);
      cluster.awaitState(id, "Running");
      cluster.awaitCaughtUp(id);
      cluster.stop(id);
      source.run("DELETE FROM p WHERE id = 1");
      if (!alike) {
        cluster.target.run("ALTER TABLE c DROP FOREIGN KEY f");
      }
      old.close();
      sayOlderVersion();

      try (DatabaseServer upgraded = start(port)) {
        assertThat(upgraded.port()).isEqualTo(port);
        cluster.update(id, "state='Running'");
        if (alike) {
          source.run("INSERT INTO c VALUES (20, 2)", "DELETE FROM p WHERE id = 2");
          cluster.awaitCaughtUp(id);
          cluster.assertEqual(List.of("p", "c"));
        } else {
          cluster.awaitState(id, "Error");
          assertThat(cluster.column(id, "message")).contains("only the source has f of c");
        }
      }
    }
  }

  /** Each file begins with an event that names the version of the server that wrote it. */
  private void sayOlderVersion() throws IOException {
    int files = 0;
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(directory.resolve("server/data"), "binlog.0*")) {
      for (Path file : found) {
        sayOlderVersion(file);
        files++;
      }
    }
    assertThat(files).isPositive();
  }

  private static void sayOlderVersion(Path file) throws IOException {
    byte[] log = Files.readAllBytes(file);
    ByteBuffer bytes = ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN);
    int size = bytes.getInt(MAGIC + 9);
    int version = MAGIC + HEADER + 2;
    Arrays.fill(log, version, version + VERSION_BYTES, (byte) 0);
    byte[] older = "9.5.0".getBytes(ISO_8859_1);
    System.arraycopy(older, 0, log, version, older.length);
    CRC32 checksum = new CRC32();
    checksum.update(log, MAGIC, size - 4);
    bytes.putInt(MAGIC + size - 4, (int) checksum.getValue());
    Files.write(file, log);
  }
}
