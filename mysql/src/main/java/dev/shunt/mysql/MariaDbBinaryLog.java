package dev.shunt.mysql;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** MariaDB's log: a replica's session says where it goes on. */
final class MariaDbBinaryLog implements BinaryLog {
  private static final int COM_BINLOG_DUMP = 0x12;
  private static final int FIRST_EVENT = 4;
  private static final LogFormat FORMAT =
      new LogFormat(
          /* spatialAreTexts= */ true,
          /* mssqlMode= */ true,
          /* namesDatabases= */ false,
          /* ownModes= */ true,
          /* leftOutIsNull= */ false,
          /* replaceIsUpdate= */ true);

  @Override
  public BinlogDump dump(MysqlConnection connection, Position from) {
    connection.execute(
        "SET @mariadb_slave_capability=4, @slave_gtid_strict_mode=0,"
            + " @slave_gtid_ignore_duplicates=0, @slave_connect_state="
            + SqlText.literal(from.text()));
    ByteBuffer argument = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
    argument.putInt(FIRST_EVENT).putShort((short) 0).putInt(BinaryLog.replicaId());
    return connection.binlogDump(COM_BINLOG_DUMP, argument.array());
  }

  @Override
  public LogFormat format() {
    return FORMAT;
  }
}
