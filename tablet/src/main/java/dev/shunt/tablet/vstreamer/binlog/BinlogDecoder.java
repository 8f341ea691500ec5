package dev.shunt.tablet.vstreamer.binlog;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.ZstdInputStream;
import dev.shunt.mysql.LogFormat;
import dev.shunt.tablet.vstreamer.binlog.BinlogEvent.Kind;
import dev.shunt.workflow.sql.lexer.PlainQuotes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the events of one connection's binary log stream, in order. Knows MySQL's and MariaDB's
 * events; remembers nothing but whose they are and whether they carry checksums (which are cut off,
 * not verified). Not for several threads.
 */
public final class BinlogDecoder {
  private static final int HEADER = 19;
  private static final int CHECKSUM = 4;
  private static final int VERSION_BYTES = 50;
  private static final int UNCOMPRESSED = 255;

  private static final int QUERY = 2;
  private static final int FORMAT_DESCRIPTION = 15;
  private static final int INCIDENT = 26;
  private static final int XID = 16;
  private static final int EXECUTE_LOAD_QUERY = 18;
  private static final int TABLE_MAP = 19;
  private static final int WRITE_ROWS_1 = 23;
  private static final int UPDATE_ROWS_1 = 24;
  private static final int DELETE_ROWS_1 = 25;
  private static final int HEARTBEAT = 27;
  private static final int WRITE_ROWS = 30;
  private static final int UPDATE_ROWS = 31;
  private static final int DELETE_ROWS = 32;
  private static final int GTID = 33;
  private static final int XA_PREPARE = 38;
  private static final int PARTIAL_UPDATE_ROWS = 39;
  private static final int TRANSACTION_PAYLOAD = 40;
  private static final int HEARTBEAT_2 = 41;
  private static final int GTID_TAGGED = 42;
  private static final int MARIADB_GTID = 162;
  private static final int MARIADB_QUERY_COMPRESSED = 165;
  private static final int MARIADB_WRITE_ROWS_COMPRESSED_1 = 166;
  private static final int MARIADB_DELETE_ROWS_COMPRESSED = 171;

  private static final PlainQuotes.Mode ALL_MODES = new PlainQuotes.Mode(true, true, true);

  /** LOG_EVENT_IGNORABLE_F: a reader that does not know the event may pass over it. */
  private static final int IGNORABLE = 0x80;

  /** Events that change no rows, or only help statements, which are refused themselves. */
  private static final Set<Integer> HARMLESS =
      Set.of(
          3, // STOP
          4, // ROTATE
          5, // INTVAR
          9, // APPEND_BLOCK
          11, // DELETE_FILE
          13, // RAND
          14, // USER_VAR
          17, // BEGIN_LOAD_QUERY
          28, // IGNORABLE
          29, // ROWS_QUERY
          35, // PREVIOUS_GTIDS
          36, // TRANSACTION_CONTEXT
          37, // VIEW_CHANGE
          160, // MariaDB: ANNOTATE_ROWS
          161, // MariaDB: BINLOG_CHECKPOINT
          163, // MariaDB: GTID_LIST
          164); // MariaDB: START_ENCRYPTION

  private static final int MARIADB_STANDALONE = 1;
  private static final int MARIADB_GROUP_COMMIT = 2;
  private static final int MARIADB_XA = 64 | 128;
  private static final int MARIADB_UNFINISHED_ALTER = 2 | 8;

  /** Of a LOAD DATA: the file's number, where its name stands, what to do with duplicates. */
  private static final int LOAD_DATA_HEADER = 13;

  private final LogFormat format;
  private final StatementText text;
  private final TableDescriptions tables;
  private boolean checksums;

  /**
   * @param format what events mean where they don't say so
   * @param checksums whether the server's events carry checksums before a format description says
   *     so ({@code @@global.binlog_checksum} is not NONE)
   * @param text reads statements
   */
  public BinlogDecoder(LogFormat format, boolean checksums, StatementText text) {
    this.format = format;
    this.text = text;
    this.tables = new TableDescriptions(format);
    this.checksums = checksums;
  }

  /**
   * Reads one event as it stands in a binary log: header, body, checksum.
   *
   * @return the event; several when it is a compressed transaction, which is expanded while they
   *     are taken
   * @throws BinlogFormatException when it can't be read
   */
  public Iterator<BinlogEvent> decode(byte[] event, int offset) {
    return decode(new ByteReader(event, offset, event.length), checksums);
  }

