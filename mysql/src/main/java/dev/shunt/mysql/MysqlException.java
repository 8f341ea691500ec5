package dev.shunt.mysql;

import org.jspecify.annotations.Nullable;

/**
 * A statement that the server refused, or a connection that was lost. Numbers below 2000 and from
 * 3000 come from the server, 2000 to 2999 are the client's own, with the meaning they have in
 * MySQL's client library.
 */
public final class MysqlException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** No connection could be made. */
  public static final int CONNECT_FAILED = 2003;

  /** The connection is closed; nothing was sent. */
  public static final int GONE_AWAY = 2006;

  /** The connection broke; whether the statement took effect is not known. */
  public static final int LOST_CONNECTION = 2013;

  /** The server sent something that the protocol does not allow here. */
  public static final int MALFORMED_PACKET = 2027;

  /** The server wants an authentication that this client does not speak. */
  public static final int AUTHENTICATION = 2059;

  /** The connection was not let through to the server; nothing was sent over it. */
  public static final int SESSION_REFUSED = 2998;

  /** The server is set up in a way that Shunt can't work with. */
  public static final int UNSUITABLE_SERVER = 2999;

  /** The line could not be encrypted as demanded. */
  public static final int TLS_FAILED = 2026;

  private final String sentence;
  private final int errno;
  private final String sqlState;

  public MysqlException(int errno, String sqlState, String message) {
    this(errno, sqlState, message, null);
  }

  public MysqlException(int errno, String sqlState, String message, @Nullable Throwable cause) {
    super(message + " (errno " + errno + ") (sqlstate " + sqlState + ")", cause);
    this.sentence = message;
    this.errno = errno;
    this.sqlState = sqlState;
  }

  /** A connection that a {@link SessionGate} does not let through. */
  public static MysqlException refused(String message) {
    return client(SESSION_REFUSED, message, null);
  }

  static MysqlException client(int errno, String message, @Nullable Throwable cause) {
    return new MysqlException(errno, "HY000", message, cause);
  }

  /** The message without the numbers behind it. */
  String sentence() {
    return sentence;
  }

  /** MySQL's error number, such as 1062 for a duplicate key. */
  public int errno() {
    return errno;
  }

  /** Five characters, such as 23000. */
  public String sqlState() {
    return sqlState;
  }

  /** Whether the connection itself failed: a new one is needed, and it may help. */
  public boolean connectionLost() {
    return errno == CONNECT_FAILED || errno == GONE_AWAY || errno == LOST_CONNECTION;
  }
}
