package dev.shunt.tablet.vstreamer.binlog;

import dev.shunt.mysql.LogFormat;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tables as a log describes them. A server repeats the description before the rows of each
 * transaction: what is the same to the byte is read once. Used by one thread at a time.
 */
final class TableDescriptions {
  /** Tables that are kept; a log that has more is read anew from time to time. */
  private static final int MOST = 256;

  private static final int ID_BYTES = 6;

  private final LogFormat format;
  private final Map<Long, Known> known = new HashMap<>();

  private record Known(ByteBuffer bytes, TableDefinition table) {}

  TableDescriptions(LogFormat format) {
    this.format = format;
  }

  /** Reads the rest of a table map event. */
  TableDefinition read(ByteReader in) {
    byte[] bytes = in.takeRest();
    long id = id(bytes);
    @Nullable Known before = known.get(id);
    if (before != null && before.bytes().equals(ByteBuffer.wrap(bytes))) {
      return before.table();
    }
    TableDefinition table = TableDefinition.read(new ByteReader(bytes), format);
    if (known.size() >= MOST) {
      known.clear();
    }
    known.put(id, new Known(ByteBuffer.wrap(bytes), table));
    return table;
  }

  private static long id(byte[] bytes) {
    long id = 0;
    for (int i = 0; i < Math.min(ID_BYTES, bytes.length); i++) {
      id |= (bytes[i] & 0xFFL) << (8 * i);
    }
    return id;
  }
}