  private Iterator<BinlogEvent> decode(ByteReader in, boolean withChecksum) {
    long timestamp = in.uint32();
    int type = in.uint8();
    long server = in.uint32();
    long size = in.uint32();
    long end = in.uint32();
    int flags = in.uint16();
    if (type == FORMAT_DESCRIPTION) {
      return one(formatDescription(timestamp, in));
    }
    int body = (int) size - HEADER - (withChecksum ? CHECKSUM : 0);
    if (type == INCIDENT) {
      throw incident(end, in.slice(body));
    }
    if ((flags & IGNORABLE) == 0 && !isKnown(type)) {
      throw new BinlogFormatException(
          "the binary log has an event of unknown type " + type + ", which ends at byte " + end);
    }
    return decodeBody(timestamp, type, server, in.slice(body));
  }

  /** The source itself says that changes are missing from its log. */
  private static BinlogFormatException incident(long end, ByteReader in) {
    in.skip(2);
    String reason = new String(in.take(Math.min(in.uint8(), in.remaining())), UTF_8);
    return new BinlogFormatException(
        "the source's binary log lacks changes, by an incident event that ends at byte "
            + end
            + ": "
            + reason
            + "; the tables must be copied again");
  }

  private static boolean isKnown(int type) {
    return switch (type) {
      case QUERY,
          XID,
          EXECUTE_LOAD_QUERY,
          TABLE_MAP,
          WRITE_ROWS_1,
          UPDATE_ROWS_1,
          DELETE_ROWS_1,
          HEARTBEAT,
          WRITE_ROWS,
          UPDATE_ROWS,
          DELETE_ROWS,
          GTID,
          XA_PREPARE,
          PARTIAL_UPDATE_ROWS,
          TRANSACTION_PAYLOAD,
          HEARTBEAT_2,
          GTID_TAGGED,
          MARIADB_GTID,
          MARIADB_QUERY_COMPRESSED ->
          true;
      default -> isCompressedRows(type) || HARMLESS.contains(type);
    };
  }

  private static boolean isCompressedRows(int type) {
    return type >= MARIADB_WRITE_ROWS_COMPRESSED_1 && type <= MARIADB_DELETE_ROWS_COMPRESSED;
  }

  private static Iterator<BinlogEvent> one(BinlogEvent event) {
    return List.of(event).iterator();
  }

  private BinlogEvent formatDescription(long timestamp, ByteReader in) {
    in.skip(2);
    String version = new String(in.take(VERSION_BYTES), US_ASCII);
    in.skip(in.remaining() - CHECKSUM - 1);
    checksums = in.uint8() == 1;
    return new BinlogEvent.Format(timestamp, version.substring(0, (version + '\0').indexOf(0)));
  }

  private Iterator<BinlogEvent> decodeBody(long timestamp, int type, long server, ByteReader in) {
    if (type == TRANSACTION_PAYLOAD) {
      return payload(in);
    }
    return one(
        switch (type) {
          case GTID -> gtid(timestamp, in);
          case GTID_TAGGED -> TaggedGtid.read(timestamp, in);
          case MARIADB_GTID -> mariaDbGtid(timestamp, server, in);
          case QUERY -> query(timestamp, in, 0, false);
          case EXECUTE_LOAD_QUERY -> query(timestamp, in, LOAD_DATA_HEADER, false);
          case MARIADB_QUERY_COMPRESSED -> query(timestamp, in, 0, true);
          case XID -> new BinlogEvent.Commit(timestamp);
          case XA_PREPARE ->
              in.uint8() == 1
                  ? new BinlogEvent.Commit(timestamp)
                  : new BinlogEvent.Prepared(timestamp, transactionId(in));
          case TABLE_MAP -> new BinlogEvent.TableMap(timestamp, tables.read(in));
          case WRITE_ROWS_1 -> rows(timestamp, Kind.INSERT, in, Layout.OLD);
          case UPDATE_ROWS_1 -> rows(timestamp, Kind.UPDATE, in, Layout.OLD);
          case DELETE_ROWS_1 -> rows(timestamp, Kind.DELETE, in, Layout.OLD);
          case WRITE_ROWS -> rows(timestamp, Kind.INSERT, in, Layout.NEW);
          case UPDATE_ROWS -> rows(timestamp, Kind.UPDATE, in, Layout.NEW);
          case DELETE_ROWS -> rows(timestamp, Kind.DELETE, in, Layout.NEW);
          case PARTIAL_UPDATE_ROWS -> rows(timestamp, Kind.UPDATE, in, Layout.PARTIAL);
          case HEARTBEAT, HEARTBEAT_2 -> new BinlogEvent.Heartbeat(timestamp);
          default -> other(timestamp, type, in);
        });
  }

