package dev.shunt.bench.server;

import dev.shunt.bench.data.DataSet;
import dev.shunt.bench.data.LoadFiles;
import dev.shunt.bench.data.Table;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.QueryResult;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Loads files that are ready on the server's disk. Each stream is a connection that takes the next
 * file.
 *
 * @param data what is in the files
 * @param files the files
 * @param streams how many connections load
 * @param deferKeys whether secondary keys are added at the end instead of being there from the
 *     beginning
 */
public record Loader(DataSet data, LoadFiles files, int streams, boolean deferKeys) {
  private static final int DEADLOCK = 1213;

  /**
   * Creates the tables in a server's database and fills them.
   *
   * @throws IllegalStateException when a row did not get in as it is
   */
  public void load(Instance target) throws Exception {
    target.run(
        data.tables().stream()
            .map(deferKeys ? Table::createWithoutSecondaryKeys : Table::create)
            .toList());
    Queue<LoadFiles.Part> parts = new ConcurrentLinkedQueue<>(files.parts());
    Workers.run(streams, stream -> load(target, parts));
    if (deferKeys) {
      data.tables().forEach(table -> target.run(table.addSecondaryKeys()));
    }
  }

  private static void load(Instance target, Queue<LoadFiles.Part> parts) {
    try (MysqlConnection connection = target.connect()) {
      connection.execute("SET unique_checks = 0, foreign_key_checks = 0");
      for (LoadFiles.Part part = parts.poll(); part != null; part = parts.poll()) {
        QueryResult result = load(connection, part);
        if (result.affectedRows() != part.rows() || result.warnings() != 0) {
          throw new IllegalStateException(
              "%s: %d of %d rows loaded, %d warnings"
                  .formatted(part.file(), result.affectedRows(), part.rows(), result.warnings()));
        }
      }
    }
  }

  /** Two streams may be in each other's way at a secondary key; the server then undoes a file. */
  private static QueryResult load(MysqlConnection connection, LoadFiles.Part part) {
    while (true) {
      try {
        return connection.execute(part.load());
      } catch (MysqlException e) {
        if (e.errno() != DEADLOCK) {
          throw e;
        }
      }
    }
  }
}
