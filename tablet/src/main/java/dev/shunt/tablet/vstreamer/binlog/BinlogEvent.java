package dev.shunt.tablet.vstreamer.binlog;

import java.util.BitSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the binary log says, as far as a stream needs it. */
public sealed interface BinlogEvent {
  /** When the source wrote the event, in seconds since 1970; 0 for artificial events. */
  long timestamp();

  /**
   * A transaction or a single statement starts here.
   *
   * @param gtid the transaction's id as text, without a flavour
   * @param begins whether a transaction is opened by this very event (MariaDB)
   * @param lastCommitted MySQL's logical clock: the transaction this one depends on, else 0
   * @param sequenceNumber MySQL's logical clock: this transaction's number in its file, else 0
   * @param announces whether the statement that follows only begins a change, or gives it up
   *     (MariaDB's ALTER in two phases)
   */
  record Gtid(
      long timestamp,
      String gtid,
      boolean begins,
      long lastCommitted,
      long sequenceNumber,
      boolean announces)
      implements BinlogEvent {}

  /**
   * A statement, among them BEGIN, COMMIT and DDL.
   *
   * @param database the default one
   * @param written all databases that it wrote to; empty when the server does not say
   */
  record Statement(long timestamp, String database, String sql, Optional<Set<String>> written)
      implements BinlogEvent {
    /** The same with another text. */
    public Statement withSql(String text) {
      return new Statement(timestamp, database, text, written);
    }
  }

  /** The transaction commits. */
  record Commit(long timestamp) implements BinlogEvent {}

  /**
   * A transaction was prepared in two phases; its rows commit by a later event.
   *
   * @param id as the log's XA COMMIT has it
   */
  record Prepared(long timestamp, String id) implements BinlogEvent {}

  /** Which table and columns the rows that follow have. */
  record TableMap(long timestamp, TableDefinition table) implements BinlogEvent {}

  /**
   * Rows of a table announced by a table map before.
   *
   * @param partialJson whether after images may have changes of JSON columns in place of values
   */
  record Rows(
      long timestamp,
      Kind kind,
      long tableId,
      int flags,
      boolean compressed,
      boolean partialJson,
      int columns,
      @Nullable BitSet beforePresent,
      @Nullable BitSet afterPresent,
      ByteReader body)
      implements BinlogEvent {}

  /** The source is alive and has nothing to send. */
  record Heartbeat(long timestamp) implements BinlogEvent {}

  /**
   * A file of the log begins.
   *
   * @param version of the server that wrote it, such as {@code 9.7.4}
   */
  record Format(long timestamp, String version) implements BinlogEvent {}

  /** Anything a stream has no use for. */
  record Ignored(long timestamp, int type) implements BinlogEvent {}

  /** What happened to the rows. */
  enum Kind {
    INSERT,
    UPDATE,
    DELETE
  }
}
