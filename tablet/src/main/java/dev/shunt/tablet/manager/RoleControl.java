package dev.shunt.tablet.manager;

import dev.shunt.tablet.RpcException;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.Map;

/** What a tablet is in the topology, and how callers change it. */
public interface RoleControl {
  /** Its type now. */
  Topodata.TabletType type();

  /**
   * Reads from the topology again what it says to this tablet.
   *
   * @param wait how long statements that were let through before may take
   */
  void refresh(Duration wait) throws InterruptedException;

  /**
   * Makes it a tablet of another type until it is started again; a primary stays one.
   *
   * @throws RpcException INVALID_ARGUMENT for no type, FAILED_PRECONDITION for a drained tablet
   *     that is to be drained, DEADLINE_EXCEEDED when statements don't end; nothing changes then
   */
  void changeType(Topodata.TabletType type) throws InterruptedException;

  /**
   * Changes the tags of its record.
   *
   * @param tags an empty value removes a tag
   * @param replace whether they take the place of all tags
   * @return the tags it has then
   */
  Map<String, String> changeTags(Map<String, String> tags, boolean replace);
}
