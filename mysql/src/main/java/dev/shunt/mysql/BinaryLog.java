package dev.shunt.mysql;

import java.util.concurrent.ThreadLocalRandom;

/** The binary log of the servers of a flavor. */
public interface BinaryLog {
  /**
   * Starts a dump.
   *
   * @param connection one that is used for nothing else
   * @param from what the reader has already; of this flavor
   */
  BinlogDump dump(MysqlConnection connection, Position from);

  /** What its events mean where they don't say so. */
  LogFormat format();

  /** A server ends an older dump with the same id, so each dump takes one of its own. */
  static int replicaId() {
    return ThreadLocalRandom.current().nextInt(1 << 24, Integer.MAX_VALUE);
  }
}