  private static BinlogEvent other(long timestamp, int type, ByteReader in) {
    if (isCompressedRows(type)) {
      int index = type - MARIADB_WRITE_ROWS_COMPRESSED_1;
      Kind kind =
          switch (index % 3) {
            case 0 -> Kind.INSERT;
            case 1 -> Kind.UPDATE;
            default -> Kind.DELETE;
          };
      return rows(timestamp, kind, in, index >= 3 ? Layout.NEW_COMPRESSED : Layout.OLD_COMPRESSED);
    }
    return new BinlogEvent.Ignored(timestamp, type);
  }

  private static BinlogEvent gtid(long timestamp, ByteReader in) {
    in.skip(1);
    String source = uuid(in.take(16));
    long number = in.int64();
    boolean clock = in.remaining() >= 17 && in.uint8() == 2;
    long lastCommitted = clock ? in.int64() : 0;
    long sequence = clock ? in.int64() : 0;
    return new BinlogEvent.Gtid(
        timestamp, source + ":" + number, false, lastCommitted, sequence, false);
  }

  /** An XA id in the form in which servers write XA COMMIT to their logs. */
  private static String transactionId(ByteReader in) {
    long format = in.uint32();
    int first = (int) in.uint32();
    int second = (int) in.uint32();
    HexFormat hex = HexFormat.of();
    return "X'%s',X'%s',%d"
        .formatted(hex.formatHex(in.take(first)), hex.formatHex(in.take(second)), format);
  }

  static String uuid(byte[] source) {
    String hex = HexFormat.of().formatHex(source);
    return hex.substring(0, 8)
        + "-"
        + hex.substring(8, 12)
        + "-"
        + hex.substring(12, 16)
        + "-"
        + hex.substring(16, 20)
        + "-"
        + hex.substring(20);
  }

  private static BinlogEvent mariaDbGtid(long timestamp, long server, ByteReader in) {
    String sequence = Long.toUnsignedString(in.int64());
    long domain = in.uint32();
    int flags = in.uint8();
    boolean standalone = (flags & MARIADB_STANDALONE) != 0;
    String gtid = domain + "-" + server + "-" + sequence;
    return new BinlogEvent.Gtid(timestamp, gtid, !standalone, 0, 0, isAnnouncement(flags, in));
  }

  /** START ALTER and ROLLBACK ALTER; what takes effect comes with COMMIT ALTER. */
  private static boolean isAnnouncement(int flags, ByteReader in) {
    if ((flags & MARIADB_GROUP_COMMIT) != 0) {
      in.skip(Math.min(8, in.remaining()));
    }
    if ((flags & MARIADB_XA) != 0) {
      return false;
    }
    int more = in.remaining() > 0 ? in.uint8() : 0;
    return (more & MARIADB_UNFINISHED_ALTER) != 0;
  }

  /**
   * @param more bytes of header that the event has besides those of a plain statement
   */
  private BinlogEvent query(long timestamp, ByteReader in, int more, boolean compressed) {
    in.skip(8);
    int databaseLength = in.uint8();
    in.skip(2);
    int length = in.uint16();
    in.skip(more);
    QueryVariables variables = QueryVariables.read(in.slice(length), format);
    String database = new String(in.take(databaseLength), UTF_8);
    in.skip(1);
    byte[] sql = compressed ? MariaDbCompression.expand(in) : in.takeRest();
    return new BinlogEvent.Statement(
        timestamp,
        database,
        plain(text.read(variables.collation(), sql), variables.mode()),
        variables.databases());
  }

