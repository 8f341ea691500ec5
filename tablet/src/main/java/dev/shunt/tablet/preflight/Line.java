package dev.shunt.tablet.preflight;

import java.util.Locale;

/** The lines of the checklist; {@code docs/preflight.md} lists them by the same ids. */
public enum Line {
  LOG_BIN(Severity.REFUSE, "changes that are not in the binary log never reach the target"),
  BINLOG_FORMAT(
      Severity.REFUSE,
      "a logged statement does not say which rows it changed, so it can't be moved"),
  REPLICA_UPDATES(
      Severity.REFUSE,
      "what this server gets from another one is in its tables but not in its own binary log"),
  GTID_MODE(Severity.REFUSE, "without GTIDs there is no position that a stream could go on from"),
  LOG_FILTER(Severity.REFUSE, "changes of the database are kept out of the binary log"),
  LOG_FILTER_OTHERS(
      Severity.WARN,
      "statements that change tables from a session whose default database is filtered are not"
          + " logged, such as TRUNCATE or ALTER TABLE"),
  REPLICA_FILTER(
      Severity.REFUSE,
      "what the replica leaves out is missing on it, while its position says that it has it"),
  REPLICA_SKIPS(
      Severity.WARN,
      "a replica that passes over errors may lack rows of its source, and the stream with it"),
  INIT_CONNECT(
      Severity.REFUSE, "sessions start with a setting that keeps their changes out of the row log"),
  LOG_ERRORS(
      Severity.REFUSE,
      "when the binary log can't be written the server goes on without it, and changes are lost"),
  GTID_STRICT(
      Severity.WARN,
      "sequence numbers of two servers may be out of order, so that positions of different servers"
          + " can't be compared: a stream waits where it can't tell"),
  ROW_IMAGE(
      Severity.WARN,
      "only a part of each row is logged: a stream ends in Error where it needs another column, such as"
          + " one that an INSERT left out"),
  ROW_METADATA(
      Severity.WARN,
      "rows that were logged before their table was changed are told apart by types only, not by"
          + " names of columns"),
  LOG_EXPIRY(
      Severity.WARN, "a stream that stands still for longer than the log is kept can't go on"),
  DURABILITY(
      Severity.WARN,
      "after a crash of the server its log and its tables may differ, and so may source and target"),
  READ_ONLY(Severity.REFUSE, "rows and positions can't be written"),
  SIDECAR_ENGINE(
      Severity.REFUSE,
      "a position that is not in one transaction with its rows doubles or loses them"),
  ENFORCED_ENGINE(Severity.REFUSE, "new tables would not be InnoDB"),
  REQUIRED_KEY(Severity.WARN, "tables without a primary key can't be created here"),
  GENERATED_KEY(
      Severity.WARN,
      "a table without a key gets a column here that the source does not have, and can't be filled"),
  WAY_BACK(
      Severity.WARN,
      "after a switch nothing, or not everything, can be replicated back to where it came from"),
  ENGINE(
      Severity.REFUSE,
      "only InnoDB has snapshots and transactions, without which rows are doubled or lost"),
  TABLE_KIND(Severity.REFUSE, "only base tables move"),
  SYSTEM_VERSIONED(
      Severity.REFUSE,
      "rows of the past can't be written to the target, so its history would lack"),
  SEQUENCE_DEFAULT(
      Severity.REFUSE, "sequences do not move, so the target can't make the column's default"),
  COMPUTED_BY_SESSION(
      Severity.REFUSE,
      "the target computes it in a session of its own, so it may store another value than the source"),
  NAMES_CASE(Severity.REFUSE, "the names are one and the same to the target's server"),
  SOURCE_TRIGGERS(
      Severity.WARN,
      "they stay on the source, and after a switch act on rows that are replicated back"),
  TARGET_TRIGGERS(
      Severity.WARN,
      "they act on rows that are replicated, which the source's have acted on already"),
  STAYS_BEHIND(Severity.WARN, "it does not move; make it on the target where it is needed"),
  RIGHTS(Severity.REFUSE, "the account lacks rights without which a stream can't run"),
  RIGHTS_WISHED(Severity.WARN, "the account lacks rights without which less can be done or told"),
  NOT_TOLD(Severity.WARN, "the account may not ask, so this part of the checklist is open"),
  VERSION(Severity.WARN, "it was never tried with this server");

  private final Severity severity;
  private final String why;

  Line(Severity severity, String why) {
    this.severity = severity;
    this.why = why;
  }

  /** Short name, such as {@code binlog-format}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What it means when the line does not hold. */
  public Severity severity() {
    return severity;
  }

  /** Why it matters, a clause without a full stop. */
  public String why() {
    return why;
  }
}
