package dev.shunt.tablet.vstreamer.binlog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.shunt.mysql.LogFormat;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * What a table map gives of columns beyond what takes rows apart. How much that is the source's
 * binlog_row_metadata decides: MariaDB's default NO_LOG nothing, MINIMAL signs and character sets,
 * FULL all of it.
 *
 * @param names column names; empty when they are not given
 * @param unsigned whether a numeric column is UNSIGNED, false for others; empty when it is not
 *     given
 * @param elements strings of an ENUM or SET, each char a byte of the column's character set; none
 *     for others and where they are not given
 * @param collations numbers of the collations of texts, ENUMs and SETs; 0 where none is given
 */
public record TableMetadata(
    List<String> names,
    List<Boolean> unsigned,
    List<List<String>> elements,
    List<Integer> collations) {
  private static final int SIGNEDNESS = 1;
  private static final int DEFAULT_CHARSET = 2;
  private static final int COLUMN_CHARSET = 3;
  private static final int COLUMN_NAME = 4;
  private static final int SET_STR_VALUE = 5;
  private static final int ENUM_STR_VALUE = 6;
  private static final int ENUM_AND_SET_DEFAULT_CHARSET = 10;
  private static final int ENUM_AND_SET_COLUMN_CHARSET = 11;

  public TableMetadata {
    names = List.copyOf(names);
    unsigned = List.copyOf(unsigned);
    elements = List.copyOf(elements);
    collations = List.copyOf(collations);
  }

  /**
   * Reads the optional fields at the end of a table map.
   *
   * @param types real type of each column
   * @param format says which columns beside texts have a character set here
   */
  static TableMetadata read(ByteReader in, List<Integer> types, LogFormat format) {
    Reader reader = new Reader(types, format);
    while (in.remaining() > 0) {
      int field = in.uint8();
      reader.field(field, in.slice((int) in.packed()));
    }
    return reader.read();
  }

  /** Gathers the fields; each is about the columns of some types only. */
  private static final class Reader {
    private final List<Integer> types;
    private final int alsoText;
    private final List<String> names = new ArrayList<>();
    private List<Boolean> unsigned = List.of();
    private final List<List<String>> elements;
    private final List<Integer> collations;

    Reader(List<Integer> types, LogFormat format) {
      this.types = types;
      this.alsoText =
          format.spatialAreTexts() ? LoggedColumnType.GEOMETRY : LoggedColumnType.VECTOR;
      this.elements = new ArrayList<>(Collections.nCopies(types.size(), List.of()));
      this.collations = new ArrayList<>(Collections.nCopies(types.size(), 0));
    }

    void field(int field, ByteReader value) {
      switch (field) {
        case SIGNEDNESS -> signs(value);
        case COLUMN_NAME -> {
          while (value.remaining() > 0) {
            names.add(string(value, true));
          }
        }
        case SET_STR_VALUE -> elements(value, columns(type -> type == LoggedColumnType.SET));
        case ENUM_STR_VALUE -> elements(value, columns(type -> type == LoggedColumnType.ENUM));
        case DEFAULT_CHARSET -> mostCharsets(value, columns(this::isText));
        case COLUMN_CHARSET -> charsets(value, columns(this::isText));
        case ENUM_AND_SET_DEFAULT_CHARSET -> mostCharsets(value, columns(Reader::isEnumerated));
        case ENUM_AND_SET_COLUMN_CHARSET -> charsets(value, columns(Reader::isEnumerated));
        default -> {}
      }
    }

    private boolean isText(int type) {
      return LoggedColumnType.isText(type) || type == alsoText;
    }

    private static boolean isEnumerated(int type) {
      return type == LoggedColumnType.ENUM || type == LoggedColumnType.SET;
    }

    private int[] columns(IntPredicate wanted) {
      return IntStream.range(0, types.size()).filter(i -> wanted.test(types.get(i))).toArray();
    }

    /** A bit for each numeric column, the highest of a byte first. */
    private void signs(ByteReader value) {
      int[] numeric = columns(LoggedColumnType::isNumeric);
      if (value.remaining() != (numeric.length + 7) / 8) {
        return; // of some type that this does not know
      }
      unsigned = new ArrayList<>(Collections.nCopies(types.size(), false));
      int bits = 0;
      for (int i = 0; i < numeric.length; i++) {
        bits = i % 8 == 0 ? value.uint8() : bits << 1;
        unsigned.set(numeric[i], (bits & 0x80) != 0);
      }
    }

    private void elements(ByteReader value, int[] columns) {
      for (int column : columns) {
        List<String> strings = new ArrayList<>();
        for (long left = value.packed(); left > 0; left--) {
          strings.add(string(value, false));
        }
        elements.set(column, List.copyOf(strings));
      }
    }

    private static String string(ByteReader in, boolean utf8) {
      return new String(in.take((int) in.packed()), utf8 ? UTF_8 : ISO_8859_1);
    }

    /** One collation for all columns, then those that differ: which of them, and their own. */
    private void mostCharsets(ByteReader value, int[] columns) {
      int usual = (int) value.packed();
      for (int column : columns) {
        collations.set(column, usual);
      }
      while (value.remaining() > 0) {
        int place = (int) value.packed();
        int collation = (int) value.packed();
        if (place < columns.length) {
          collations.set(columns[place], collation);
        }
      }
    }

    private void charsets(ByteReader value, int[] columns) {
      for (int i = 0; i < columns.length && value.remaining() > 0; i++) {
        collations.set(columns[i], (int) value.packed());
      }
    }

    TableMetadata read() {
      return new TableMetadata(names, unsigned, elements, collations);
    }
  }
}
