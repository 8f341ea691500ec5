package dev.shunt.tablet.vstreamer.binlog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.shunt.tablet.schema.DoubleText;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;

/** Reads one non-NULL cell of a row image and gives the bytes a text SELECT would give. */
@FunctionalInterface
public interface CellReader {
  /** What stands for a cell that was passed over. */
  byte[] PASSED = {};

  byte[] read(ByteReader in);

  /**
   * The reader for a column.
   *
   * @param type type code of the table map
   * @param metadata the column's metadata bytes, first byte lowest
   * @throws BinlogFormatException when the type can't be rendered exactly
   */
  static CellReader of(int type, int metadata, ColumnFacts facts) {
    return switch (type) {
      case LoggedColumnType.TINY -> integer(1, facts);
      case LoggedColumnType.SHORT -> integer(2, facts);
      case LoggedColumnType.INT24 -> integer(3, facts);
      case LoggedColumnType.LONG -> integer(4, facts);
      case LoggedColumnType.LONGLONG -> integer(8, facts);
      case LoggedColumnType.FLOAT ->
          in -> ascii(DoubleText.of(Float.intBitsToFloat((int) in.littleEndian(4))));
      case LoggedColumnType.DOUBLE ->
          in -> ascii(DoubleText.of(Double.longBitsToDouble(in.int64())));
      case LoggedColumnType.NEWDECIMAL -> decimal(metadata & 0xff, metadata >> 8, facts);
      case LoggedColumnType.DATE, LoggedColumnType.NEWDATE -> in -> ascii(TemporalText.date(in));
      case LoggedColumnType.YEAR -> in -> ascii(TemporalText.year(in));
      case LoggedColumnType.TIMESTAMP -> in -> ascii(TemporalText.oldTimestamp(in));
      case LoggedColumnType.TIMESTAMP2 -> in -> ascii(TemporalText.timestamp(in, metadata));
      case LoggedColumnType.DATETIME -> in -> ascii(TemporalText.oldDateTime(in));
      case LoggedColumnType.DATETIME2 -> in -> ascii(TemporalText.dateTime(in, metadata));
      case LoggedColumnType.TIME -> in -> ascii(TemporalText.oldTime(in));
      case LoggedColumnType.TIME2 -> in -> ascii(TemporalText.time(in, metadata));
      case LoggedColumnType.VARCHAR, LoggedColumnType.VAR_STRING -> {
        int lengthBytes = metadata < 256 ? 1 : 2;
        yield in -> in.take((int) in.littleEndian(lengthBytes));
      }
      case LoggedColumnType.BLOB,
          LoggedColumnType.TINY_BLOB,
          LoggedColumnType.MEDIUM_BLOB,
          LoggedColumnType.LONG_BLOB,
          LoggedColumnType.GEOMETRY,
          LoggedColumnType.VECTOR ->
          in -> in.take(Math.toIntExact(in.littleEndian(metadata)));
      case LoggedColumnType.VARCHAR_COMPRESSED -> {
        int lengthBytes = metadata < 256 ? 1 : 2;
        yield in -> MariaDbCompression.cell(in.slice((int) in.littleEndian(lengthBytes)));
      }
      case LoggedColumnType.BLOB_COMPRESSED ->
          in -> MariaDbCompression.cell(in.slice(Math.toIntExact(in.littleEndian(metadata))));
      case LoggedColumnType.JSON ->
          in -> BinaryJsonText.of(in.take(Math.toIntExact(in.littleEndian(metadata))));
      case LoggedColumnType.BIT -> {
        int length = (metadata >> 8) + ((metadata & 0xff) > 0 ? 1 : 0);
        yield in -> in.take(length);
      }
      case LoggedColumnType.STRING -> string(metadata, facts);
      case LoggedColumnType.ENUM -> enumeration(metadata >> 8, facts);
      case LoggedColumnType.SET -> set(metadata >> 8, facts);
      default ->
          throw new BinlogFormatException(
              "a column of binary log type " + type + " can't be replicated");
    };
  }

