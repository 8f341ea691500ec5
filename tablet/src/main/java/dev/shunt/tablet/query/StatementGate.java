package dev.shunt.tablet.query;

import dev.shunt.tablet.RpcException;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.sql.TableName;
import io.grpc.Status;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * The gate that every statement of an application passes. A statement holds its admission from the
 * check until the server has answered it; {@link #awaitDrained} after {@link #set} returns only
 * when no statement that may change a table denied now is still under way. So after it, whoever
 * takes a table lock at the server waits for everything that was let through, and nothing comes
 * after.
 *
 * <pre>
 *   statement:          admit ──(check, enter)──▶ send, answered ──▶ close (leave)
 *   set, awaitDrained:  new rules ──▶ those entered before have left ──▶ return
 * </pre>
 */
public final class StatementGate {
  /** The text by which vtgate recognises the refusal. */
  public static final String DISALLOWED = "disallowed due to rule: enforce denied tables";

  private final String database;
  private final SqlParser parser;
  private final OwnDatabase ownDatabase;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();
  private final Set<Admission> entered = Collections.newSetFromMap(new IdentityHashMap<>());
  private Rules denied = new Rules(Set.of(), false);

  /** Denies nothing at first. */
  public StatementGate(String database, String sidecar, SqlParser parser) {
    this.database = database;
    this.parser = parser;
    this.ownDatabase = new OwnDatabase(database, sidecar, parser);
  }

  /**
   * What is denied.
   *
   * @param tables names in lower case
   * @param all whether it is every table, also one that is made later
   */
  private record Rules(Set<String> tables, boolean all) {
    boolean mayConcern(AppStatement statement) {
      return all || statement.mentions(tables);
    }

    boolean contains(TableName table) {
      return all || tables.contains(table.name().toLowerCase(Locale.ROOT));
    }
  }

  /** What a statement holds while it is under way. */
  public final class Admission implements AutoCloseable {
    private final AppStatement statement;

    private Admission(AppStatement statement) {
      this.statement = statement;
    }

    private boolean mayChange(Rules rules) {
      return switch (statement.kind()) {
        case READ, METADATA, SAVEPOINT -> false;
        case LOCKING_READ, WRITE, DDL, CALL -> rules.mayConcern(statement);
      };
    }

    /** The statement's answer is there, or it never will be sent. */
    @Override
    public void close() {
      lock.lock();
      try {
        entered.remove(this);
        left.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Lets a statement through.
   *
   * @throws RpcException FAILED_PRECONDITION when it touches a denied table, INVALID_ARGUMENT when
   *     that is not certain because it isn't understood, or when it names another database
   */
  public Admission admit(AppStatement statement) {
    requireOwnDatabase(statement);
    return enter(statement);
  }

  /**
   * Makes sure that a statement names no table of another database.
   *
   * @throws RpcException INVALID_ARGUMENT when it does, or when that is not certain
   */
  void requireOwnDatabase(AppStatement statement) {
    ownDatabase.check(statement);
  }

  /** As {@link #admit}, for what {@link #requireOwnDatabase} was asked of before. */
  Admission enter(AppStatement statement) {
    while (true) {
      Rules rules;
      lock.lock();
      try {
        rules = denied;
      } finally {
        lock.unlock();
      }
      check(statement, rules);
      Admission admission = new Admission(statement);
      lock.lock();
      try {
        // The check is slow and done outside; it counts only if the rules are still the same.
        if (rules.equals(denied)) {
          entered.add(admission);
          return admission;
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private void check(AppStatement statement, Rules rules) {
    boolean anyTable =
        statement.kind() != AppStatement.Kind.METADATA
            && statement.kind() != AppStatement.Kind.SAVEPOINT;
    if (!anyTable || !rules.mayConcern(statement)) {
      return;
    }
    if (statement.kind() == AppStatement.Kind.CALL) {
      throw disallowed();
    }
    List<TableName> tables;
    try {
      tables = parser.tables(statement.withoutVariables());
    } catch (SqlException e) {
      if (statement.kind() == AppStatement.Kind.DDL) {
        throw disallowed();
      }
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT,
          "syntax error or unsupported construct: "
              + e.getMessage()
              + "; the statement names a denied table, so it must be understood to be run",
          e);
    }
    if (tables.isEmpty()) {
      if (statement.kind() != AppStatement.Kind.READ) {
        throw disallowed();
      }
      return;
    }
    for (TableName table : tables) {
      boolean here = table.qualifier().isEmpty() || table.qualifier().equalsIgnoreCase(database);
      if (here && rules.contains(table)) {
        throw disallowed();
      }
    }
  }

  private static RpcException disallowed() {
    return new RpcException(Status.Code.FAILED_PRECONDITION, DISALLOWED);
  }

  /** Names of the denied tables, lower case. */
  public Set<String> denied() {
    lock.lock();
    try {
      return denied.tables();
    } finally {
      lock.unlock();
    }
  }

  /** Replaces the rules; statements that were let through before go on. */
  public void set(Set<String> tables) {
    set(tables, false);
  }

  /**
   * As {@link #set(Set)}.
   *
   * @param all whether every table is denied, also one that is made later
   */
  public void set(Set<String> tables, boolean all) {
    Rules rules =
        new Rules(
            tables.stream()
                .map(table -> table.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet()),
            all);
    lock.lock();
    try {
      denied = rules;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until no statement is under way any more that was let through before this call and may
   * change or lock a table which is denied now.
   *
   * @param wait how long to wait at most
   * @throws RpcException DEADLINE_EXCEEDED when some are still under way
   */
  public void awaitDrained(Duration wait) throws InterruptedException {
    long remaining = wait.toNanos();
    lock.lockInterruptibly();
    try {
      Rules rules = denied;
      List<Admission> waitFor =
          entered.stream().filter(admission -> admission.mayChange(rules)).toList();
      while (waitFor.stream().anyMatch(entered::contains)) {
        if (remaining <= 0) {
          long still = waitFor.stream().filter(entered::contains).count();
          throw new RpcException(
              Status.Code.DEADLINE_EXCEEDED,
              still
                  + " statement(s) on tables that are denied now are still running after "
                  + wait.toMillis()
                  + " ms; the tables are denied, repeat the call to wait for them again");
        }
        remaining = left.awaitNanos(remaining);
      }
    } finally {
      lock.unlock();
    }
  }
}
