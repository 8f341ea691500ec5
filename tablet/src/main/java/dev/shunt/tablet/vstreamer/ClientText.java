package dev.shunt.tablet.vstreamer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.tablet.schema.ServerCharsets;
import dev.shunt.tablet.vstreamer.binlog.StatementText;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads statements of the log as their server did. One that is neither ASCII nor UTF-8 the server
 * converts, so that a name in it is the name by which the server knows the table.
 */
final class ClientText implements StatementText {
  /** Longer ones are not sent to be converted; they define no table. */
  private static final int LONGEST = 1 << 20;

  /** Collations of swe7, which has letters where ASCII has brackets. */
  private static final int SWE7 = 10;

  private static final int SWE7_BINARY = 82;

  private static final Pattern LETTERS_OF_SWE7 = Pattern.compile("[\\[\\\\\\]^{|}~]");

  private final MysqlEndpoint endpoint;
  private final Map<Integer, String> charsets = new HashMap<>();

  ClientText(MysqlEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  @Override
  public String read(int collation, byte[] text) {
    if (collation == SWE7 || collation == SWE7_BINARY) {
      return LETTERS_OF_SWE7
          .matcher(new String(text, US_ASCII))
          .replaceAll(String.valueOf(UNREADABLE));
    }
    if (isAscii(text)) {
      return new String(text, US_ASCII);
    }
    String charset = charsets.computeIfAbsent(collation, this::charset);
    // A client of bytes names tables in the server's own UTF-8.
    if (ServerCharsets.isUtf8(charset) || charset.equals("binary")) {
      return new String(text, UTF_8);
    }
    if (charset.isEmpty() || text.length > LONGEST) {
      return new String(text, US_ASCII);
    }
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      return ServerCharsets.text(connection, charset, text)
          .orElseGet(() -> new String(text, US_ASCII));
    }
  }

  private static boolean isAscii(byte[] text) {
    for (byte each : text) {
      if (each < 0) {
        return false;
      }
    }
    return true;
  }

  private String charset(int collation) {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      return ServerCharsets.ofCollation(connection, collation);
    }
  }
}
