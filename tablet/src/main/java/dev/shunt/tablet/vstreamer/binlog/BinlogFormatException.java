package dev.shunt.tablet.vstreamer.binlog;

/** The binary log holds something that can't be read or must not be guessed. */
public final class BinlogFormatException extends RuntimeException {
  public BinlogFormatException(String message) {
    super(message);
  }

  public BinlogFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
