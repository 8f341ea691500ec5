package dev.shunt.tablet.vreplication.writing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.vreplication.StreamingCluster;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TableStampIT {
  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void changesWithForeignKeysOfTheTableAndToItOnly(DatabaseKind kind) {
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
        MysqlConnection connection = cluster.target.connect()) {
      for (String table : List.of("p", "c", "`o-p`", "o")) {
        connection.execute("CREATE TABLE " + table + " (id INT PRIMARY KEY, p INT)");
      }
      String database = cluster.target.name();
      TableStamp parent = TableStamp.read(connection, database, "p");
      TableStamp child = TableStamp.read(connection, database, "c");
      TableStamp odd = TableStamp.read(connection, database, "o-p");

      connection.execute("ALTER TABLE o ADD FOREIGN KEY (p) REFERENCES `o-p` (id)");
      TableStamp.demandSame(connection, List.of(parent, child));
      assertThat(odd.isSame(connection)).isFalse();

      TableStamp oddNow = TableStamp.read(connection, database, "o-p");
      connection.execute("ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE");
      assertThat(parent.isSame(connection)).isFalse();
      assertThat(child.isSame(connection)).isFalse();
      TableStamp parentNow = TableStamp.read(connection, database, "p");
      TableStamp childNow = TableStamp.read(connection, database, "c");
      TableStamp oddAgain = TableStamp.read(connection, database, "o-p");
      assertThat(oddAgain.definition()).isEqualTo(oddNow.definition());
      TableStamp.demandSame(connection, List.of(parentNow, oddAgain, childNow));

      connection.execute("ALTER TABLE c DROP FOREIGN KEY c_ibfk_1");
      assertThat(parentNow.isSame(connection)).isFalse();
    }
  }
}
