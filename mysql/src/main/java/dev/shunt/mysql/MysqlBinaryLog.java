package dev.shunt.mysql;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/** MySQL's log: a replica's command says what it has. */
final class MysqlBinaryLog implements BinaryLog {
  private static final int COM_BINLOG_DUMP_GTID = 0x1e;
  private static final int THROUGH_GTID = 4;
  private static final int FIRST_EVENT = 4;
  private static final LogFormat FORMAT =
      new LogFormat(
          /* spatialAreTexts= */ false,
          /* mssqlMode= */ false,
          /* namesDatabases= */ true,
          /* ownModes= */ false,
          /* leftOutIsNull= */ true,
          /* replaceIsUpdate= */ false);

  @Override
  public BinlogDump dump(MysqlConnection connection, Position from) {
    String replica = SqlText.literal(UUID.randomUUID().toString());
    connection.execute("SET @slave_uuid=" + replica + ", @replica_uuid=" + replica);
    byte[] set = GtidSetBytes.of(MysqlPosition.of(from));
    byte[] file = "".getBytes(US_ASCII);
    ByteBuffer argument =
        ByteBuffer.allocate(22 + file.length + set.length).order(ByteOrder.LITTLE_ENDIAN);
    argument.putShort((short) THROUGH_GTID).putInt(BinaryLog.replicaId());
    argument.putInt(file.length).put(file);
    argument.putLong(FIRST_EVENT).putInt(set.length).put(set);
    return connection.binlogDump(COM_BINLOG_DUMP_GTID, argument.array());
  }

  @Override
  public LogFormat format() {
    return FORMAT;
  }
}
