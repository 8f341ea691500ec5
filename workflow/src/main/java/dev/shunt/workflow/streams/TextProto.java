package dev.shunt.workflow.streams;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Journal;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.TextFormat;

/** Text form of protobufs, as they stand in tables of {@code _vt}. */
public final class TextProto {
  private TextProto() {}

  /** On one line. */
  public static String print(MessageOrBuilder message) {
    return TextFormat.printer()
        .escapingNonAscii(false)
        .emittingSingleLine(true)
        .printToString(message);
  }

  /** Column {@code source} of a stream; IllegalArgumentException when it is something else. */
  public static BinlogSource binlogSource(String text) {
    try {
      return TextFormat.parse(text, BinlogSource.class);
    } catch (TextFormat.ParseException e) {
      throw new IllegalArgumentException("not a BinlogSource in text form: " + e.getMessage(), e);
    }
  }

  /** Column {@code val} of a journal; IllegalArgumentException when it is something else. */
  public static Journal journal(String text) {
    try {
      return TextFormat.parse(text, Journal.class);
    } catch (TextFormat.ParseException e) {
      throw new IllegalArgumentException("not a Journal in text form: " + e.getMessage(), e);
    }
  }
}