  /** A reader that passes over the cells of a column that nobody asks for. */
  static CellReader passing(int type, int metadata) {
    return switch (LoggedColumnType.real(type, metadata)) {
      case LoggedColumnType.ENUM, LoggedColumnType.SET -> passing(metadata >> 8);
      case LoggedColumnType.TINY -> passing(1);
      case LoggedColumnType.SHORT -> passing(2);
      case LoggedColumnType.INT24 -> passing(3);
      case LoggedColumnType.LONG, LoggedColumnType.FLOAT -> passing(4);
      case LoggedColumnType.LONGLONG, LoggedColumnType.DOUBLE -> passing(8);
      case LoggedColumnType.BLOB,
          LoggedColumnType.TINY_BLOB,
          LoggedColumnType.MEDIUM_BLOB,
          LoggedColumnType.LONG_BLOB,
          LoggedColumnType.BLOB_COMPRESSED,
          LoggedColumnType.GEOMETRY,
          LoggedColumnType.VECTOR,
          LoggedColumnType.JSON ->
          in -> pass(in, Math.toIntExact(in.littleEndian(metadata)));
      case LoggedColumnType.VARCHAR,
          LoggedColumnType.VAR_STRING,
          LoggedColumnType.VARCHAR_COMPRESSED -> {
        int lengthBytes = metadata < 256 ? 1 : 2;
        yield in -> pass(in, (int) in.littleEndian(lengthBytes));
      }
      default -> of(type, metadata, ColumnFacts.PLAIN);
    };
  }

  private static CellReader passing(int bytes) {
    return in -> pass(in, bytes);
  }

  private static byte[] pass(ByteReader in, int bytes) {
    in.skip(bytes);
    return PASSED;
  }

  private static CellReader integer(int bytes, ColumnFacts facts) {
    int shift = 64 - 8 * bytes;
    boolean unsigned = facts.unsigned();
    int width = facts.zerofill();
    return in -> {
      long raw = in.littleEndian(bytes);
      String text = unsigned ? Long.toUnsignedString(raw) : Long.toString(raw << shift >> shift);
      return ascii(padded(text, width));
    };
  }

  private static CellReader decimal(int precision, int scale, ColumnFacts facts) {
    int width = facts.zerofill();
    return in -> ascii(padded(DecimalText.read(in, precision, scale), width));
  }

  /** CHAR and BINARY, and ENUM and SET, which hide behind the same type code. */
  private static CellReader string(int metadata, ColumnFacts facts) {
    int realType = LoggedColumnType.real(LoggedColumnType.STRING, metadata);
    if (realType == LoggedColumnType.ENUM) {
      return enumeration(metadata >> 8, facts);
    }
    if (realType == LoggedColumnType.SET) {
      return set(metadata >> 8, facts);
    }
    int lengthBytes = LoggedColumnType.charLength(metadata) < 256 ? 1 : 2;
    FixedText fixed = facts.fixedText();
    if (fixed != null) {
      return in ->
          fixed.read(Arrays.copyOf(in.take((int) in.littleEndian(lengthBytes)), fixed.length()));
    }
    int binaryLength = facts.binaryLength();
    if (binaryLength > 0) {
      return in -> Arrays.copyOf(in.take((int) in.littleEndian(lengthBytes)), binaryLength);
    }
    return in -> in.take((int) in.littleEndian(lengthBytes));
  }

  private static CellReader enumeration(int bytes, ColumnFacts facts) {
    List<String> elements = facts.elements();
    byte[][] texts = new byte[elements.size() + 1][];
    texts[0] = new byte[0];
    for (int i = 0; i < elements.size(); i++) {
      texts[i + 1] = elements.get(i).getBytes(ISO_8859_1);
    }
    return in -> {
      int index = (int) in.littleEndian(bytes);
      if (index >= texts.length) {
        throw new BinlogFormatException("ENUM index " + index + " has no string");
      }
      return texts[index];
    };
  }

  private static CellReader set(int bytes, ColumnFacts facts) {
    List<String> elements = facts.elements();
    return in -> {
      long bits = in.littleEndian(bytes);
      StringJoiner joined = new StringJoiner(facts.separator());
      for (int i = 0; bits != 0; i++, bits >>>= 1) {
        if ((bits & 1) != 0) {
          if (i >= elements.size()) {
            throw new BinlogFormatException("SET member " + i + " has no string");
          }
          joined.add(elements.get(i));
        }
      }
      return joined.toString().getBytes(ISO_8859_1);
    };
  }

  private static String padded(String text, int width) {
    return text.length() >= width ? text : "0".repeat(width - text.length()) + text;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }
}
