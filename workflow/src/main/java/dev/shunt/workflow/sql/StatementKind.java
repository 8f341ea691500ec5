package dev.shunt.workflow.sql;

/** What a statement does. */
public enum StatementKind {
  SELECT,
  INSERT,
  REPLACE,
  UPDATE,
  DELETE,
  BEGIN,
  COMMIT,
  ROLLBACK,
  SAVEPOINT,
  SET,
  USE,
  SHOW,
  DDL,
  /** Anything else, for instance LOCK TABLES, CALL or LOAD DATA. */
  OTHER;

  /** Whether it changes rows of tables it names. */
  public boolean writesRows() {
    return this == INSERT || this == REPLACE || this == UPDATE || this == DELETE;
  }
}
