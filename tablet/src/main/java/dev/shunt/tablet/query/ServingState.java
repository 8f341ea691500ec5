package dev.shunt.tablet.query;

import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * As what a tablet serves queries, whether it does, and if not, why. Statements hold a pass while
 * they are under way, so that who stops them knows when the last has been answered.
 *
 * <pre>
 *   serving ──drain(why)──▶ draining: only statements of open transactions are let through
 *   draining ──become(role, why)──▶ not serving      any ──become(role, "")──▶ serving
 * </pre>
 */
public final class ServingState {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long version;
  private Role role;
  private String reason = "the tablet is starting";
  private boolean draining;
  private boolean over;
  private int alone;
  private int inTransactions;

  /**
   * What a tablet is.
   *
   * @param type its type
   * @param primaryTermStart since when it is primary, in seconds since 1970; 0 when it is not
   */
  public record Role(Topodata.TabletType type, long primaryTermStart) {}

  /** Doesn't serve at first. */
  public ServingState(Role role) {
    this.role = role;
  }

  /** What a statement holds from before it is sent until it is answered. */
  public final class Pass implements AutoCloseable {
    private final boolean inTransaction;

    private Pass(boolean inTransaction) {
      this.inTransaction = inTransaction;
    }

    @Override
    public void close() {
      lock.lock();
      try {
        if (inTransaction) {
          inTransactions--;
        } else {
          alone--;
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** What the tablet is. */
  public Role role() {
    lock.lock();
    try {
      return role;
    } finally {
      lock.unlock();
    }
  }

  /** The tablet serves as what it is. */
  public void serve() {
    become(role(), "");
  }

  /** The tablet doesn't serve, for this reason. */
  public void refuse(String why) {
    become(role(), why);
  }

  /** The tablet is this from now on; it serves when there is no reason not to. */
  public void become(Role newRole, String why) {
    set(newRole, why, false);
  }

  /** The tablet never serves again. */
  public void end(String why) {
    lock.lock();
    try {
      refuse(why);
      over = true;
    } finally {
      lock.unlock();
    }
  }

  /** Whether it never serves again. */
  public boolean over() {
    lock.lock();
    try {
      return over;
    } finally {
      lock.unlock();
    }
  }

  /** Begins no more statements, except in transactions that are open. */
  public void drain(String why) {
    set(role(), why, true);
  }

  private void set(Role newRole, String why, boolean drain) {
    lock.lock();
    try {
      if (over) {
        return;
      }
      draining = drain;
      if (!reason.equals(why) || !role.equals(newRole)) {
        reason = why;
        role = newRole;
        version++;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Why it doesn't serve; empty when it does. */
  public String reason() {
    lock.lock();
    try {
      return reason;
    } finally {
      lock.unlock();
    }
  }

  /** Grows with each change. */
  long version() {
    lock.lock();
    try {
      return version;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes sure that callers mean what the tablet is.
   *
   * @throws RpcException FAILED_PRECONDITION when they don't
   */
  void check(Topodata.TabletType wanted) {
    lock.lock();
    try {
      if (wanted != role.type) {
        throw new RpcException(
            Status.Code.FAILED_PRECONDITION,
            "wrong tablet type: " + wanted + ", want: " + role.type);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets a statement through.
   *
   * @param wanted what its sender takes the tablet for; null for whatever it is
   * @param inTransaction whether it belongs to a transaction that was opened before
   * @throws RpcException FAILED_PRECONDITION when the tablet is something else, UNAVAILABLE when it
   *     doesn't serve
   */
  Pass enter(Topodata.@Nullable TabletType wanted, boolean inTransaction) {
    lock.lock();
    try {
      if (wanted != null) {
        check(wanted);
      }
      if (!reason.isEmpty() && !(draining && inTransaction)) {
        throw new RpcException(
            Status.Code.UNAVAILABLE, "operation not allowed in state NOT_SERVING: " + reason);
      }
      if (inTransaction) {
        inTransactions++;
      } else {
        alone++;
      }
      return new Pass(inTransaction);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until no statement outside of open transactions is under way; false if it takes longer.
   */
  public boolean awaitNoneAlone(long nanos) throws InterruptedException {
    return awaitNone(nanos, false);
  }

  /** Waits until no statement at all is under way; false if it takes longer. */
  public boolean awaitNone(long nanos) throws InterruptedException {
    return awaitNone(nanos, true);
  }

  private boolean awaitNone(long nanos, boolean transactions) throws InterruptedException {
    long remaining = nanos;
    lock.lockInterruptibly();
    try {
      while (alone > 0 || (transactions && inTransactions > 0)) {
        if (remaining <= 0) {
          return false;
        }
        remaining = changed.awaitNanos(remaining);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a change after a version, at most so long. */
  void awaitChange(long seen, long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    lock.lockInterruptibly();
    try {
      while (version == seen && deadline - System.nanoTime() > 0) {
        var unused = changed.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    } finally {
      lock.unlock();
    }
  }
}
