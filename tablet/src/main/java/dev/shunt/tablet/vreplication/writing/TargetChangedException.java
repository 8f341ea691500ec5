package dev.shunt.tablet.vreplication.writing;

/** A table of the target is not what it was when changes of it were planned. */
public final class TargetChangedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TargetChangedException(String table) {
    super("table " + table + " was changed on the target while rows were written to it");
  }
}
