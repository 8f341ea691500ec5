package dev.shunt.tablet.vreplication.writing;

/** A table of the target is not what it was when changes of it were planned. */
public final class TargetChangedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TargetChangedException(String table) {
    this(table, "changed on the target while rows were written to it");
  }

  private TargetChangedException(String table, String what) {
    super("table " + table + " was " + what);
  }

  /** A table has come there since the tables were looked at. */
  public static TargetChangedException made(String table) {
    return new TargetChangedException(table, "made on the target since its tables were looked at");
  }
}
