package dev.shunt.saga.world;

import dev.shunt.saga.Run;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.TopoLock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Locks of keyspaces beside the workflow's own lock, so that a vtctld that runs beside this one
 * stays out. They are taken in the order of their names, whatever the direction.
 */
public final class Locks implements AutoCloseable {
  private static final Duration WAIT = Duration.ofSeconds(45);

  private final List<TopoLock> held = new ArrayList<>();
  private final TopoLock workflow;

  private Locks(TopoLock workflow) {
    this.workflow = workflow;
  }

  /**
   * Locks keyspaces.
   *
   * @param workflow the workflow's lock, held already
   * @param action what for, shown to whoever waits
   * @throws TopoException TIMEOUT after 45 s
   */
  public static Locks of(
      Topo topo, TopoLock workflow, String action, Duration ttl, List<String> keyspaces) {
    Locks locks = new Locks(workflow);
    try {
      for (String keyspace : new TreeSet<>(keyspaces)) {
        locks.held.add(topo.lockKeyspace(keyspace, action, ttl, WAIT));
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
   * As {@link #of}, with the workflow's lock of a run, released at the latest when the run ends.
   */
  public static Locks during(Run run, Topo topo, String action, Duration ttl, List<String> names) {
    Locks locks = of(topo, run.lock(), action, ttl, names);
    run.closeAtEnd(locks);
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
