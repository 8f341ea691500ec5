package dev.shunt.saga;

import dev.shunt.topo.LockWait;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoLock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * Locks of keyspaces beside the workflow's own lock, so that a vtctld that runs beside this one
 * stays out. They are taken in the order of their names, whatever the direction. Other workflows of
 * the keyspaces wait for them in line: whoever needs them for writes to the topology only takes
 * them for these.
 */
public final class KeyspaceLocks implements AutoCloseable {
  /** How long a lock of another tool is waited for, as Vitess does. */
  private static final Duration OTHERS = SagaSettings.DEFAULT.foreignLockWait();

  /** How long the line of other workflows is waited in. */
  private static final Duration LINE = SagaSettings.DEFAULT.lockWait();

  private final List<TopoLock> held = new ArrayList<>();
  private final TopoLock workflow;

  private KeyspaceLocks(TopoLock workflow) {
    this.workflow = workflow;
  }

  /**
   * Locks keyspaces; publishes whom it waits for.
   *
   * @param action what for, shown to whoever waits
   * @throws dev.shunt.topo.TopoException TIMEOUT when another tool kept one of them for 45 s, or
   *     the line took 10 minutes
   */
  public static KeyspaceLocks of(Run run, Topo topo, String action, Collection<String> keyspaces) {
    KeyspaceLocks locks = new KeyspaceLocks(run.lock());
    LockWait wait = new LockWait(OTHERS, LINE, run::waitsFor);
    try {
      for (String keyspace : new TreeSet<>(keyspaces)) {
        locks.held.add(topo.lockKeyspace(keyspace, action, run.lock().ttl(), wait));
      }
      return locks;
    } catch (RuntimeException | Error e) {
      locks.close();
      throw e;
    }
  }

  /** All of them with the workflow's, to guard a transaction. */
  public List<TopoLock> guards() {
    List<TopoLock> all = new ArrayList<>(held);
    all.add(workflow);
    return all;
  }

  /**
   * As {@link #of}, released at the latest when the run ends; the run ends when one of them is
   * lost.
   */
  public static KeyspaceLocks during(
      Run run, Topo topo, String action, Collection<String> keyspaces) {
    KeyspaceLocks locks = of(run, topo, action, keyspaces);
    run.closeAtEnd(locks);
    locks.held.forEach(run::stopWhenLost);
    return locks;
  }

  @Override
  public void close() {
    for (TopoLock lock : held.reversed()) {
      lock.close();
    }
    held.clear();
  }
}