  /**
   * In plain quotes. Of what a MariaDB carries out by SET STATEMENT with a sql_mode of its own, the
   * log names that one, but the text is read by the session's: that can't be read where it has any.
   */
  private String plain(String sql, PlainQuotes.Mode mode) {
    if (format.ownModes()
        && mayHaveOwnMode(sql)
        && !PlainQuotes.of(sql, ALL_MODES).equals(PlainQuotes.of(sql, PlainQuotes.Mode.PLAIN))) {
      return StatementText.UNREADABLE + sql;
    }
    return PlainQuotes.of(sql, mode);
  }

  private static boolean mayHaveOwnMode(String sql) {
    String start = sql.stripLeading();
    boolean comment = start.startsWith("/") || start.startsWith("#") || start.startsWith("-");
    if (!comment && !start.regionMatches(true, 0, "set", 0, 3)) {
      return false;
    }
    String lower = start.toLowerCase(Locale.ROOT);
    return lower.contains("statement") && lower.contains("sql_mode");
  }

  /** What besides rows a row event has. */
  private enum Layout {
    OLD(false, false),
    OLD_COMPRESSED(false, true),
    NEW(true, false),
    NEW_COMPRESSED(true, true),
    PARTIAL(true, false);

    private final boolean extra;
    private final boolean compressed;

    Layout(boolean extra, boolean compressed) {
      this.extra = extra;
      this.compressed = compressed;
    }
  }

  private static BinlogEvent rows(long timestamp, Kind kind, ByteReader in, Layout layout) {
    long tableId = in.littleEndian(6);
    int flags = in.uint16();
    if (layout.extra) {
      in.skip(in.uint16() - 2);
    }
    int columns = (int) in.packed();
    BitSet first = bits(in, columns);
    @Nullable BitSet before = kind == Kind.INSERT ? null : first;
    @Nullable BitSet after =
        switch (kind) {
          case INSERT -> first;
          case UPDATE -> bits(in, columns);
          case DELETE -> null;
        };
    return new BinlogEvent.Rows(
        timestamp,
        kind,
        tableId,
        flags,
        layout.compressed,
        layout == Layout.PARTIAL,
        columns,
        before,
        after,
        in);
  }

  /** So many bits, the lowest first; those that fill the last byte may be anything. */
  static BitSet bits(ByteReader in, int count) {
    BitSet bits = BitSet.valueOf(in.take((count + 7) / 8));
    bits.clear(count, Math.max(count, bits.length()));
    return bits;
  }

  /** A compressed transaction: fields of type, length, value; then the events without checksums. */
  private Iterator<BinlogEvent> payload(ByteReader in) {
    long compression = 0;
    while (true) {
      int field = (int) in.packed();
      if (field == 0) {
        break;
      }
      ByteReader value = in.slice((int) in.packed());
      if (field == 2) {
        compression = value.packed();
      }
    }
    InputStream bytes = new ByteArrayInputStream(in.takeRest());
    try {
      return new Payload(compression == UNCOMPRESSED ? bytes : new ZstdInputStream(bytes));
    } catch (IOException e) {
      throw new BinlogFormatException("compressed transaction can't be expanded", e);
    }
  }

  /** Reads the events of a transaction one by one: together they may be very large. */
  private final class Payload implements Iterator<BinlogEvent> {
    private final InputStream in;
    private Iterator<BinlogEvent> event = Collections.emptyIterator();

    Payload(InputStream in) {
      this.in = in;
    }

    @Override
    public boolean hasNext() {
      while (!event.hasNext()) {
        byte[] bytes = read();
        if (bytes.length == 0) {
          return false;
        }
        event = decode(new ByteReader(bytes, 0, bytes.length), false);
      }
      return true;
    }

    @Override
    public BinlogEvent next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return event.next();
    }

    /** The next event's bytes; none at the end. */
    private byte[] read() {
      try {
        byte[] header = in.readNBytes(HEADER);
        if (header.length == 0) {
          in.close();
          return header;
        }
        int size = (int) new ByteReader(header, 9, HEADER).uint32();
        byte[] bytes = Arrays.copyOf(header, size);
        if (in.readNBytes(bytes, HEADER, size - HEADER) < size - HEADER) {
          throw new BinlogFormatException("compressed transaction ends within an event");
        }
        return bytes;
      } catch (IOException e) {
        throw new BinlogFormatException("compressed transaction can't be expanded", e);
      }
    }
  }
}
