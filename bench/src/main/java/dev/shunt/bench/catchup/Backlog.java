package dev.shunt.bench.catchup;

import dev.shunt.bench.server.Instance;
import dev.shunt.bench.server.Workers;
import dev.shunt.mysql.MysqlConnection;
import java.util.SplittableRandom;

/**
 * Transactions that change one random row of sbtest1 each: half of them the indexed column, half of
 * them the text, as sysbench's update_index and update_non_index.
 */
final class Backlog {
  private static final int WRITERS = 4;
  private static final int STATEMENTS_A_CALL = 100;

  private final Instance source;
  private final long rows;

  /** Backlogs on a server whose sbtest1 has the ids 1 to {@code rows}. */
  Backlog(Instance source, long rows) {
    this.source = source;
    this.rows = rows;
  }

  /** Commits so many transactions over {@value #WRITERS} connections. */
  void write(long transactions, long seed) throws Exception {
    Workers.run(
        WRITERS,
        worker -> {
          SplittableRandom random = new SplittableRandom(seed * WRITERS + worker);
          long mine = transactions / WRITERS + (worker < transactions % WRITERS ? 1 : 0);
          try (MysqlConnection connection = source.connect()) {
            write(connection, random, mine);
          }
        });
  }

  private void write(MysqlConnection connection, SplittableRandom random, long transactions) {
    for (long done = 0; done < transactions; done += STATEMENTS_A_CALL) {
      StringBuilder statements = new StringBuilder();
      for (long i = done; i < Math.min(transactions, done + STATEMENTS_A_CALL); i++) {
        statements.append(statements.isEmpty() ? "" : ";").append(update(random));
      }
      var _ = connection.executeMulti(statements.toString());
    }
  }

  /** Always changes the row: k grows, and no two texts are the same. */
  private String update(SplittableRandom random) {
    long id = random.nextLong(1, rows + 1);
    return random.nextBoolean()
        ? "UPDATE sbtest1 SET k = k + 1 WHERE id = " + id
        : "UPDATE sbtest1 SET c = '%019d-%019d-%019d-%019d' WHERE id = %d"
            .formatted(
                random.nextLong(Long.MAX_VALUE),
                random.nextLong(Long.MAX_VALUE),
                random.nextLong(Long.MAX_VALUE),
                random.nextLong(Long.MAX_VALUE),
                id);
  }
}
