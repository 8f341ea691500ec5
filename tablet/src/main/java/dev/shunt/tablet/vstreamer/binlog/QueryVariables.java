package dev.shunt.tablet.vstreamer.binlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.shunt.mysql.LogFormat;
import dev.shunt.workflow.sql.lexer.PlainQuotes;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The status variables of a query event that a stream has a use for ("Query_event" in MySQL's
 * source documentation). MariaDB writes the same up to the character set, and no databases.
 *
 * @param mode what quotes of the statement mean, by its session's sql_mode
 * @param collation number of a collation of the client's character set; 0 when it is not known
 * @param databases all databases that the statement wrote to, also by triggers, functions and
 *     views; empty when the event does not name them
 */
record QueryVariables(PlainQuotes.Mode mode, int collation, Optional<Set<String>> databases) {
  private static final int SQL_MODE = 1;
  private static final int CHARSET = 4;
  private static final int DATABASES = 12;

  // Bits of a sql_mode, the same on both.
  private static final long ANSI_QUOTES = 1L << 2;
  private static final long MSSQL = 1L << 10;
  private static final long NO_BACKSLASH_ESCAPES = 1L << 20;

  /** More than the event has room for. */
  private static final int TOO_MANY = 254;

  static QueryVariables read(ByteReader in, LogFormat format) {
    PlainQuotes.Mode mode = PlainQuotes.Mode.PLAIN;
    int collation = 0;
    while (in.remaining() > 0) {
      int code = in.uint8();
      switch (code) {
        case 0, 3, 10 -> in.skip(4); // flags, auto increment, length
        case SQL_MODE -> mode = mode(in.int64(), format);
        case 9, 17 -> in.skip(8); // updated tables, transaction
        case 2 -> in.skip(in.uint8() + 1); // catalogue of old
        case CHARSET -> {
          collation = in.uint16(); // character_set_client
          in.skip(4);
        }
        case 5, 6 -> in.skip(in.uint8()); // time zone, catalogue
        case 7, 8, 18 -> in.skip(2); // language, collations
        case 11 -> { // user and host
          in.skip(in.uint8());
          in.skip(in.uint8());
        }
        case 13 -> in.skip(3); // microseconds
        case 16, 19, 20 -> in.skip(1); // timestamps, keys, encryption
        case DATABASES -> {
          return new QueryVariables(
              mode, collation, format.namesDatabases() ? names(in) : Optional.empty());
        }
        default -> {
          return new QueryVariables(mode, collation, Optional.empty());
        }
      }
    }
    return new QueryVariables(mode, collation, Optional.empty());
  }

  private static PlainQuotes.Mode mode(long bits, LogFormat format) {
    return new PlainQuotes.Mode(
        (bits & ANSI_QUOTES) != 0,
        format.mssqlMode() && (bits & MSSQL) != 0,
        (bits & NO_BACKSLASH_ESCAPES) != 0);
  }

  private static Optional<Set<String>> names(ByteReader in) {
    int count = in.uint8();
    if (count == TOO_MANY) {
      return Optional.empty();
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < count; i++) {
      int start = in.position();
      while (in.uint8() != 0) { // to the end of the name
      }
      names.add(new String(in.array(), start, in.position() - 1 - start, UTF_8));
    }
    return Optional.of(names);
  }
}
